// `watch_training`: curves that grow, the time left, and a button that ends a training.

import { chart, mark, shape } from "./charts.js";
import { button, chooser, digits, element, percent, status } from "./controls.js";
import { bind, connect } from "./kernel.js";

const TRAITS = ["trainings", "now", "chosen", "state"];
const UNHEARD =
  "The kernel has not heard it yet: it may be busy with a long step, or none runs any more. " +
  "Interrupting the kernel (the square in the toolbar) keeps the best so far as well.";

const MEASURES = [
  { name: "loss", title: "cross-entropy", words: (v) => digits(v, 3) },
  { name: "accuracy", title: "accuracy", words: percent },
];
const CURVES = [
  { name: "training", series: 0, kind: "tl-first", of: (epoch, measure) => epoch[measure] },
  { name: "validation", series: 1, kind: "tl-second", of: (epoch, measure) => epoch[`validation_${measure}`] },
];

// At the end the cell shows the widget anew, with its last picture; who was in it stays in it.
let inside = false;

export function renderWatching({ model, el, signal }) {
  const state = bind(model, signal, TRAITS, paint);
  const news = status();
  const line = status();
  const kernel = connect(model, signal, (now) => {
    if (now === "silent" || now === "slow") line.say(UNHEARD, { wrong: true });
  });

  const which = chooser("Training", [], (v) => state.set({ chosen: Number(v) }));
  const bar = element("progress", { "aria-label": "Steps of the training" });
  const place = element("p");
  const stop = button("Stop, and keep the best so far", press);
  const panels = MEASURES.map((measure) => {
    const drawing = chart(signal, paint, { height: 240, role: "img" });
    const words = element("figcaption");
    return { measure, drawing, words, root: element("figure", {}, drawing.root, words) };
  });
  const rates = element("table", { class: "tl-table" });
  const table = element("table", { class: "tl-table" });
  const summary = element("summary", { text: "The epochs as a table", "data-lm-suppress-shortcuts": "true" });

  el.append(
    element("div", { class: "tl-controls" }, which.root),
    bar,
    place,
    element("div", { class: "tl-controls" }, stop),
    news.root,
    line.root,
    element("div", { class: "tl-figures tl-panels" }, panels.map(({ root }) => root)),
    element("div", { class: "tl-scroll" }, rates),
    element("details", {}, summary, element("div", { class: "tl-scroll" }, table)),
  );
  el.addEventListener("focusin", () => (inside = true));
  el.addEventListener("focusout", () => setTimeout(() => (inside &&= !el.isConnected)));
  if (inside) requestAnimationFrame(() => stop.focus());
  paint();

  async function press() {
    if (stop.getAttribute("aria-disabled") === "true") return;
    line.say("Asked to stop …");
    try {
      await kernel.ask({ kind: "stop", training: model.get("trainings").length - 1 });
      line.say("Heard: the training ends before its next step.");
    } catch (error) {
      line.say(error.message, { wrong: true });
    }
  }

  function placeOf(trainings) {
    const chosen = model.get("chosen");
    return chosen < 0 || chosen >= trainings.length ? trainings.length - 1 : chosen;
  }

  function paint() {
    const trainings = model.get("trainings");
    const at = placeOf(trainings);
    const last = at === trainings.length - 1;
    const shown = trainings[at] ?? { epochs: [], best: 0, most: 0, ended: "" };
    const done = shown.epochs.at(-1)?.number ?? 0;
    const now = last && model.get("now").epoch > done ? model.get("now") : undefined;
    which.root.parentElement.hidden = trainings.length < 2;
    which.fill(trainings.map(({ ended }, i) => ({ value: i, text: `${i + 1} of ${trainings.length}${ended ? `: ${ended}` : ""}` })));
    which.set(at);
    stop.setAttribute("aria-disabled", String(model.get("state") !== "training"));
    tellPlace(shown, now);
    tellNews(shown, at, trainings.length);
    panels.forEach((panel) => draw(panel, shown, now));
    fillRates(now);
    fillTable(shown);
  }

  function tellPlace({ epochs, most, ended }, now) {
    const done = epochs.length ? epochs.at(-1).number : 0;
    bar.max = most || 1;
    bar.value = now ? now.epoch - 1 + now.step / now.steps : ended ? bar.max : done;
    if (now) {
      const left = now.left === null ? "" : ` At most ${duration(now.left)} left.`;
      place.textContent = `Epoch ${now.epoch} of ${now.epochs}, step ${now.step} of ${now.steps}.${left}`;
    } else if (ended) {
      const seconds = epochs.reduce((sum, epoch) => sum + epoch.seconds, 0);
      place.textContent = `${done} of at most ${most} epochs, in ${duration(seconds)}.`;
    } else if (model.get("state") === "ended") {
      place.textContent = "Nothing was trained in steps here.";
    } else if (epochs.length) {
      place.textContent = `Epoch ${Math.min(done + 1, most)} of ${most}.`;
    } else {
      place.textContent = "Nothing learns yet: pictures are read, and what stays frozen is computed, first.";
    }
  }

  /** What a screen reader says by itself: once an epoch, and at the end. */
  function tellNews({ epochs, best, most, ended }, at, count) {
    if (!epochs.length) return news.say("");
    const { number, accuracy, validation_accuracy: judged } = epochs.at(-1);
    const which = count > 1 ? `Training ${at + 1}. ` : "";
    const found = judged !== null ? `, validation accuracy ${percent(judged)}` : accuracy !== null ? `, accuracy ${percent(accuracy)}` : "";
    const kept = best ? `epoch ${best}` : "the start";
    if (!number && !ended) return news.say(`${which}The start${found || ", before the first epoch"}.`);
    if (!ended) return news.say(`${which}Epoch ${number} of ${most} done${found}; the best so far is ${kept}.`);
    const value = epochs[best].validation_accuracy;
    news.say(`${which}Ended: ${ended}. Kept is ${kept}${value === null ? "" : `, validation accuracy ${percent(value)}`}.`);
    line.say("");
  }

  function draw({ measure, drawing, words }, { epochs, best, most, ended }, now) {
    const curves = CURVES.map((curve) => ({ ...curve, points: pointsOf(curve, measure.name, epochs, now) }));
    const values = curves.flatMap(({ points }) => points.map(([, value]) => value));
    words.replaceChildren(...curves.filter(({ points }) => points.length).flatMap(({ name, series, kind, points }) => [
      shape("svg", { width: 18, height: 14, class: `tl-curve ${kind}`, "aria-hidden": "true" }, mark(series, 9, 7)),
      element("span", { text: `${name} ${measure.words(points.at(-1)[1])}   ` }),
    ]));
    const told = curves.map(({ name, points }) => points.length && `${name} from ${measure.words(points[0][1])} to ${measure.words(points.at(-1)[1])}`);
    const kept = epochs.length ? ` The best so far is ${best ? `epoch ${best}` : "the start"}.` : "";
    drawing.svg.setAttribute("aria-label", `${measure.title} by epochs: ${told.filter(Boolean).join(", ") || "nothing yet"}.${kept}`);
    if (!drawing.width) return;
    const done = epochs.at(-1)?.number ?? 0;
    const high = ended ? done : Math.min(most, Math.max(5, Math.ceil(1.5 * done)));
    const x = { low: 0, high: Math.max(1, high), whole: true, title: "epoch", words: String };
    const y = { ...reach(measure.name, values), title: measure.title, words: measure.words };
    const { across, down, box } = drawing.frame(x, y);
    if (epochs.length) {
      drawing.svg.append(shape("g", { class: "tl-kept", "aria-hidden": "true" },
        shape("line", { x1: across(best), x2: across(best), y1: box.top, y2: box.bottom })));
    }
    for (const { points, series, kind } of curves) {
      const places = points.map(([number, value]) => [across(number), down(value)]);
      drawing.svg.append(shape("g", { class: `tl-curve ${kind}`, "aria-hidden": "true" },
        shape("polyline", { points: places.map((place) => place.join(",")).join(" ") }),
        ...places.map(([left, top]) => mark(series, left, top, 4)),
      ));
    }
  }

  function fillRates(now) {
    rates.hidden = !now;
    if (!now) return;
    const groups = Object.entries(now.rates);
    rates.replaceChildren(
      element("caption", { text: "Learning rates now" }),
      element("tbody", {},
        element("tr", {}, groups.map(([name]) => element("th", { scope: "col", text: name }))),
        element("tr", {}, groups.map(([, rate]) => element("td", { text: rate.toExponential(1) }))),
      ),
    );
  }

  function fillTable({ epochs, best }) {
    const head = ["epoch", "learning rate", "loss", "accuracy", "validation loss", "validation accuracy", "seconds"];
    const cell = (value, words) => element("td", { text: value === null ? "–" : words(value) });
    const [loss, accuracy] = MEASURES.map(({ words }) => words);
    table.replaceChildren(
      element("caption", { text: "The epochs; 0 is the start" }),
      element("thead", {}, element("tr", {}, head.map((text) => element("th", { scope: "col", text })))),
      element("tbody", {}, epochs.map((epoch) => element("tr", {},
        element("th", { scope: "row", text: `${epoch.number}${epoch.number === best ? ", kept" : ""}` }),
        cell(epoch.learning_rate, (v) => v.toExponential(1)),
        cell(epoch.loss, loss), cell(epoch.accuracy, accuracy),
        cell(epoch.validation_loss, loss), cell(epoch.validation_accuracy, accuracy),
        cell(epoch.seconds, (v) => v.toFixed(1)),
      ))),
    );
  }
}

/** The points of a curve, `[epoch, value]`; the last one within the epoch that goes on. */
function pointsOf(curve, measure, epochs, now) {
  const points = epochs.map((epoch) => [epoch.number, curve.of(epoch, measure)]).filter(([, value]) => value !== null);
  if (now && curve.name === "training") points.push([now.epoch - 1 + now.step / now.steps, now[measure]]);
  return points;
}

/** The ends of the upright axis: losses from 0, accuracies up to 1. */
function reach(measure, values) {
  const known = values.filter(Number.isFinite);
  if (measure === "loss") return { low: 0, high: Math.max(0.01, ...known) * 1.05 };
  return { low: Math.floor(10 * Math.min(0.9, ...known)) / 10, high: 1 };
}

function duration(seconds) {
  if (seconds < 100) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
