// `explore_networks`: known networks as points, by accuracy, size, work and year.

import { chart, mark, names, shape, span } from "./charts.js";
import { capital, chooser, digits, element, percent, tick } from "./controls.js";
import { bind } from "./kernel.js";

const TRAITS = ["x", "y", "chosen", "hidden"];
const NEAR = 28; // pixels from the pointer to a point that it means

const AXES = {
  year: { title: "year", words: String, told: (v) => `${v}` },
  parameters: {
    title: "parameters, in millions", log: true, words: (v) => digits(v / 1e6, 3), told: (v) => `${large(v)} parameters`,
  },
  multiply_adds: {
    title: "multiply-adds for a picture, in billions", log: true, words: (v) => digits(v / 1e9, 3),
    told: (v) => `${large(v)} multiply-adds`,
  },
  top1: { title: "top-1 accuracy", words: percent, told: (v) => `top-1 accuracy ${percent(v)}` },
};

export function renderNetworks({ model, el, signal }) {
  const { networks, families } = model.get("about");
  const state = bind(model, signal, TRAITS, paint);
  let points = []; // what is drawn: `{network, x, y}`, from left to right

  const options = Object.entries(AXES).map(([value, { title }]) => ({ value, text: title }));
  const across = chooser("Across", options, (v) => state.set({ x: v }));
  const up = chooser("Upwards", options, (v) => state.set({ y: v }));
  const shown = families.map((family, series) => {
    const made = tick(family, (on) => state.set({ hidden: model.get("hidden").filter((f) => f !== family).concat(on ? [] : family) }));
    const sign = shape("svg", { width: 18, height: 16, "aria-hidden": "true" }, mark(series, 9, 8));
    made.root.insertBefore(sign, made.root.lastChild);
    return { family, ...made };
  });
  const prefix = `tl-${Math.random().toString(36).slice(2, 8)}`;
  const drawing = chart(signal, paint, {
    height: 420, role: "listbox", tabindex: 0, "data-lm-suppress-shortcuts": "true",
  });
  const told = element("output", { class: "tl-told", "aria-live": "off" });
  const table = element("table", { class: "tl-table" });
  const summary = element("summary", { text: "The numbers as a table", "data-lm-suppress-shortcuts": "true" });

  el.append(
    element("div", { class: "tl-controls" }, across.root, up.root),
    element("fieldset", {}, element("legend", { text: "Families" }),
      element("div", { class: "tl-controls" }, shown.map(({ root }) => root))),
    element("div", { class: "tl-scroll" }, drawing.root),
    told,
    element("details", {}, summary, element("div", { class: "tl-scroll" }, table)),
  );
  drawing.svg.addEventListener("keydown", press);
  for (const kind of ["pointerdown", "pointermove"]) drawing.svg.addEventListener(kind, point);
  drawing.svg.addEventListener("focus", () => {
    if (!points.some(({ network }) => network.name === model.get("chosen"))) choose(points[0]);
  });
  paint();

  function visible() {
    const hidden = model.get("hidden");
    return networks.filter(({ family }) => !hidden.includes(family));
  }

  /** Those with a number on both axes. */
  function known() {
    const [x, y] = [model.get("x"), model.get("y")];
    return visible().filter((one) => one[x] !== null && one[y] !== null);
  }

  function choose(point) {
    if (point && point.network.name !== model.get("chosen")) state.set({ chosen: point.network.name });
  }

  function press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || !points.length) return;
    const upwards = [...points].sort((a, b) => b.y - a.y);
    const moves = {
      ArrowRight: [points, 1], ArrowLeft: [points, -1], ArrowUp: [upwards, 1], ArrowDown: [upwards, -1],
      Home: [points, -Infinity], End: [points, Infinity],
    };
    const place = (list) => list.findIndex(({ network }) => network.name === model.get("chosen"));
    if (event.key in moves) {
      const [list, step] = moves[event.key];
      choose(list[Math.min(list.length - 1, Math.max(0, place(list) + step))]);
    } else if (event.key === "Escape") {
      state.set({ chosen: "" });
    } else if (event.key.length === 1) {
      const from = place(points) + 1;
      const turned = [...points.slice(from), ...points.slice(0, from)];
      choose(turned.find(({ network }) => network.name.toLowerCase().startsWith(event.key.toLowerCase())));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function point(event) {
    const box = drawing.svg.getBoundingClientRect();
    const scale = drawing.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    const distance = (one) => Math.hypot(one.x - x, one.y - y);
    const nearest = points.reduce((a, b) => (a && distance(a) <= distance(b) ? a : b), undefined);
    if (nearest && distance(nearest) < NEAR) choose(nearest);
  }

  function paint() {
    const [x, y] = [model.get("x"), model.get("y")];
    across.set(x);
    up.set(y);
    shown.forEach(({ family, set }) => set(!model.get("hidden").includes(family)));
    told.textContent = inWords();
    fill();
    if (drawing.width) draw(AXES[x], AXES[y]);
  }

  function draw(x, y) {
    const here = known();
    const axis = (kind, name) => ({ ...kind, whole: name === "year", ...span(here.map((one) => one[name]), kind) });
    const chosen = here.find(({ name }) => name === model.get("chosen"));
    drawing.svg.setAttribute("aria-label", `${capital(y.title)} against ${x.title}: ${here.length} networks. Arrow keys go from one to the next, letters to names.`);
    drawing.svg.removeAttribute("aria-activedescendant");
    points = [];
    if (!here.length) return drawing.svg.replaceChildren();
    const { across, down, box } = drawing.frame(axis(x, model.get("x")), axis(y, model.get("y")));
    points = here.map((network) => ({ network, x: across(network[model.get("x")]), y: down(network[model.get("y")]) }));
    points.sort((a, b) => a.x - b.x || b.y - a.y);
    const first = (one) => Number(one.network === chosen);
    const labels = [...points].sort((a, b) => first(b) - first(a) || a.y - b.y);
    drawing.svg.append(
      ...points.map(({ network, x, y }, i) => option(network, x, y, i, network === chosen)),
      ...names(labels.map(({ network, x, y }) => ({ x, y, text: network.name, r: network === chosen ? 12 : 6 })), box),
    );
    const place = points.findIndex(({ network }) => network === chosen);
    if (place >= 0) drawing.svg.setAttribute("aria-activedescendant", `${prefix}-${place}`);
  }

  function option(network, x, y, place, chosen) {
    const series = families.indexOf(network.family);
    return shape(
      "g",
      { role: "option", id: `${prefix}-${place}`, "aria-selected": String(chosen), "aria-label": toldOf(network) },
      chosen && shape("circle", { cx: x, cy: y, r: 11, class: "tl-ring" }),
      mark(series, x, y, chosen ? 6 : 5),
    );
  }

  function toldOf(network) {
    const numbers = ["top1", "parameters", "multiply_adds"].filter((name) => network[name] !== null);
    const said = numbers.map((name) => AXES[name].told(network[name])).join(", ");
    return `${network.name} (${network.family}, ${network.year}): ${said}.${network.paper ? ` ${network.paper}` : ""}`;
  }

  function inWords() {
    const network = visible().find(({ name }) => name === model.get("chosen"));
    if (network) return toldOf(network);
    const missing = visible().filter((one) => !known().includes(one)).map(({ name }) => name);
    const without = missing.length ? ` Without a number on both axes: ${missing.join(", ")}.` : "";
    return `Point at a network, or go through them with the arrow keys.${without}`;
  }

  function fill() {
    const columns = ["year", "parameters", "multiply_adds", "top1"];
    const rows = [...visible()].sort((a, b) => (a[model.get("x")] ?? Infinity) - (b[model.get("x")] ?? Infinity));
    const head = ["network", "family", ...columns.map((name) => AXES[name].title), "paper"];
    table.replaceChildren(
      element("caption", { text: `${rows.length} networks, by ${AXES[model.get("x")].title}` }),
      element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col", text })))),
      element("tbody", {}, rows.map((one) => element("tr", {},
        element("th", { scope: "row", text: one.name }),
        element("td", { text: one.family }),
        columns.map((name) => element("td", { text: one[name] === null ? "–" : AXES[name].words(one[name]) })),
        element("td", { text: one.paper ?? "" }),
      ))),
    );
  }
}

function large(count) {
  const [unit, name] = count >= 1e9 ? [1e9, "billion"] : count >= 1e6 ? [1e6, "million"] : [1e3, "thousand"];
  return `${digits(count / unit, 3)} ${name}`;
}
