// `explore_convolution`: a kernel to edit, and what it makes of a picture, number by number.

import { axisOf, convolve, explain, pool, windowOf } from "./arithmetic.js";
import { chooser, digits, element, group, number, slider, status, tick } from "./controls.js";
import { bind } from "./kernel.js";
import { bytesOf, canvas, figure, marker, unitAt } from "./painting.js";

const TRAITS = ["kernel", "bias", "stride", "padding", "dilation", "relu", "pooling", "brightness", "row", "column"];
const COLOURS = ["red", "green", "blue"];
const OWN = "your own";

export function renderConvolution({ model, el, signal }) {
  const about = model.get("about");
  const line = status();
  const state = bind(model, signal, TRAITS, paint);
  const pictures = {}; // by the number of channels: grey, and red, green, blue
  let shown; // what was painted last: `{picture, output, map, unit}`

  // --- what is shown ---------------------------------------------------------------------------
  const input = canvas(1, 1, "");
  const output = canvas(1, 1, "");
  const [window_, outcome] = [marker("seen"), marker("unit")];
  const before = figure("", input, window_.root);
  const after = figure("", output, outcome.root);
  [input, output].forEach((one) => one.classList.add("tl-pixels"));
  output.classList.add("tl-touch");
  for (const kind of ["pointerdown", "pointermove"]) {
    output.addEventListener(kind, (event) => {
      if (!shown) return;
      const [row, column] = unitAt(event, output, shown.map.height, shown.map.width);
      if (row !== model.get("row") || column !== model.get("column")) state.set({ row, column });
    });
  }
  const sizes = element("output", { "aria-live": "off" });
  const sums = element("div", { class: "tl-sums tl-scroll" });
  const result = element("output", { class: "tl-answer" });

  // --- the controls ----------------------------------------------------------------------------
  const names = [...about.presets.map(({ name }) => name), OWN];
  const presets = chooser("Kernel", names.map((name) => ({ value: name, text: name })), usePreset);
  const what = element("p", {});
  const size = chooser("Size of the kernel", range(1, 7, (n) => `${n} × ${n}`), resize);
  const colours = chooser(
    "Picture",
    [
      { value: 1, text: "grey: one number a pixel" },
      { value: 3, text: "red, green, blue: a kernel for each, added up" },
    ],
    recolour,
  );
  const bias = number("Bias", { step: "any" }, (v) => state.set({ bias: v }));
  const stride = slider("Stride", { min: 1, max: 8, words: (v) => `${v}` }, (v) => state.set({ stride: v }));
  const dilation = slider("Dilation", { min: 1, max: 8, words: (v) => `${v}` }, (v) => state.set({ dilation: v }));
  const padding = chooser(
    "Padding",
    [
      { value: "valid", text: "none (valid)" },
      { value: "same", text: "zeros that keep the size (same)" },
      ...range(1, 8, (n) => `${n} zero${n > 1 ? "s" : ""} on each side`),
    ],
    (v) => state.set({ padding: v }),
  );
  const relu = tick("ReLU: what is negative becomes 0", (v) => state.set({ relu: v }));
  const pooling = chooser(
    "Pooling",
    [
      { value: "none", text: "none" },
      ...[2, 3, 4].map((n) => ({ value: `max ${n}`, text: `largest of ${n} × ${n}` })),
      ...[2, 3, 4].map((n) => ({ value: `average ${n}`, text: `mean of ${n} × ${n}` })),
    ],
    (v) => state.set({ pooling: v }),
  );
  const brightness = chooser(
    "Brightness",
    [
      { value: "range", text: "black is the lowest value, white the highest" },
      { value: "pixels", text: "black is 0, white is 255, as in the picture" },
      { value: "zero", text: "grey is 0, as far to black as to white" },
    ],
    (v) => state.set({ brightness: v }),
  );
  const row = number("Row", { min: 0 }, (v) => state.set({ row: v }));
  const column = number("Column", { min: 0 }, (v) => state.set({ column: v }));
  const grid = element("div", { class: "tl-sums" });
  let cells = []; // the fields of the kernel: [row][column][channel]

  el.append(
    element("div", { class: "tl-controls" }, presets.root, size.root, colours.root),
    what,
    group("The numbers of the kernel", grid, bias.root),
    element("div", { class: "tl-controls tl-wide" }, stride.root, dilation.root),
    element("div", { class: "tl-controls" }, padding.root, relu.root, pooling.root, brightness.root),
    element("div", { class: "tl-figures" }, before.root, after.root),
    sizes,
    group(
      "One pixel of the result (point at it, or type its place)",
      element("div", { class: "tl-controls" }, row.root, column.root),
      sums,
      result,
    ),
    line.root,
  );
  bytesOf(about.stored[0], model.get("stored")).then(take);

  function take(bytes) {
    const [height, width] = about.size;
    const count = height * width;
    pictures[3] = { height, width, channels: 3, values: bytes.subarray(0, 3 * count) };
    pictures[1] = { height, width, channels: 1, values: bytes.subarray(3 * count) };
    paint();
  }

  // --- what the controls do --------------------------------------------------------------------
  function kernel() {
    return model.get("kernel");
  }

  function usePreset(name) {
    const preset = about.presets.find((one) => one.name === name);
    if (preset) state.set({ kernel: preset.kernel, bias: preset.bias });
    else cells[0][0][0].input.focus();
  }

  /** Another size around the same middle, with zeros where there was nothing. */
  function resize(side) {
    const old = kernel();
    const shift = Math.floor((old.length - side) / 2);
    const channels = old[0][0].length;
    const fresh = square(Number(side), (i, j) => old[i + shift]?.[j + shift] ?? Array(channels).fill(0));
    state.set({ kernel: fresh });
  }

  /** Three kernels whose sum does to an even grey what the one did, or back. */
  function recolour(channels) {
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
    const spread = (numbers) => Array(Number(channels)).fill(sum(numbers) / channels);
    state.set({ kernel: kernel().map((line) => line.map(spread)) });
  }

  function edit(i, j, channel, value) {
    const fresh = kernel().map((line) => line.map((numbers) => [...numbers]));
    fresh[i][j][channel] = value;
    state.set({ kernel: fresh });
  }

  function fillGrid() {
    const numbers = kernel();
    const channels = numbers[0][0].length;
    if (cells.length !== numbers.length || cells[0]?.[0]?.length !== channels) {
      cells = square(numbers.length, (i, j) =>
        Array.from({ length: channels }, (_, channel) => {
          const whose = channels > 1 ? ` for ${COLOURS[channel]}` : "";
          const name = `Kernel${whose}, row ${i + 1}, column ${j + 1}`;
          return number("", { step: "any", name }, (v) => edit(i, j, channel, v));
        }),
      );
      grid.replaceChildren(
        ...Array.from({ length: channels }, (_, channel) => {
          const rows = cells.map((line) => element("tr", {}, line.map((cell) => element("td", {}, cell[channel].input))));
          const caption = channels > 1 && element("caption", { text: COLOURS[channel] });
          return element("table", { class: "tl-grid", role: "presentation" }, caption, rows);
        }),
      );
    }
    numbers.forEach((line, i) =>
      line.forEach((cell, j) => cell.forEach((value, channel) => cells[i][j][channel].set(Number(value.toPrecision(6))))),
    );
  }

  // --- painting --------------------------------------------------------------------------------
  function paint() {
    const numbers = kernel();
    const picture = pictures[numbers[0][0].length];
    fillGrid();
    showSettings(numbers);
    if (!picture) return;
    const { rows, columns } = settingsFit(picture);
    after.root.hidden = before.root.hidden = false;
    if (!rows.outputs || !columns.outputs) {
      shown = undefined;
      after.root.hidden = true;
      const reach = `The kernel reaches over ${rows.reach} pixels and does not fit into the picture.`;
      line.say(`${reach} Choose a smaller kernel or dilation, or padding.`, { wrong: true });
      return;
    }
    const convolved = convolve(picture, numbers, settings());
    const [mode, side] = model.get("pooling").split(" ");
    const map = mode === "none" ? convolved : pool(convolved, mode, Number(side));
    if (!map.height || !map.width) {
      shown = undefined;
      after.root.hidden = true;
      line.say("The pooling window does not fit into what the convolution leaves.", { wrong: true });
      return;
    }
    line.say("");
    shown = { picture, convolved, map, mode, side: Number(side) };
    paintInput(picture);
    paintOutput(map);
    sizes.textContent = sizeWords(rows, columns, map);
    paintPixel(numbers);
  }

  function settings() {
    const names = ["stride", "padding", "dilation", "bias", "relu"];
    return Object.fromEntries(names.map((name) => [name, model.get(name)]));
  }

  function settingsFit(picture) {
    const { stride, padding, dilation } = settings();
    const side = kernel().length;
    return {
      rows: axisOf(picture.height, side, stride, padding, dilation),
      columns: axisOf(picture.width, side, stride, padding, dilation),
    };
  }

  function showSettings(numbers) {
    const alike = (one) => JSON.stringify(one.kernel) === JSON.stringify(numbers);
    const known = about.presets.find((one) => one.bias === model.get("bias") && alike(one));
    presets.set(known ? known.name : OWN);
    what.textContent = known ? known.description : "Numbers of your own.";
    size.set(numbers.length);
    colours.set(numbers[0][0].length);
    bias.set(Number(model.get("bias").toPrecision(6)));
    stride.set(model.get("stride"));
    dilation.set(model.get("dilation"));
    padding.set(model.get("padding"));
    relu.set(model.get("relu"));
    pooling.set(model.get("pooling"));
    brightness.set(model.get("brightness"));
  }

  function paintInput({ height, width, channels, values }) {
    paintGrey(input, height, width, (i, colour) => values[channels * i + (channels === 3 ? colour : 0)]);
    const words = `${about.name}, ${height} × ${width} pixels, ${channels === 3 ? "in colour" : "in grey"}`;
    input.setAttribute("aria-label", `The picture ${words}`);
    before.words.textContent = `${words}; 0 is black, 255 white`;
  }

  function paintOutput({ height, width, values }) {
    let [low, high] = [Infinity, -Infinity];
    let sum = 0;
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
    const most = Math.max(Math.abs(low), Math.abs(high));
    const limits = { range: [low, high], pixels: [0, 255], zero: [-most, most] }[model.get("brightness")];
    const spread = limits[1] - limits[0] || 1;
    paintGrey(output, height, width, (i) => (255 * (values[i] - limits[0])) / spread);
    const [least, largest, mean] = [low, high, sum / values.length].map((value) => digits(value));
    output.setAttribute("aria-label", `The result, ${height} × ${width}: from ${least} to ${largest}, mean ${mean}`);
    after.words.textContent = `The result, ${height} × ${width}: from ${least} to ${largest}, mean ${mean}`;
  }

  function sizeWords(rows, columns, map) {
    const one = ({ size, before, after, reach, stride, outputs }) =>
      `(${size} + ${before} + ${after} − ${reach}) / ${stride} + 1 = ${outputs}`;
    const same = rows.size === columns.size;
    const convolved = same ? `Height and width: ${one(rows)}` : `Height: ${one(rows)}; width: ${one(columns)}`;
    const pooled = shown.mode === "none" ? "" : ` Pooling leaves ${map.height} × ${map.width}.`;
    return `${convolved} (input and padding, less the kernel's reach, by the stride, rounded down).${pooled}`;
  }

  function paintPixel(numbers) {
    const { picture, convolved, map, mode, side } = shown;
    const place = { row: Math.min(model.get("row"), map.height - 1), column: Math.min(model.get("column"), map.width - 1) };
    row.set(place.row, { max: map.height - 1 });
    column.set(place.column, { max: map.width - 1 });
    outcome.show({
      top: place.row / map.height,
      left: place.column / map.width,
      height: 1 / map.height,
      width: 1 / map.width,
    });
    let [source, words] = [place, ""];
    if (mode !== "none") {
      const inside = windowOf(convolved, place.row, place.column, side);
      const value = digits(map.values[place.row * map.width + place.column]);
      if (mode === "max") source = inside.reduce((best, one) => (one.value > best.value ? one : best));
      const all = inside.map((one) => digits(one.value)).join(", ");
      const which = mode === "max" ? `The largest of ${all}: ${value}. It` : `The mean of ${all}: ${value}. The first`;
      words = `${which} came from the sum above. `;
    }
    const told = explain(picture, numbers, convolved, source.row, source.column);
    showWindow(told);
    sums.replaceChildren(...tables(told));
    result.textContent = words + sumWords(told, convolved.values[source.row * convolved.width + source.column]);
  }

  function showWindow({ top, left, height, width }) {
    const { picture } = shown;
    const [from, to] = [Math.max(0, top), Math.min(picture.height, top + height)];
    const [start, end] = [Math.max(0, left), Math.min(picture.width, left + width)];
    window_.show({
      top: from / picture.height,
      left: start / picture.width,
      height: Math.max(0, to - from) / picture.height,
      width: Math.max(0, end - start) / picture.width,
    });
  }

  function tables({ patch, products }) {
    return patch.flatMap((part, channel) => {
      const whose = patch.length > 1 ? `, ${COLOURS[channel]}` : "";
      return [
        table(`Picture${whose}`, part, (value) => (value === null ? "·" : digits(value))),
        table(`× kernel${whose}`, products[channel], (value) => digits(value)),
      ];
    });
  }

  function sumWords({ sum, patch }, value) {
    const outside = patch.flat(2).includes(null) ? "· is padding and counts as 0. " : "";
    const added = model.get("bias") ? ` + bias ${digits(model.get("bias"))} = ${digits(sum + model.get("bias"))}` : "";
    const cut = model.get("relu") ? `; after ReLU ${digits(value)}` : "";
    return `${outside}The sum of the products is ${digits(sum)}${added}${cut}.`;
  }
}

function table(caption, numbers, words) {
  const rows = numbers.map((line) => element("tr", {}, line.map((value) => element("td", { text: words(value) }))));
  return element("table", {}, element("caption", { text: caption }), rows);
}

/** Paint values from 0 to 255, given by place and colour. */
function paintGrey(target, height, width, value) {
  if (target.height !== height || target.width !== width) Object.assign(target, { height, width });
  const context = target.getContext("2d");
  const image = context.createImageData(width, height); // clamps and rounds what it is given
  for (let i = 0; i < height * width; i++) {
    for (let colour = 0; colour < 3; colour++) image.data[4 * i + colour] = value(i, colour);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

function square(side, value) {
  return Array.from({ length: side }, (_, i) => Array.from({ length: side }, (_, j) => value(i, j)));
}

function range(from, to, words) {
  return Array.from({ length: to - from + 1 }, (_, i) => ({ value: String(from + i), text: words(from + i) }));
}
