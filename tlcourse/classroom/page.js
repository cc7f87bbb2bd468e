// Brings the widgets of a saved chapter to life on a page without a kernel.

const { scripts, models } = JSON.parse(document.getElementById("tlcourse-models").textContent);

const modules = scripts.map((script) =>
  import(URL.createObjectURL(new Blob([script], { type: "text/javascript" }))),
);

function bytes(text) {
  return new DataView(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
}

/** What anywidget hands to a module: the saved state, and nobody to send to. */
function modelOf({ state, buffers }) {
  for (const { path, data } of buffers) state[path[0]] = bytes(data);
  const heard = new Map();
  const each = (names, act) => names.split(" ").forEach((name) => act(name, heard.get(name) ?? []));
  return {
    get: (name) => state[name],
    set(name, value) {
      if (state[name] === value) return;
      state[name] = value;
      heard.get(`change:${name}`)?.forEach((callback) => callback());
    },
    save_changes() {},
    send() {},
    on: (names, callback) => each(names, (name, known) => heard.set(name, [...known, callback])),
    off: (names, callback) =>
      each(names, (name, known) => heard.set(name, known.filter((one) => one !== callback))),
  };
}

const styles = new Set();
for (const place of document.querySelectorAll("[data-tlcourse-model]")) {
  const saved = models[place.dataset.tlcourseModel];
  const { default: widget } = await modules[saved.script];
  if (!styles.has(saved.style)) {
    styles.add(saved.style);
    document.head.append(Object.assign(document.createElement("style"), { textContent: saved.style }));
  }
  const live = document.createElement("div");
  try {
    await widget.render({ model: modelOf(structuredClone(saved)), el: live });
    place.replaceChildren(live);
  } catch (error) {
    console.error(error); // the sheet stays where it is
  }
}
