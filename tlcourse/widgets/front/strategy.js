// `explore_strategy`: a point in the size-similarity matrix, and what learns there.

import { chart, mark, names, shape } from "./charts.js";
import { capital, chooser, digits, element, number, slider, status } from "./controls.js";
import { bind } from "./kernel.js";

const TRAITS = ["pictures", "similarity", "judgement", "classes"];
const STEPS = [10, 12, 15, 20, 25, 30, 40, 50, 60, 80];

export function renderStrategy({ model, el, signal }) {
  const about = model.get("about");
  const state = bind(model, signal, TRAITS, paint);
  const ladder = steps(about);
  let frame; // where values lie in the matrix, as drawn last

  const pictures = slider("Pictures a class", { max: ladder.length - 1, words: sizeWords }, (at) => state.set({ pictures: ladder[at] }));
  const similarity = slider("Similarity to what the network knows", { max: 100, words: likenessWords }, (v) => state.set({ similarity: v / 100 }));
  const judgement = chooser(
    "Similar or different?",
    [
      { value: "measured", text: `the similarity decides: ${about.known} and more is similar` },
      { value: "similar", text: "similar: I know these pictures" },
      { value: "different", text: "different: I know these pictures" },
    ],
    (v) => state.set({ judgement: v }),
  );
  const classes = number("Number of classes", { min: 2, max: 1000 }, (v) => state.set({ classes: v }));
  const matrix = chart(signal, draw, { height: 300, role: "img", class: "tl-touch" });
  const said = status();
  const watch = element("ul");
  const blocks = element("ol", { class: "tl-blocks" });
  const counts = element("p");

  for (const kind of ["pointerdown", "pointermove"]) {
    matrix.svg.addEventListener(kind, (event) => event.buttons && point(event));
  }
  el.append(
    element("div", { class: "tl-controls tl-wide" }, pictures.root, similarity.root),
    element("div", { class: "tl-controls" }, judgement.root, classes.root),
    matrix.root,
    said.root,
    element("div", {}, element("p", { class: "tl-title", text: "What to watch" }), watch),
    element("div", {}, element("p", { class: "tl-title", text: `What learns, from the pixels on: ${about.network} and a new head` }), blocks),
    counts,
    element("p", { class: "tl-small", text: about.reference }),
  );
  paint();

  function isLarge() {
    return model.get("pictures") >= about.large;
  }

  function isSimilar() {
    const own = model.get("judgement");
    return own === "measured" ? model.get("similarity") >= about.known : own === "similar";
  }

  function fieldName(large = isLarge(), similar = isSimilar()) {
    return `${large ? "large" : "small"} and ${similar ? "similar" : "different"}`;
  }

  function sizeWords(at) {
    const now = model.get("pictures");
    const count = at === nearest(now) ? now : ladder[at];
    const more = at === ladder.length - 1 ? " or more" : "";
    return `${whole(count)}${more}: ${count >= about.large ? "large" : "small"}`;
  }

  function likenessWords(v) {
    const own = model.get("judgement");
    if (own !== "measured") return `${(v / 100).toFixed(2)}, but your own word counts: ${own}`;
    return `${(v / 100).toFixed(2)}: ${v / 100 >= about.known ? "similar" : "different"}`;
  }

  /** The place on the slider that comes next to a number, by factors. */
  function nearest(count) {
    const far = (value) => Math.abs(Math.log(value / count));
    return ladder.reduce((best, value, i) => (far(value) < far(ladder[best]) ? i : best), 0);
  }

  function point(event) {
    if (!frame) return;
    const box = matrix.svg.getBoundingClientRect();
    const share = (value, from, to) => Math.min(1, Math.max(0, (value - from) / (to - from)));
    const across = share(event.clientX - box.left, frame.box.left, frame.box.right);
    const up = share(event.clientY - box.top, frame.box.bottom, frame.box.top);
    state.set({ pictures: ladder[nearest(about.most ** across)], similarity: Math.round(100 * up) / 100 });
  }

  function paint() {
    pictures.set(nearest(model.get("pictures")));
    similarity.set(Math.round(100 * model.get("similarity")));
    judgement.set(model.get("judgement"));
    classes.set(model.get("classes"));
    const { strategy, why, watch: care } = about.quadrants[fieldName()];
    said.say(`${capital(fieldName())}: ${strategy}. ${why}`);
    watch.replaceChildren(...care.map((text) => element("li", { text })));
    paintBlocks(strategy);
    draw();
  }

  function paintBlocks(strategy) {
    const head = (about.features + 1) * model.get("classes");
    const every = [...about.blocks, { name: "new head", layers: 1, parameters: head, trained: { [strategy]: [1, head] } }];
    blocks.replaceChildren(...every.map((block) => card(block, ...block.trained[strategy])));
    const sum = (of) => every.reduce((total, block) => total + of(block), 0);
    const [trained, total] = [sum((one) => one.trained[strategy][1]), sum((one) => one.parameters)];
    const [layers, all] = [sum((one) => one.trained[strategy][0]), sum((one) => one.layers)];
    const seen = model.get("pictures") * model.get("classes");
    counts.textContent =
      `${about.strategies[strategy]} Trained: ${whole(trained)} of ${whole(total)} parameters ` +
      `(${roughly(trained / total)}), in ${layers} of ${all} layers; frozen: ${whole(total - trained)}. ` +
      `That is ${each(trained / seen)} trained parameters for each of ${whole(seen)} pictures.`;
  }

  function card({ name, layers, parameters }, learning, numbers) {
    // What learns of a block without layers of its own (BatchNorm alone) is told by its numbers.
    const part = learning && learning < layers;
    const words = !numbers ? "frozen" : part ? `${learning} of ${layers} trained` : "trained";
    const kind = !numbers ? "" : part ? "tl-part" : "tl-trained";
    return element(
      "li",
      { class: kind },
      element("strong", { text: name }),
      element("span", { text: `${layers} ${layers === 1 ? "layer" : "layers"}, ${short(parameters)}` }),
      element("span", { class: "tl-state", text: words }),
    );
  }

  function draw() {
    if (!matrix.width) return;
    const x = { low: 1, high: about.most, log: true, title: "pictures a class", words: whole };
    const y = { low: 0, high: 1, title: "similarity: confidence of the ImageNet head", words: (v) => v.toFixed(1) };
    frame = matrix.frame(x, y);
    const { across, down, box } = frame;
    const [divide, level] = [across(about.large), down(about.known)];
    const here = { x: across(Math.min(about.most, model.get("pictures"))), y: down(model.get("similarity")) };
    const known = about.references.map(([text, count, share]) => ({ x: across(count), y: down(share), text, r: 5 }));
    const fields = [true, false].flatMap((similar) => [false, true].map((large) => {
      const [left, right] = large ? [divide, box.right] : [box.left, divide];
      const [top, bottom] = similar ? [box.top, level] : [level, box.bottom];
      const name = fieldName(large, similar);
      const chosen = name === fieldName();
      return shape("g", { class: chosen ? "tl-field tl-chosen" : "tl-field" },
        shape("rect", { x: left, y: top, width: right - left, height: bottom - top }),
        shape("text", { x: left + 8, y: top + 19, class: "tl-strategy", text: about.quadrants[name].strategy }),
        right - left > 240 && shape("text", { x: left + 8, y: top + 35, text: name }),
      );
    }));
    matrix.svg.append(
      shape("g", { "aria-hidden": "true" },
        ...fields,
        ...known.map((one) => shape("circle", { cx: one.x, cy: one.y, r: 4, class: "tl-known" })),
        ...names([...known, { ...here, r: 13 }], box),
        mark(6, here.x, here.y, 9),
      ),
    );
    const { strategy } = about.quadrants[fieldName()];
    matrix.svg.setAttribute(
      "aria-label",
      `The size-similarity matrix, with a point at ${whole(model.get("pictures"))} pictures a class and similarity ` +
        `${model.get("similarity").toFixed(2)}: ${fieldName()}, ${strategy}.`,
    );
  }
}

/** Numbers of pictures that a slider stops at: even steps to the eye, and where it starts. */
function steps({ most, large, start }) {
  const found = new Set([1, 2, 3, 4, 5, 6, 8, most, large]);
  for (let power = 1; power < most; power *= 10) STEPS.forEach((step) => found.add(step * power));
  if (start) found.add(start);
  return [...found].filter((n) => n <= most).sort((a, b) => a - b);
}

function whole(value) {
  return Math.round(value).toLocaleString("en");
}

function each(value) {
  return value < 10 ? digits(value, 2) : whole(value);
}

function short(count) {
  if (count < 1e4) return whole(count);
  return count < 1e6 ? `${Math.round(count / 1e3)} thousand` : `${(count / 1e6).toFixed(2)} million`;
}

function roughly(share) {
  return share > 0 && share < 0.01 ? `${(100 * share).toPrecision(2)}%` : `${Math.round(100 * share)}%`;
}
