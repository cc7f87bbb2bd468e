// The module that anywidget loads: one for all widgets of the course.

import { renderActivations } from "./activations.js";
import { renderAnnotation } from "./annotation.js";
import { renderAttribution } from "./attribution.js";
import { renderAugmentation } from "./augmentation.js";
import { renderConvolution } from "./convolution.js";
import { renderMistakes } from "./mistakes.js";
import { renderNetworks } from "./networks.js";
import { renderQuiz } from "./quiz.js";
import { renderStrategy } from "./strategy.js";
import { renderWatching } from "./watching.js";

const views = {
  activations: renderActivations,
  annotation: renderAnnotation,
  attribution: renderAttribution,
  augmentation: renderAugmentation,
  convolution: renderConvolution,
  mistakes: renderMistakes,
  networks: renderNetworks,
  quiz: renderQuiz,
  strategy: renderStrategy,
  watching: renderWatching,
};

export default {
  render({ model, el }) {
    const end = new AbortController();
    el.classList.add("tlcourse");
    views[model.get("view")]({ model, el, signal: end.signal });
    return () => end.abort();
  },
};
