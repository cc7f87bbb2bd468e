// The module that anywidget loads: one for all widgets of the course.

import { renderActivations } from "./activations.js";
import { renderAnnotation } from "./annotation.js";
import { renderAttribution } from "./attribution.js";
import { renderAugmentation } from "./augmentation.js";
import { renderConvolution } from "./convolution.js";

const views = {
  activations: renderActivations,
  annotation: renderAnnotation,
  attribution: renderAttribution,
  augmentation: renderAugmentation,
  convolution: renderConvolution,
};

export default {
  render({ model, el }) {
    const end = new AbortController();
    el.classList.add("tlcourse");
    views[model.get("view")]({ model, el, signal: end.signal });
    return () => end.abort();
  },
};
