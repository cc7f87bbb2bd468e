// What a view has of the things that it shows: stored with the notebook, or asked of the kernel.

import { Maps, pictureOf } from "./painting.js";

const KEPT_BYTES = 160e6; // of maps from the kernel, beyond those on the screen

const readers = {
  maps: Maps.open,
  picture: pictureOf,
  frames: pictureOf,
  classes: async (record) => record.classes,
  cell: async (record, buffer) => ({ pictures: record.pictures, tiles: record.size && (await pictureOf(record, buffer)) }),
  attribution: async (record, buffer) => ({ record, maps: await Maps.open(record, buffer) }),
};

/** The name of a question, under which its answer is stored. */
export function keyOf(question) {
  return Object.values(question).join("/");
}

/**
 * Answers by question, such as `{kind: "maps", model: 0, picture: 0, layer: 3}`.
 *
 * `now` gives the best that is here; `want` sees to it that there will be something better, and
 * `arrived` is called when it has come. What was stored is there at once and may be smaller; the
 * kernel's answer takes its place and is kept in the memory of the browser only, so that a saved
 * notebook stays small.
 */
export class Store {
  constructor(model, kernel, arrived, failed) {
    Object.assign(this, { kernel, arrived, failed });
    this.buffer = model.get("stored");
    this.stored = new Map(model.get("about").stored.map(({ key, ...record }) => [key, record]));
    this.here = new Map();
    this.wanted = new Set();
    this.complete = new Set();
  }

  now(question) {
    const key = keyOf(question);
    const found = this.here.get(key);
    if (found && this.complete.has(key)) {
      this.here.delete(key); // the last one used is the last to be forgotten
      this.here.set(key, found);
    }
    return found;
  }

  /** Whether there is, or will be without a kernel, an answer. */
  holds(question) {
    const key = keyOf(question);
    return this.stored.has(key) || this.here.has(key);
  }

  /** Whether nothing better is to be had. */
  has(question) {
    return this.complete.has(keyOf(question));
  }

  want(question) {
    const key = keyOf(question);
    if (this.wanted.has(key)) return;
    this.wanted.add(key);
    const record = this.stored.get(key);
    if (record && !this.here.has(key)) {
      readers[question.kind](record, this.buffer).then((found) => this.#take(key, found, record.complete), this.failed);
    }
    if (record?.complete) return;
    this.kernel
      .ask(question)
      .then(async ({ record, buffer }) => this.#take(key, await readers[question.kind](record, buffer), true))
      .catch((error) => {
        this.wanted.delete(key); // somebody may choose it again
        this.failed(error);
      });
  }

  #take(key, found, complete) {
    if (this.complete.has(key)) return; // the kernel was faster than the page's own
    this.here.set(key, found);
    if (complete) this.complete.add(key);
    this.#forget(key);
    this.arrived();
  }

  #forget(latest) {
    const large = [...this.here].filter(([key, { bytes }]) => bytes && this.complete.has(key));
    let kept = large.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    for (const [key, { bytes }] of large) {
      if (kept <= KEPT_BYTES || key === latest) break;
      kept -= bytes;
      for (const those of [this.here, this.complete, this.wanted]) those.delete(key);
    }
  }
}
