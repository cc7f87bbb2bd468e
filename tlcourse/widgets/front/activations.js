// `explore_activations`: what every channel of every layer answers to a picture.

import { button, chooser, digits, element, group, number, ordinal, slider, status } from "./controls.js";
import { bind, connect, NOBODY, SLOW } from "./kernel.js";
import { canvas, figure, marker, paintMap, paintPicture, paletteOf, scaleOf, unitAt } from "./painting.js";
import { Store } from "./store.js";

const TRAITS = ["picture", "layer", "channel", "order", "scaling", "overlay", "row", "column"];

export function renderActivations({ model, el, signal }) {
  const about = model.get("about");
  const palettes = about.palettes.map(paletteOf); // for numbers from 0 on, and for both signs
  const line = status();
  const kernel = connect(model, signal, tellKernel);
  const state = bind(model, signal, TRAITS, paint);
  const store = new Store(model, kernel, state.schedule, (error) => line.say(error.message, { wrong: true }));
  const several = about.models.length > 1;
  let toStrongest = false; // a layer was just chosen: begin with its strongest channel
  let ladder = []; // the channels in the order of the slider
  let first; // the maps of the first network, as painted last

  // --- what is shown ---------------------------------------------------------------------------
  const original = canvas(...about.input, "");
  const seen = marker("seen");
  const source = figure("", original, seen.root);
  const panels = about.models.map((name, index) => {
    const under = canvas(...about.input, "");
    under.setAttribute("aria-hidden", "true"); // the same picture again; the map above has the words
    const map = canvas(1, 1, "");
    map.classList.add("tl-pixels", "tl-touch");
    const unit = marker("unit");
    const shown = figure("", under, map, unit.root);
    map.addEventListener("pointerdown", (event) => {
      const [rows, columns] = layer().shape;
      const [row, column] = unitAt(event, map, rows, columns);
      state.set({ row, column });
    });
    return { name, index, under, map, unit, ...shown, root: titled(name, shown.root) };
  });

  // --- the controls ----------------------------------------------------------------------------
  const pictures = chooser("Picture", listed(about.pictures), (v) => state.set({ picture: Number(v) }));
  const layers = chooser("Layer", [], chooseLayer);
  const channel = slider("Channel", { words: channelWords }, (at) => state.set({ channel: ladder[at] }));
  const order = chooser(
    "Order of the channels",
    [
      { value: "strongest", text: `strongest first (${about.strength})` },
      { value: "natural", text: "by their numbers" },
    ],
    (v) => state.set({ order: v }),
  );
  const scaling = chooser(
    "Brightness",
    [
      { value: "channel", text: "each map up to its own largest value" },
      { value: "layer", text: `one scale for all channels${several ? " and both networks" : ""} of the layer` },
    ],
    (v) => state.set({ scaling: v }),
  );
  const overlay = slider(
    "Picture shining through",
    { max: 100, step: 5, words: (v) => (v ? `${v} %` : "not at all") },
    (v) => state.set({ overlay: v }),
  );
  const row = number("Row", { min: 0 }, (v) => chooseUnit({ row: v }));
  const column = number("Column", { min: 0 }, (v) => chooseUnit({ column: v }));
  const none = button("No unit", () => {
    state.set({ row: -1, column: -1 });
    row.input.focus(); // this button is gone now
  });
  const answer = element("output", { class: "tl-answer", for: `${row.input.id} ${column.input.id}` });

  const choices = [layers, order, scaling];
  if (about.pictures.length > 1) choices.unshift(pictures);

  el.append(
    element("div", { class: "tl-controls" }, choices.map(({ root }) => root)),
    element("div", { class: "tl-controls tl-wide" }, channel.root, overlay.root),
    element("div", { class: "tl-figures" }, titled("picture", source.root), panels.map(({ root }) => root)),
    group(
      "One unit of the map (click on it, or type its place)",
      element("div", { class: "tl-controls" }, row.root, column.root, none),
      answer,
    ),
    line.root,
  );
  fillLayers();
  paint();

  /** Of two networks beside each other, each has its name above it. */
  function titled(name, root) {
    return several ? element("div", {}, element("p", { class: "tl-title", text: name }), root) : root;
  }

  // --- what they do ----------------------------------------------------------------------------
  function layer() {
    return about.layers[layerNumber()];
  }

  function layerNumber() {
    return about.layers.findIndex(({ name }) => name === model.get("layer"));
  }

  function question(network, number = layerNumber()) {
    return { kind: "maps", model: network, picture: model.get("picture"), layer: number };
  }

  function fillLayers() {
    const held = (number) => about.models.every((_, network) => store.holds(question(network, number)));
    layers.fill(
      about.layers.map(({ name, kind, shape: [height, width, count] }, number) => {
        const disabled = kernel.state === "silent" && !held(number);
        const needs = disabled ? " (needs a kernel)" : "";
        return { value: name, text: `${name}, ${kind}: ${count} of ${height} × ${width}${needs}`, disabled };
      }),
    );
    layers.set(model.get("layer"));
  }

  function chooseLayer(name) {
    const [height, width] = layer().shape;
    const chosen = about.layers.find((one) => one.name === name);
    toStrongest = true;
    const values = { layer: name };
    if (model.get("row") >= 0) {
      // the unit at the same place of the picture
      values.row = Math.floor(((model.get("row") + 0.5) * chosen.shape[0]) / height);
      values.column = Math.floor(((model.get("column") + 0.5) * chosen.shape[1]) / width);
    }
    state.set(values);
  }

  function chooseUnit(place) {
    const [height, width] = layer().shape;
    const [before, beside] = [model.get("row"), model.get("column")];
    const unit = { row: before < 0 ? 0 : before, column: beside < 0 ? 0 : beside, ...place };
    state.set({ row: Math.min(unit.row, height - 1), column: Math.min(unit.column, width - 1) });
  }

  function channelWords(at) {
    const number = ladder[at];
    if (number === undefined) return "";
    const count = layer().shape[2];
    const part = ladder.length < count ? `, ${ladder.length} stored` : "";
    return `channel ${number} of 0 to ${count - 1}, ${strength(first, number)}${part}`;
  }

  function tellKernel(now, before) {
    if (now === "live") line.say("");
    else if (now === "slow") line.say(SLOW);
    else if (before === "unknown" && !store.holds(question(0))) showStored();
    fillLayers();
    if (now !== "silent") return;
    const names = about.layers.filter((_, n) => store.holds(question(0, n))).map(({ name }) => name);
    const held = names.length
      ? `Stored here are, in part: ${names.join(", ")}.` 
      : "Nothing of this picture is stored here.";
    line.say(`${NOBODY} ${held} The rest needs a running kernel.`);
  }

  /** A notebook may have been saved with something on the screen that is not stored in it. */
  function showStored() {
    const held = about.layers.find((_, number) => store.holds({ ...question(0, number), picture: 0 }));
    if (held) state.set({ picture: 0, layer: held.name });
  }

  // --- painting --------------------------------------------------------------------------------
  function paint() {
    const questions = about.models.map((_, network) => question(network));
    const maps = questions.map((one) => store.now(one));
    const picture = { kind: "picture", picture: model.get("picture") };
    [picture, ...questions].forEach((one) => store.has(one) || store.want(one));
    pictures.set(model.get("picture"));
    layers.set(model.get("layer"));
    order.set(model.get("order"));
    scaling.set(model.get("scaling"));
    overlay.set(model.get("overlay"));
    paintOriginal(store.now(picture));
    el.classList.toggle("tl-waiting", maps.includes(undefined));
    if (maps.includes(undefined)) {
      if (kernel.state !== "silent") line.say(`Computing ${model.get("layer")} …`);
      return;
    }
    if (kernel.state !== "silent") line.say("");
    [first] = maps;
    ladder = model.get("order") === "natural" ? first.natural : first.strongest;
    chooseChannel();
    channel.set(ladder.indexOf(model.get("channel")), { max: ladder.length - 1 });
    panels.forEach((panel, network) => paintPanel(panel, maps[network], scale(maps, network)));
    paintUnit(maps);
  }

  /** Where the layer has no such channel, or it is not stored, begin with the strongest. */
  function chooseChannel() {
    if (!toStrongest && ladder.includes(model.get("channel"))) return;
    toStrongest = false;
    state.note({ channel: first.strongest[0] });
  }

  function scale(maps, network) {
    const wholes = maps.map((one) => one.wholeRange);
    const whole = [Math.min(...wholes.map(([low]) => low)), Math.max(...wholes.map(([, high]) => high))];
    const own = maps[network].range(model.get("channel"));
    return scaleOf(model.get("scaling") === "channel" ? own : whole, whole[0] < 0);
  }

  function paintOriginal(bitmap) {
    const name = about.pictures[model.get("picture")];
    source.words.textContent = `${name}, as the network gets it: ${about.input.join(" × ")} pixels`;
    original.setAttribute("aria-label", `The picture ${name}`);
    if (!bitmap) return;
    for (const target of [original, ...panels.map(({ under }) => under)]) paintPicture(target, bitmap);
  }

  function paintPanel({ map, under, words, name }, maps, scale) {
    const number = model.get("channel");
    const through = model.get("overlay") / 100;
    paintMap(map, maps, number, scale, palettes[Number(scale.diverges)]);
    map.style.opacity = 1 - through;
    under.style.visibility = through ? "" : "hidden";
    const largest = digits(scale.high, 3);
    const whose = model.get("scaling") === "channel" ? "in this channel" : "in all channels";
    const colours = scale.diverges
      ? `White is 0, blue −${largest}, red ${largest}: as far as any value goes ${whose}.`
      : `Dark is 0, bright ${largest}: the largest value ${whose}.`;
    const smaller = maps.height < layer().shape[0] ? ` Stored smaller: ${maps.height} × ${maps.width}.` : "";
    words.textContent = `${colours}${smaller}`;
    map.setAttribute("aria-label", mapWords(maps, number, several ? `${name}: ` : ""));
  }

  function mapWords(maps, number, whose) {
    const plane = maps.plane(number);
    let best = 0;
    for (let i = 1; i < plane.length; i++) if (plane[i] > plane[best]) best = i;
    const at = { row: Math.floor(best / maps.width), column: best % maps.width };
    const value = digits(maps.range(number)[1], 3);
    const place = `${inWords(at.row / maps.height, "top", "bottom")} ${inWords(at.column / maps.width, "left", "right")}`;
    return (
      `${whose}Channel ${number} of ${model.get("layer")}, ${maps.height} × ${maps.width}, ` +
      `${strength(maps, number)}; highest value ${value}, ${place}`
    );
  }

  function paintUnit(maps) {
    const [height, width] = layer().shape;
    const place = { row: model.get("row"), column: model.get("column") };
    const chosen = place.row >= 0 && place.column >= 0 && place.row < height && place.column < width;
    row.set(chosen ? place.row : "", { max: height - 1 });
    column.set(chosen ? place.column : "", { max: width - 1 });
    none.hidden = !chosen;
    if (!chosen) {
      [seen, ...panels.map(({ unit }) => unit)].forEach((one) => one.hide());
      answer.textContent = "None chosen.";
      return;
    }
    const box = { top: place.row / height, left: place.column / width, height: 1 / height, width: 1 / width };
    panels.forEach(({ unit }) => unit.show(box));
    answer.textContent = `Row ${place.row}, column ${place.column}: ${valueWords(maps, place)}. ${fieldWords(place)}`;
  }

  function valueWords(maps, { row, column }) {
    const [height, width] = layer().shape;
    const values = maps.map((one, network) => {
      const at = [Math.floor(((row + 0.5) * one.height) / height), Math.floor(((column + 0.5) * one.width) / width)];
      const exact = one.record.bits === 16;
      const value = digits(one.value(model.get("channel"), ...at), exact ? 4 : 2);
      return `${several ? `${about.models[network]} ` : ""}${exact ? "" : "about "}${value}`;
    });
    return values.join(", ");
  }

  /** Frame what the unit sees of the picture, and tell it. */
  function fieldWords({ row, column }) {
    const { field } = first.record;
    if (field.unknown) {
      seen.hide();
      return field.unknown;
    }
    const [height, width] = about.input;
    const [[top, bottom], [left, right]] = [field.rows[row], field.columns[column]];
    seen.show({
      top: top / height,
      left: left / width,
      height: (bottom + 1 - top) / height,
      width: (right + 1 - left) / width,
    });
    return (
      `It sees rows ${top} to ${bottom} and columns ${left} to ${right} of the picture; ` +
      `its receptive field is ${field.size.join(" × ")} pixels.`
    );
  }
}

function strength(maps, channel) {
  const rank = maps.rank.get(channel);
  return rank === 1 ? "the strongest" : `${ordinal(rank)} strongest`;
}

function inWords(share, low, high) {
  return share < 1 / 3 ? low : share < 2 / 3 ? "middle" : high;
}

function listed(names) {
  return names.map((text, value) => ({ value, text }));
}
