// `annotate`: labels and ratings, one picture after the other, by keys or buttons.

import { button, element, group, status } from "./controls.js";
import { connect, NOBODY, SLOW } from "./kernel.js";
import { canvas, figure, paintPicture, pictureOf } from "./painting.js";

const QUALITIES = ["unusable", "poor", "fair", "good", "perfect"];

export function renderAnnotation({ model, el, signal }) {
  const about = model.get("about");
  const total = about.names.length;
  const line = status();
  const place = status();
  const kernel = connect(model, signal, tellKernel);
  let current; // what the kernel last told of the picture on the screen
  let unsaved = 0; // answers that are on their way
  const ahead = new Map(); // the picture that follows another, asked for while that one is looked at

  const picture = canvas(1, 1, "");
  const shown = figure("", picture);
  const labels = about.labels.map(({ name, key }) =>
    choice(key ? `${name} (${key})` : name, key, () => say({ label: name })),
  );
  const qualities = QUALITIES.map((word, i) => choice(`${i + 1} ${word}`, String(i + 1), () => say({ quality: i + 1 })));
  const before = button("Previous picture", () => go(-1), { "aria-keyshortcuts": "ArrowLeft" });
  const behind = button("Next picture", () => go(1), { "aria-keyshortcuts": "ArrowRight" });
  const undo = button("Undo (u)", takeBack, { "aria-keyshortcuts": "u" });
  const later = button("Next that is not done", () => show(next(current.position)));
  const bar = element("progress", { max: total, value: 0, "aria-label": "Pictures done" });
  const asks = (question) => about.asks.includes(question);
  const keys =
    "Keys, while the picture or a button is in focus: letters for labels, 1 to 5 for the quality, " +
    "u to undo, arrows to the picture before and behind.";
  const stage = element(
    "div",
    {
      class: "tl-stage",
      role: "group",
      tabindex: 0,
      "aria-label": `Picture. ${keys}`,
      "data-lm-suppress-shortcuts": "true",
    },
    shown.root,
  );
  const buttons = [before, behind, undo, later, ...labels, ...qualities];

  el.append(
    place.root,
    bar,
    stage,
    element("p", { text: keys }),
    asks("label") && group("What is on it?", element("div", { class: "tl-controls" }, labels)),
    asks("quality") && group("How good is it to learn from?", element("div", { class: "tl-controls" }, qualities)),
    element("div", { class: "tl-controls" }, undo, before, behind, later),
    line.root,
  );
  el.addEventListener("keydown", press, { signal });
  window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault(), { signal });
  picture.hidden = true;
  enable(false);
  show(kernel.ask({ kind: "next", after: -1 }));

  function choice(text, key, pressed) {
    return button(text, pressed, { "aria-keyshortcuts": key || undefined, "aria-pressed": "false" });
  }

  function enable(on) {
    // Not `disabled`: that would throw the focus out of the widget.
    for (const one of buttons) one.setAttribute("aria-disabled", String(!on));
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !current) return;
    const key = event.key.toLowerCase();
    const pressed = buttons.find((one) => one.isConnected && shortcut(one) === key);
    if (!pressed) return;
    event.preventDefault();
    event.stopPropagation();
    pressed.click();
  }

  function shortcut(one) {
    return one.getAttribute("aria-keyshortcuts")?.toLowerCase();
  }

  function next(position) {
    const asked = ahead.get(position) ?? kernel.ask({ kind: "next", after: position });
    ahead.clear();
    return asked;
  }

  function go(step) {
    if (!current) return;
    const position = (current.position + step + total) % total;
    show(kernel.ask({ kind: "picture", position }));
  }

  /** Send an answer; the next picture comes when the kernel has it on the disk. */
  async function say(answer) {
    if (!current) return;
    const { position } = current;
    unsaved += 1;
    line.say("");
    try {
      const { record } = await kernel.ask({ kind: "say", position, ...answer });
      if (current.position === position) {
        current = { ...current, ...record };
        tell();
        if (record.complete && record.done < total) show(next(position));
      }
    } catch (error) {
      line.say(`Not saved. ${error.message}`, { wrong: true });
    } finally {
      unsaved -= 1;
    }
  }

  function takeBack() {
    ahead.clear(); // the picture that follows may be another now
    show(kernel.ask({ kind: "undo" }));
  }

  async function show(asked) {
    try {
      const { record, buffer } = await asked;
      current = record;
      line.say(record.problem ?? "", { wrong: Boolean(record.problem) });
      picture.hidden = Boolean(record.problem);
      if (!record.problem) paintPicture(picture, await pictureOf(record, buffer));
      enable(true);
      tell();
      if (!ahead.has(record.position)) {
        ahead.clear();
        const following = kernel.ask({ kind: "next", after: record.position });
        following.catch(() => ahead.delete(record.position)); // asked again when it is needed
        ahead.set(record.position, following);
      }
    } catch (error) {
      line.say(error.message, { wrong: true });
    }
  }

  function tell() {
    const name = about.names[current.position];
    picture.setAttribute("aria-label", `The picture ${name}`);
    const finished = current.done === total ? " Everything is done." : "";
    const done = `${current.done} done by ${about.annotator}, in ${about.file}.`;
    place.say(`Picture ${current.position + 1} of ${total}: ${name}. ${done}${finished}`);
    bar.value = current.done;
    about.labels.forEach((label, i) => labels[i].setAttribute("aria-pressed", String(label.name === current.label)));
    qualities.forEach((one, i) => one.setAttribute("aria-pressed", String(i + 1 === current.quality)));
  }

  function tellKernel(now) {
    enable(now !== "silent" && Boolean(current));
    if (now === "live") line.say("");
    const waiting = unsaved ? ` ${unsaved} answer${unsaved > 1 ? "s are" : " is"} not saved yet.` : "";
    if (now === "slow") line.say(`${SLOW}${waiting}`);
    if (now === "silent") line.say(`${NOBODY} Annotating needs a running kernel: nothing is recorded now.`);
  }
}
