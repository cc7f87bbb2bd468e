// From numbers to pixels.

import { element } from "./controls.js";

/** A palette from its colours, "rrggbb" after each other, as 32-bit pixels. */
export function paletteOf(hex) {
  const table = new Uint32Array(hex.length / 6);
  for (let i = 0; i < table.length; i++) {
    const [red, green, blue] = [0, 2, 4].map((at) => parseInt(hex.slice(6 * i + at, 6 * i + at + 2), 16));
    table[i] = (255 << 24) | (blue << 16) | (green << 8) | red; // bytes in the order of a canvas
  }
  return table;
}

/**
 * Which numbers get the first and the last colour, as `tlcourse.inside.maps.scale_of` has it: from
 * 0 to the largest, or, where the layer has negative numbers, as far to both sides of 0.
 */
export function scaleOf([low, high], diverges) {
  const furthest = Math.max(-low, high, 0);
  return { low: diverges ? -furthest : 0, high: furthest, diverges };
}

/** The part of a buffer that a record names, at an address where any number may begin. */
export async function bytesOf(record, buffer) {
  const start = buffer.byteOffset + (record.at ?? 0);
  const bytes = new Uint8Array(buffer.buffer, start, record.size);
  if (!record.deflated) return bytes.slice();
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A picture file within a buffer, decoded. */
export async function pictureOf(record, buffer) {
  return createImageBitmap(new Blob([await bytesOf(record, buffer)], { type: record.type }));
}

/**
 * Maps of whole numbers, each with the lowest and highest value that they stand for.
 *
 * Whatever `channels` says is there; `ranks` are their places, strongest first, among all of the
 * layer's.
 */
export class Maps {
  constructor(record, bytes) {
    const { count, height, width, bits } = record;
    this.record = record;
    this.height = height;
    this.width = width;
    this.bytes = bytes.byteLength;
    this.limits = new Float32Array(bytes.buffer, 0, 2 * count);
    const Numbers = bits === 16 ? Uint16Array : Uint8Array;
    this.top = 2 ** bits - 1;
    this.numbers = new Numbers(bytes.buffer, 8 * count, count * height * width);
    this.channels = record.channels ?? Array.from({ length: count }, (_, i) => i);
    this.place = new Map(this.channels.map((channel, place) => [channel, place]));
    this.rank = new Map(record.order.map((channel, rank) => [channel, rank + 1]));
    this.natural = [...this.channels].sort((a, b) => a - b);
    this.strongest = [...this.channels].sort((a, b) => this.rank.get(a) - this.rank.get(b));
  }

  static async open(record, buffer) {
    return new Maps(record, await bytesOf(record, buffer));
  }

  /** The numbers of a channel, row after row. */
  plane(channel) {
    const size = this.height * this.width;
    const start = this.place.get(channel) * size;
    return this.numbers.subarray(start, start + size);
  }

  /** The lowest and the highest value of a channel. */
  range(channel) {
    const place = this.place.get(channel);
    return [this.limits[2 * place], this.limits[2 * place + 1]];
  }

  /** The lowest and the highest value of the layer. */
  get wholeRange() {
    return this.record.range;
  }

  value(channel, row, column) {
    const [low, high] = this.range(channel);
    return low + ((high - low) * this.plane(channel)[row * this.width + column]) / this.top;
  }
}

/** A canvas that is a picture to everybody: what it shows stands in its label. */
export function canvas(height, width, label) {
  return element("canvas", { height, width, role: "img", "aria-label": label });
}

/** Paint a map, a unit a pixel; the page enlarges it. */
export function paintMap(target, maps, channel, { low, high }, palette) {
  const { height, width } = maps;
  if (target.height !== height || target.width !== width) Object.assign(target, { height, width });
  const context = target.getContext("2d");
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const plane = maps.plane(channel);
  const [bottom, top] = maps.range(channel);
  const last = palette.length - 1;
  const spread = high - low || 1;
  const scale = (last * (top - bottom)) / maps.top / spread;
  const start = (last * (bottom - low)) / spread + 0.5; // rounds to the nearest colour
  for (let i = 0; i < plane.length; i++) {
    const place = start + scale * plane[i];
    pixels[i] = palette[place < 0 ? 0 : place > last ? last : place | 0];
  }
  context.putImageData(image, 0, 0);
}

const COARSE = 64; // pixels: below that, a smoothed enlargement shows more than the network gets

/** Paint a decoded picture in its own size. Enlarged, one of few pixels keeps them as squares. */
export function paintPicture(target, bitmap) {
  const { height, width } = bitmap;
  if (target.height !== height || target.width !== width) Object.assign(target, { height, width });
  target.classList.toggle("tl-coarse", Math.max(height, width) <= COARSE);
  const context = target.getContext("2d");
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
}

const read = new WeakMap();

/** The pixels of a decoded picture: red, green, blue and opacity of each, to be read only. */
export function pixelsOf(bitmap) {
  if (!read.has(bitmap)) {
    const { height, width } = bitmap;
    const context = element("canvas", { height, width }).getContext("2d", { willReadFrequently: true });
    context.drawImage(bitmap, 0, 0);
    read.set(bitmap, context.getImageData(0, 0, width, height).data);
  }
  return read.get(bitmap);
}

/** A frame around a part of a picture, drawn above it: `show({top, left, height, width})`. */
export function marker(kind) {
  const root = element("div", { class: `tl-marker tl-${kind}`, hidden: true, "aria-hidden": "true" });
  return {
    root,
    hide: () => (root.hidden = true),
    /** Everything as a share of the picture's height and width. */
    show({ top, left, height, width }) {
      root.hidden = false;
      const shares = { top, left, height, width };
      for (const [name, share] of Object.entries(shares)) root.style[name] = `${100 * share}%`;
    },
  };
}

/** A picture of several layers on each other, with words below. */
export function figure(caption, ...layers) {
  const words = element("figcaption", { text: caption });
  const stack = element("div", { class: "tl-stack" }, ...layers);
  return { root: element("figure", {}, stack, words), stack, words };
}

/** The row and the column of a pointer over a picture of so many rows and columns. */
export function unitAt(event, target, rows, columns) {
  const box = target.getBoundingClientRect();
  const within = (share, count) => Math.min(count - 1, Math.max(0, Math.floor(share * count)));
  return [
    within((event.clientY - box.top) / box.height, rows),
    within((event.clientX - box.left) / box.width, columns),
  ];
}
