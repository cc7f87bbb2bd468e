// Charts: axes and marks as SVG, drawn anew for every width, so that text keeps its size.

import { element } from "./controls.js";

const holder = element("div");
holder.innerHTML = "<svg></svg>"; // knows the address of its own language, which scripts must name
const SPACE = holder.firstChild.namespaceURI;

const MARGIN = { left: 58, right: 14, top: 28, bottom: 44 };
const LETTER = 6.6; // mean width of a letter, in pixels

/** Make an element of SVG; `text` becomes its text, everything else an attribute. */
export function shape(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children.flat().filter(Boolean));
  return made;
}

/**
 * Round numbers for the ticks of an axis, about `most` at the most.
 *
 * An axis is `{low, high, log, whole}`: with `log` each step is a factor, with `whole` there is
 * nothing between whole numbers.
 */
export function ticksOf({ low, high, log, whole }, most) {
  if (log) return factors(low, high, most);
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 2, 5, 10].map((n) => n * power);
  const step = Math.max(steps.find((n) => n >= rough * (1 - 1e-9)), whole ? 1 : 0);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function factors(low, high, most) {
  const powers = [];
  for (let n = Math.floor(Math.log10(low)); n <= Math.ceil(Math.log10(high)); n++) powers.push(n);
  const within = (numbers) => numbers.filter((v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9));
  const fine = within(powers.flatMap((n) => [1, 2, 5].map((first) => Number(`${first}e${n}`))));
  if (fine.length <= most) return fine;
  const coarse = within(powers.map((n) => Number(`1e${n}`)));
  const every = Math.ceil(coarse.length / most);
  return coarse.filter((_, i) => i % every === 0);
}

/** The ends of an axis around some values, with room beside them. */
export function span(values, { log = false, room = 0.06 } = {}) {
  const [to, back] = log ? [Math.log10, (v) => 10 ** v] : [(v) => v, (v) => v];
  const all = values.map(to);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const aside = (high - low) * room || Math.abs(high) * room || 1;
  return { low: back(low - aside), high: back(high + aside), log };
}

/**
 * An empty chart, as wide as there is room; `paint` is called when that changes.
 *
 * `frame(x, y)` begins a new drawing with its axes, `{low, high, log, title, words(value)}`, and
 * returns `across(value)` and `down(value)`: where a value lies, in pixels.
 */
export function chart(signal, paint, { height = 320, ...attributes } = {}) {
  const svg = shape("svg", { height, ...attributes });
  const root = element("div", { class: "tl-chart" }, svg);
  const made = { root, svg, width: 0, height, frame };
  const watcher = new ResizeObserver(() => {
    const width = Math.round(root.clientWidth);
    if (!width || width === made.width) return;
    made.width = width;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    paint();
  });
  watcher.observe(root);
  signal.addEventListener("abort", () => watcher.disconnect());
  return made;

  function frame(x, y) {
    const box = {
      left: MARGIN.left, right: made.width - MARGIN.right, top: MARGIN.top, bottom: height - MARGIN.bottom,
    };
    const across = placed(x, box.left, box.right);
    const down = placed(y, box.bottom, box.top);
    const axes = shape("g", { class: "tl-axes", "aria-hidden": "true" });
    for (const value of ticksOf(x, Math.max(2, Math.floor((box.right - box.left) / 70)))) {
      const [at, text] = [across(value), x.words(value)];
      const room = made.width - (LETTER * text.length) / 2; // the last number ends where the chart does
      axes.append(
        shape("line", { x1: at, x2: at, y1: box.top, y2: box.bottom }),
        shape("text", { x: Math.min(at, room), y: box.bottom + 17, "text-anchor": "middle", text }),
      );
    }
    for (const value of ticksOf(y, Math.max(2, Math.floor((box.bottom - box.top) / 40)))) {
      const at = down(value);
      axes.append(
        shape("line", { x1: box.left, x2: box.right, y1: at, y2: at }),
        shape("text", { x: box.left - 7, y: at + 4, "text-anchor": "end", text: y.words(value) }),
      );
    }
    axes.append(
      shape("text", { x: box.right, y: height - 8, "text-anchor": "end", class: "tl-title", text: x.title }),
      shape("text", { x: 2, y: 14, class: "tl-title", text: y.title }),
    );
    svg.replaceChildren(axes);
    return { across, down, box };
  }
}

function placed({ low, high, log }, from, to) {
  const number = log ? Math.log10 : (v) => v;
  const [first, last] = [number(low), number(high)];
  return (value) => from + ((number(value) - first) / (last - first || 1)) * (to - from);
}

const OUTLINES = [
  (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`, // a circle
  (r) => `M${-r} ${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (r) => `M0 ${-1.25 * r}L${1.25 * r} ${r}H${-1.25 * r}z`,
  (r) => `M0 ${-1.4 * r}L${1.4 * r} 0L0 ${1.4 * r}L${-1.4 * r} 0z`,
  (r) => `M0 ${1.25 * r}L${1.25 * r} ${-r}H${-1.25 * r}z`,
  (r) => `M${-0.45 * r} ${-1.3 * r}h${0.9 * r}v${0.85 * r}h${0.85 * r}v${0.9 * r}h${-0.85 * r}v${0.85 * r}`
    + `h${-0.9 * r}v${-0.85 * r}h${-0.85 * r}v${-0.9 * r}h${0.85 * r}z`, // a plus
  (r) => `M${Array.from({ length: 10 }, (_, i) => {
    const [angle, far] = [(Math.PI * (i - 2.5)) / 5, (i % 2 ? 0.65 : 1.5) * r];
    return `${far * Math.cos(angle)} ${far * Math.sin(angle)}`;
  }).join("L")}z`, // a star
  (r) => `M${-0.55 * r} ${-1.2 * r}h${1.1 * r}l${0.75 * r} ${1.2 * r}l${-0.75 * r} ${1.2 * r}h${-1.1 * r}l${-0.75 * r} ${-1.2 * r}z`,
];

/** The mark of a series by its number: told apart by its outline as well as by its colour. */
export function mark(series, x, y, r = 5) {
  const turn = Math.floor(series / OUTLINES.length); // beyond eight, other pairs of both
  const d = OUTLINES[series % OUTLINES.length](r);
  return shape("path", { d, transform: `translate(${x} ${y})`, class: `tl-mark tl-colour-${(series + turn) % 8}` });
}

/**
 * Write names beside points where there is room, the first ones first.
 *
 * Points are `{x, y, text, r}` in pixels, with `r` to keep free around them; a name that finds no
 * place without covering another stays away.
 */
export function names(points, box) {
  const taken = points.map(({ x, y, r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r }));
  return points.flatMap(({ x, y, text, r }, own) => {
    if (!text) return []; // only to be kept free
    const width = LETTER * text.length;
    const free = [
      { at: x + r + 3, left: x + r + 3, top: y - 8, anchor: "start" },
      { at: x - r - 3, left: x - r - 3 - width, top: y - 8, anchor: "end" },
      { at: x, left: x - width / 2, top: y - r - 16, anchor: "middle" },
      { at: x, left: x - width / 2, top: y + r, anchor: "middle" },
    ]
      .map((place) => ({ ...place, right: place.left + width, bottom: place.top + 16 }))
      .find((place) => within(place, box) && taken.every((other, i) => i === own || !overlap(place, other)));
    if (!free) return [];
    taken.push(free);
    const place = { x: free.at, y: free.top + 12, "text-anchor": free.anchor };
    return [shape("text", { ...place, class: "tl-name", "aria-hidden": "true", text })];
  });
}

function within(one, box) {
  return one.left >= box.left && one.right <= box.right && one.top >= box.top && one.bottom <= box.bottom;
}

function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
