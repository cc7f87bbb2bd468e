// `explore_mistakes`: a confusion matrix, the pictures behind its numbers, and corrections.

import { button, chooser, element, group, percent, status } from "./controls.js";
import { bind, connect, NOBODY, SLOW } from "./kernel.js";
import { canvas, figure, paintPicture } from "./painting.js";
import { Store } from "./store.js";

const TRAITS = ["row", "column", "page", "chosen", "said"];

export function renderMistakes({ model, el, signal }) {
  const about = model.get("about");
  const { classes, confusion } = about;
  const line = status();
  const kernel = connect(model, signal, tellKernel);
  const state = bind(model, signal, TRAITS, paint);
  const store = new Store(model, kernel, state.schedule, (error) => line.say(error.message, { wrong: true }));
  const several = (count) => `${count} ${count === 1 ? "picture" : "pictures"}`;
  let shown = []; // the pictures of the open page, as far as they are here
  let looked = -1; // the picture that is shown large

  // --- the matrix ------------------------------------------------------------------------------
  const cells = confusion.map((counts, row) => counts.map((count, column) => cell(count, row, column)));
  const grid = element(
    "table",
    { class: "tl-confusion", role: "grid", "aria-label": "Confusion matrix: a row for each true class, a column for each prediction" },
    element("thead", {},
      element("tr", { "aria-hidden": "true" }, element("td"), element("td", { colspan: classes.length, text: "predicted" })),
      element("tr", { role: "row" }, element("td", { text: "true" }), classes.map((text) => element("th", { scope: "col", role: "columnheader", text }))),
    ),
    element("tbody", {}, cells.map((row, i) => element("tr", { role: "row" },
      element("th", { scope: "row", role: "rowheader", title: classes[i], text: classes[i] }),
      row.map((one) => element("td", { role: "gridcell" }, one)),
    ))),
  );
  grid.addEventListener("keydown", walk);
  let stop = [0, 0]; // the cell that Tab goes to

  // --- its pictures ----------------------------------------------------------------------------
  const pairs = confusion
    .flatMap((counts, row) => counts.map((count, column) => ({ count, row, column })))
    .filter(({ count, row, column }) => count && row !== column)
    .sort((a, b) => b.count - a.count);
  const jump = chooser("Go to mistakes", [
    { value: "", text: pairs.length ? "choose …" : "there are none" },
    ...pairs.map(({ count, row, column }) => ({ value: `${row} ${column}`, text: `${classes[row]} taken for ${classes[column]}: ${several(count)}` })),
  ], (v) => v && open(...v.split(" ").map(Number)));
  const title = element("p", { class: "tl-title" });
  const tiles = element("div", { class: "tl-tiles", role: "group", "aria-label": "Pictures of the cell" });
  const before = button("Pictures before", () => turn(-1));
  const behind = button("More pictures", () => turn(1));

  // --- one of them -----------------------------------------------------------------------------
  const picture = canvas(1, 1, "");
  const large = figure("", picture);
  const labels = chooser("Label", about.labels.map((value) => ({ value, text: value })), () => {});
  const give = button("Give this label", () => say({ label: labels.input.value }));
  const take = button("It is as predicted", () => say({ label: classes[model.get("column")] }));
  const right = button("The label is right", () => say({ label: classes[model.get("row")] }));
  const drop = button("Unusable: drop it", () => say({ quality: about.dropped }));
  const undo = button("Take back my last change", () => ask({ kind: "undo" }));
  const changes = [give, take, right, drop, undo];
  const detail = element("div", { class: "tl-detail" },
    large.root,
    group("What is it really?", element("div", { class: "tl-controls" }, take, right, drop),
      element("div", { class: "tl-controls" }, labels.root, give)),
  );

  el.append(
    element("p", { text: about.words }),
    element("div", { class: "tl-controls" }, pairs.length > 0 && jump.root),
    element("div", { class: "tl-matrix" }, grid),
    title,
    tiles,
    element("div", { class: "tl-controls" }, before, behind),
    detail,
    element("div", { class: "tl-controls" }, undo),
    line.root,
    element("p", { class: "tl-small", text:
      `Changes by ${about.annotator} are added to ${about.file}; pictures and folders stay as they are. ` +
      "tl.relabel(images, log) and tl.drop_worst(images, log, below=2) make a set of them." }),
  );
  paint();
  kernel.ask({ kind: "said" }).catch((error) => line.say(error.message, { wrong: true }));

  function cell(count, row, column) {
    const total = confusion[row].reduce((sum, one) => sum + one, 0);
    const words = row === column ? `${classes[row]}, named rightly` : `${classes[row]} taken for ${classes[column]}`;
    const made = button(String(count), () => open(row, column), {
      tabindex: -1, "aria-label": `${words}: ${several(count)}`, "aria-disabled": count ? undefined : "true",
      class: row === column ? "tl-right" : "tl-mistake",
    });
    made.style.setProperty("--tl-share", `${Math.round((55 * count) / (total || 1))}%`);
    return made;
  }

  /** Arrow keys within the matrix, which Tab enters and leaves as one thing. */
  function walk(event) {
    const last = classes.length - 1;
    const moves = {
      ArrowUp: ([r, c]) => [r - 1, c], ArrowDown: ([r, c]) => [r + 1, c],
      ArrowLeft: ([r, c]) => [r, c - 1], ArrowRight: ([r, c]) => [r, c + 1],
      Home: ([r]) => (event.ctrlKey ? [0, 0] : [r, 0]), End: ([r]) => (event.ctrlKey ? [last, last] : [r, last]),
    };
    if (!(event.key in moves) || event.altKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const place = cells.flatMap((row, r) => row.map((one, c) => [one, r, c])).find(([one]) => one === event.target);
    enter(...moves[event.key](place.slice(1)).map((at) => Math.min(last, Math.max(0, at))));
    cells[stop[0]][stop[1]].focus();
  }

  function enter(row, column) {
    cells[stop[0]][stop[1]].tabIndex = -1;
    stop = [row, column];
    cells[row][column].tabIndex = 0;
  }

  function open(row, column) {
    line.say("");
    if (!confusion[row][column]) return line.say(`No picture: ${cells[row][column].getAttribute("aria-label")}.`);
    state.set({ row, column, page: 0, chosen: -1 });
  }

  /** Another page; on the first and the last one the focus goes to the button that is left. */
  function turn(step) {
    state.set({ page: model.get("page") + step, chosen: -1 });
    const [own, other] = step > 0 ? [behind, before] : [before, behind];
    (own.hidden ? other : own).focus();
  }

  function question() {
    return { kind: "cell", row: model.get("row"), column: model.get("column"), page: model.get("page") };
  }

  function say(answer) {
    if (model.get("chosen") >= 0) ask({ kind: "say", number: model.get("chosen"), ...answer });
  }

  /** Send a change; it is on the disk when the kernel has answered. */
  async function ask(change) {
    if (kernel.state === "silent") return;
    line.say("");
    try {
      await kernel.ask(change);
      line.say(change.kind === "undo" ? "Taken back." : `Saved in ${about.file}.`);
    } catch (error) {
      line.say(`Not saved. ${error.message}`, { wrong: true });
    }
  }

  function tellKernel(now) {
    paint();
    if (now === "live") line.say("");
    if (now === "slow") line.say(SLOW);
    if (now === "silent") line.say(`${NOBODY} Pictures that are stored here can be looked at; changes need a running kernel: nothing is recorded now.`);
  }

  // --- painting --------------------------------------------------------------------------------
  function paint() {
    const [row, column, page] = ["row", "column", "page"].map((name) => model.get(name));
    const isOpen = row >= 0 && column >= 0 && row < classes.length && column < classes.length;
    cells.forEach((counts, r) => counts.forEach((one, c) => one.setAttribute("aria-pressed", String(r === row && c === column))));
    enter(...(isOpen ? [row, column] : stop));
    jump.set(isOpen && row !== column && confusion[row][column] ? `${row} ${column}` : "");
    for (const one of changes) one.setAttribute("aria-disabled", String(kernel.state === "silent"));
    if (!isOpen) return [title, tiles, detail, before, behind].forEach((one) => (one.hidden = true));
    const total = confusion[row][column];
    const pages = Math.ceil(total / about.page);
    const words = row === column ? `${classes[row]}, named rightly; the least sure first` : `${classes[row]}, taken for ${classes[column]}; the surest first`;
    const part = pages > 1 ? ` (page ${page + 1} of ${pages})` : "";
    title.textContent = `${several(total)} of ${words}${part}`;
    [before.hidden, behind.hidden] = [page <= 0, page >= pages - 1];
    [title.hidden, tiles.hidden] = [false, false];
    store.want(question());
    const found = store.now(question());
    if (!found && kernel.state === "silent" && !store.holds(question())) line.say(`${NOBODY} These pictures are not stored here.`);
    fill(found);
    paintDetail(found);
  }

  function fill(found) {
    const pictures = found?.pictures ?? [];
    if (pictures !== shown) {
      shown = pictures;
      tiles.replaceChildren(...pictures.map((one, i) => tile(one, i, found.tiles)));
    }
    [...tiles.children].forEach((one, i) => {
      const { number } = pictures[i];
      one.setAttribute("aria-pressed", String(number === model.get("chosen")));
      one.querySelector(".tl-said").textContent = opinion(number) ?? "";
      one.setAttribute("aria-label", described(pictures[i]));
    });
  }

  function tile(one, place, bitmap) {
    const small = canvas(about.side, about.side, "");
    small.setAttribute("aria-hidden", "true"); // the button around it has the words
    if (bitmap) cut(small, bitmap, place);
    const made = button("", () => state.set({ chosen: one.number }), { class: "tl-tile" });
    made.append(small, element("span", { text: percent(one.probability) }), element("span", { class: "tl-said" }));
    return made;
  }

  function cut(target, bitmap, place) {
    const side = about.side;
    target.getContext("2d").drawImage(bitmap, 0, place * side, side, side, 0, 0, side, side);
  }

  function opinion(number) {
    const [label, quality] = model.get("said")[number] ?? [null, null];
    if (quality === about.dropped) return "dropped";
    return label && (label === classes[model.get("row")] ? "label is right" : `now: ${label}`);
  }

  function described({ number, name, probability, of_true, problem }) {
    const [row, column] = [classes[model.get("row")], classes[model.get("column")]];
    const sure = row === column ? "" : `, its label ${percent(of_true)}`;
    const now = opinion(number);
    return `${name}: labelled ${row}, predicted ${column} with ${percent(probability)}${sure}${now ? `; ${now}` : ""}${problem ? `. ${problem}` : ""}`;
  }

  function paintDetail(found) {
    const place = shown.findIndex(({ number }) => number === model.get("chosen"));
    detail.hidden = place < 0;
    if (place < 0) return;
    const one = shown[place];
    const [row, column] = [classes[model.get("row")], classes[model.get("column")]];
    if (one.number !== looked) labels.set(model.get("said")[one.number]?.[0] ?? row);
    looked = one.number;
    const wanted = { kind: "picture", number: one.number };
    if (!one.problem && kernel.state !== "silent") store.want(wanted);
    const whole = store.now(wanted);
    if (whole) paintPicture(picture, whole);
    else if (found.tiles) {
      Object.assign(picture, { width: about.side, height: about.side });
      cut(picture, found.tiles, place);
    }
    picture.setAttribute("aria-label", `The picture ${described(one)}`);
    large.words.textContent = described(one);
    take.textContent = `It is ${column}, as predicted`;
    take.hidden = row === column || !about.labels.includes(column);
    right.textContent = `It is ${row}: the label is right`;
  }
}
