// `explore_attribution`: which parts of a picture speak for an answer.

import { chooser, element, slider, status } from "./controls.js";
import { bind, connect, NOBODY, SLOW } from "./kernel.js";
import { canvas, figure, paintPicture, paletteOf, pixelsOf, scaleOf } from "./painting.js";
import { Store } from "./store.js";

const TRAITS = ["picture", "method", "target", "layer", "opacity"];

export function renderAttribution({ model, el, signal }) {
  const about = model.get("about");
  const palettes = about.palettes.map(paletteOf);
  const line = status();
  const words = status();
  const kernel = connect(model, signal, tellKernel);
  const state = bind(model, signal, TRAITS, paint);
  const store = new Store(model, kernel, state.schedule, (error) => line.say(error.message, { wrong: true }));

  const original = canvas(...about.input, "");
  const overlaid = canvas(...about.input, "");
  const [before, after] = [figure("", original), figure("", overlaid)];

  const listed = about.pictures.map((text, value) => ({ value, text }));
  const pictures = chooser("Picture", listed, (v) => state.set({ picture: Number(v), target: -1 }));
  const methods = chooser("Method", [], (v) => state.set({ method: v }));
  const targets = chooser("For the answer", [], (v) => state.set({ target: Number(v) }));
  const layers = chooser(
    "At the layer",
    [{ value: "", text: "the last with a map" }, ...about.layers.map((name) => ({ value: name, text: name }))],
    (v) => state.set({ layer: v }),
  );
  const percent = { max: 100, step: 5, words: (v) => `${v} %` };
  const opacity = slider("Strength of the colours", percent, (v) => state.set({ opacity: v }));

  const choices = [methods, targets, layers];
  if (about.pictures.length > 1) choices.unshift(pictures);

  el.append(
    element("div", { class: "tl-controls" }, choices.map(({ root }) => root)),
    element("div", { class: "tl-controls tl-wide" }, opacity.root),
    element("div", { class: "tl-figures" }, before.root, after.root),
    words.root,
    line.root,
  );
  paint();

  function question(classes) {
    const layered = about.layered.includes(model.get("method"));
    return {
      kind: "attribution",
      picture: model.get("picture"),
      method: model.get("method"),
      target: model.get("target") >= 0 ? model.get("target") : classes[0][0],
      layer: layered ? model.get("layer") : "",
    };
  }

  function tellKernel(now) {
    paint();
    if (now === "live") line.say("");
    if (now === "slow") line.say(SLOW);
    if (now === "silent") line.say(`${NOBODY} Stored here is what can be chosen; the rest needs a running kernel.`);
  }

  function paint() {
    const [asked, chosen] = ["classes", "picture"].map((kind) => ({ kind, picture: model.get("picture") }));
    for (const one of [asked, chosen]) store.want(one);
    const [classes, bitmap] = [store.now(asked), store.now(chosen)];
    fill(classes);
    const name = about.pictures[model.get("picture")];
    before.words.textContent = `${name}, as the network gets it`;
    original.setAttribute("aria-label", `The picture ${name}`);
    if (bitmap) paintPicture(original, bitmap);
    const wanted = classes && question(classes);
    if (wanted) store.want(wanted);
    const found = wanted && store.now(wanted);
    overlaid.classList.toggle("tl-old", !found);
    if (!found || !bitmap) {
      if (kernel.state !== "silent") line.say("Computing …");
      return;
    }
    if (kernel.state !== "silent") line.say("");
    paintOverlay(found, bitmap);
    overlaid.setAttribute("aria-label", found.record.words);
    words.say(found.record.words);
    const both = found.record.scale[0] < 0;
    after.words.textContent = both ? "Red speaks for the answer, blue against it." : "Yellow speaks for the answer.";
  }

  function fill(classes = []) {
    const silent = kernel.state === "silent";
    const held = (change) => !silent || (classes.length > 0 && store.holds({ ...question(classes), ...change }));
    methods.fill(
      about.methods.map(({ name, words }) => {
        const layer = about.layered.includes(name) ? model.get("layer") : "";
        return { value: name, text: words, disabled: !held({ method: name, layer }) };
      }),
    );
    targets.fill(classes.map(([value, text]) => ({ value, text, disabled: !held({ target: value }) })));
    pictures.set(model.get("picture"));
    methods.set(model.get("method"));
    targets.set(classes.length ? question(classes).target : "");
    layers.set(model.get("layer"));
    layers.input.disabled = silent || !about.layered.includes(model.get("method"));
    opacity.set(model.get("opacity"));
  }

  /** The picture in grey, and on each place as much colour as its number is far from 0. */
  function paintOverlay({ maps, record }, bitmap) {
    const { height, width } = bitmap;
    if (overlaid.height !== height || overlaid.width !== width) Object.assign(overlaid, { height, width });
    const picture = pixelsOf(bitmap);
    const image = new ImageData(width, height);
    const scale = scaleOf(record.scale, record.scale[0] < 0);
    const palette = palettes[Number(scale.diverges)];
    const last = palette.length - 1;
    const strongest = model.get("opacity") / 100;
    const pixels = image.data;
    for (let y = 0; y < height; y++) {
      const row = Math.floor((y * maps.height) / height);
      for (let x = 0; x < width; x++) {
        const value = maps.value(0, row, Math.floor((x * maps.width) / width));
        const share = Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low || 1)));
        const colour = palette[Math.round(share * last)];
        const strength = strongest * Math.min(1, Math.abs(value) / (scale.high || 1));
        const at = 4 * (y * width + x);
        const grey = 0.299 * picture[at] + 0.587 * picture[at + 1] + 0.114 * picture[at + 2];
        for (let i = 0; i < 3; i++) {
          pixels[at + i] = grey * (1 - strength) + ((colour >> (8 * i)) & 255) * strength;
        }
        pixels[at + 3] = 255;
      }
    }
    overlaid.getContext("2d").putImageData(image, 0, 0);
  }
}
