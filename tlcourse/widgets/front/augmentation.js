// `explore_augmentation`: what each kind of random change does, weak and strong.

import { chooser, element, slider, status } from "./controls.js";
import { bind, connect, NOBODY, SLOW } from "./kernel.js";
import { canvas, figure } from "./painting.js";
import { Store } from "./store.js";

const TRAITS = ["picture", "change", "step"];
const TITLES = { together: "all together, a few at a time, as in training" };

export function renderAugmentation({ model, el, signal }) {
  const about = model.get("about");
  const line = status();
  const kernel = connect(model, signal, tellKernel);
  const state = bind(model, signal, TRAITS, paint);
  const store = new Store(model, kernel, state.schedule, (error) => line.say(error.message, { wrong: true }));

  const [original, changed] = [0, 1].map(() => canvas(about.side, about.side, ""));
  const [before, after] = [figure("", original), figure("", changed)];
  const pictures = chooser("Picture", [], (v) => state.set({ picture: Number(v) }));
  const options = about.changes.map(({ name }) => ({ value: name, text: TITLES[name] ?? name }));
  const changes = chooser("Change", options, choose);
  const step = slider("How much", { words: stepWords }, (v) => state.set({ step: v }));

  el.append(
    element("div", { class: "tl-controls" }, about.pictures.length > 1 && pictures.root, changes.root),
    element("div", { class: "tl-controls tl-wide" }, step.root),
    element("div", { class: "tl-figures" }, before.root, after.root),
    line.root,
  );
  paint();

  function number() {
    return about.changes.findIndex(({ name }) => name === model.get("change"));
  }

  function chosen() {
    return about.changes[number()].words;
  }

  /** Another kind of change begins with the picture as it is. */
  function choose(name) {
    const { words } = about.changes.find((one) => one.name === name);
    state.set({ change: name, step: words.indexOf("unchanged") });
  }

  function stepWords(at) {
    return `${at + 1} of ${chosen().length}: ${chosen()[at]}`;
  }

  function tellKernel(now) {
    paint();
    if (now === "live") line.say("");
    if (now === "slow") line.say(SLOW);
    if (now === "silent") line.say(`${NOBODY} Another picture needs a running kernel.`);
  }

  function paint() {
    const asked = { kind: "frames", picture: model.get("picture"), change: number() };
    const disabled = (picture) => kernel.state === "silent" && !store.holds({ ...asked, picture });
    pictures.fill(about.pictures.map((text, value) => ({ value, text, disabled: disabled(value) })));
    pictures.set(model.get("picture"));
    changes.set(model.get("change"));
    const at = Math.min(model.get("step"), chosen().length - 1);
    step.set(at, { max: chosen().length - 1 });
    store.want(asked);
    const frames = store.now(asked);
    if (!frames) return line.say("Computing …");
    if (kernel.state !== "silent") line.say("");
    const name = about.pictures[model.get("picture")];
    cut(original, frames, chosen().indexOf("unchanged"));
    cut(changed, frames, at);
    before.words.textContent = `${name}, the original`;
    after.words.textContent = chosen()[at];
    original.setAttribute("aria-label", `The picture ${name}`);
    changed.setAttribute("aria-label", `The picture ${name}: ${chosen()[at]}`);
  }

  /** Show one of the frames, which stand below each other. */
  function cut(target, frames, at) {
    target.getContext("2d").drawImage(frames, 0, at * about.side, about.side, about.side, 0, 0, about.side, about.side);
  }
}
