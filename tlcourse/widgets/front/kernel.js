// Questions to the kernel. Where none runs, on a page or in a closed notebook, nothing answers.

const PATIENCE = 3000; // milliseconds until a reader is told that no answer has come

export const NOBODY = "No kernel answers (where one runs, it may be busy).";
export const SLOW = "The kernel has not answered yet: it is still computing, or it has stopped.";

/**
 * Connect a view with the Python half of its widget.
 *
 * `ask(question)` resolves to `{record, buffer}` and is rejected with the kernel's own sentence.
 * `changed(state, before)` tells how the kernel is: "unknown" at first; "silent" when the very first
 * answer is long in coming, so that there may be no kernel, though it may be busy as well; "live"
 * when it has answered; "slow" when a later answer is long in coming.
 */
export function connect(model, signal, changed = () => {}) {
  const name = Math.random().toString(36).slice(2); // another view of the same widget asks as well
  const waiting = new Map();
  let asked = 0;
  const kernel = { state: "unknown", ask, };

  function become(state) {
    const before = kernel.state;
    if (before === state || (before === "slow" && state === "silent")) return;
    kernel.state = state;
    changed(state, before);
  }

  function ask(question) {
    asked += 1;
    const id = `${name}-${asked}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => become(kernel.state === "live" ? "slow" : "silent"), PATIENCE);
      waiting.set(id, { resolve, reject, timer });
      model.send({ ...question, id });
    });
  }

  function hear(content, buffers) {
    const asker = waiting.get(content.id);
    if (!asker) return;
    waiting.delete(content.id);
    clearTimeout(asker.timer);
    become("live");
    if (content.error) asker.reject(new Error(content.error));
    else asker.resolve({ record: content.record, buffer: buffers[0] });
  }

  model.on("msg:custom", hear);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", hear);
    for (const { timer } of waiting.values()) clearTimeout(timer);
  });
  return kernel;
}

/** Tie traits to controls: either side may change them, and `painted` follows both. */
export function bind(model, signal, names, painted) {
  const events = names.map((name) => `change:${name}`).join(" ");
  let frame = 0;
  let quiet = false;
  const schedule = () => {
    // What comes from the kernel comes in several events, and may come fast: one picture a frame.
    if (quiet || frame) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      painted();
    });
  };
  model.on(events, schedule);
  signal.addEventListener("abort", () => {
    model.off(events, schedule);
    cancelAnimationFrame(frame);
  });

  /** Change traits, here and in the kernel, without painting. */
  function note(values) {
    quiet = true;
    for (const [name, value] of Object.entries(values)) model.set(name, value);
    quiet = false;
    model.save_changes();
  }

  return {
    schedule,
    note,
    /** Change traits, and paint at once: a frame later would be seen. */
    set(values) {
      note(values);
      painted();
    },
  };
}
