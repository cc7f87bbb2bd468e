// Native controls, each with a visible label, an accessible name and its value in words.

let made = 0;

/** Make an element; `text` becomes its text, everything else an attribute. */
export function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children.flat().filter(Boolean));
  return made;
}

/** An input: JupyterLab's shortcuts would take its keys away, unless told on the input itself. */
function field(tag, attributes) {
  made += 1;
  const id = `tlcourse-${made}-${Math.random().toString(36).slice(2, 8)}`;
  return element(tag, { id, "data-lm-suppress-shortcuts": "true", ...attributes });
}

function labelled(label, input, ...more) {
  return element("div", { class: "tl-control" }, element("label", { for: input.id, text: label }), input, more);
}

/** A slider; `words(value)` is what it says, to the eye and to a screen reader. */
export function slider(label, { min = 0, max, step = 1, words = String }, moved) {
  const input = field("input", { type: "range", min, max, step });
  // An <output> is announced at every change; the slider has just said the same by itself.
  const output = element("output", { for: input.id, "aria-live": "off" });
  const tell = () => {
    const text = words(Number(input.value));
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    moved(Number(input.value));
    tell();
  });
  return {
    root: labelled(label, input, output),
    input,
    tell,
    set(value, limits = {}) {
      Object.assign(input, limits);
      input.value = value;
      tell();
    },
  };
}

/** A list to choose from; options are `{value, text, disabled}`. */
export function chooser(label, options, chosen) {
  const input = field("select", {});
  input.addEventListener("change", () => chosen(input.value));
  const fill = (options) => {
    const value = input.value;
    input.replaceChildren(
      ...options.map((o) => element("option", { value: o.value, disabled: o.disabled, text: o.text })),
    );
    input.value = value;
  };
  fill(options);
  return { root: labelled(label, input), input, fill, set: (value) => (input.value = value) };
}

/** A box to tick. */
export function tick(label, changed) {
  const input = field("input", { type: "checkbox" });
  input.addEventListener("change", () => changed(input.checked));
  const root = element("div", { class: "tl-control tl-tick" }, input, element("label", { for: input.id, text: label }));
  return { root, input, set: (value) => (input.checked = value) };
}

/** A number to type; what is no number within its limits is not handed on. */
export function number(label, { min, max, step = 1, name }, typed) {
  const input = field("input", { type: "number", min, max, step, "aria-label": name });
  input.addEventListener("input", () => {
    if (input.value !== "" && input.checkValidity()) typed(Number(input.value));
  });
  return {
    root: name ? input : labelled(label, input),
    input,
    set(value, limits = {}) {
      Object.assign(input, limits);
      // What somebody is typing is left alone: "1." would become "1" under their fingers.
      if (input.value === "" || Number(input.value) !== value) input.value = value;
    },
  };
}

/** A button. */
export function button(text, pressed, attributes = {}) {
  const root = field("button", { type: "button", text, ...attributes });
  root.addEventListener("click", pressed);
  return root;
}

/** Controls that belong together, with a name for all of them. */
export function group(legend, ...controls) {
  return element("fieldset", {}, element("legend", { text: legend }), ...controls);
}

/** A line that screen readers read out when it changes: for what nobody asked for by a key. */
export function status() {
  const root = element("p", { class: "tl-status", role: "status" });
  return {
    root,
    say(text, { wrong = false } = {}) {
      root.classList.toggle("tl-wrong", wrong);
      if (root.textContent !== text) root.textContent = text;
    },
  };
}

/** "1st", "2nd", "3rd", … */
export function ordinal(number) {
  const last = number % 100;
  const endings = { 1: "st", 2: "nd", 3: "rd" };
  return number + ((last < 11 || last > 13) && endings[number % 10] || "th");
}

/** A number with as many digits as a reader wants to see. */
export function digits(value, places = 4) {
  if (value === 0) return "0";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  const text = size >= 1e5 || size < 1e-3 ? value.toExponential(2) : Number(value.toPrecision(places)).toString();
  return text.replace("-", "−");
}

/** A share as people say it, "71.3%"; what is not quite everything never becomes "100%". */
export function percent(share) {
  return `${digits(100 * share, share > 0.99 && share < 1 ? 4 : 3)}%`;
}

/** A text that begins a sentence. */
export function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
