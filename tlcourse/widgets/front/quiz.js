// A quiz: each option is a button, and says at once what is to be said to it.

import { button, element, group, status } from "./controls.js";
import { connect, NOBODY, SLOW } from "./kernel.js";

const TOLD = { silent: `${NOBODY} Your answers do not go into your progress.`, slow: SLOW };

/** `code` stands between backticks, *stress* between stars. */
function marked(text) {
  return text.split(/(`[^`]+`|(?<!\w)\*\S[^*]*\*(?!\w))/).map((part, i) => {
    return i % 2 ? element(part[0] === "`" ? "code" : "em", { text: part.slice(1, -1) }) : part;
  });
}

export function renderQuiz({ model, el, signal }) {
  const { chapter, questions } = model.get("about");
  const firsts = new Map(); // by question: whether the first answer was right
  const found = new Set();
  const score = status();
  const line = status();
  const kernel = connect(model, signal, (now) => line.say(TOLD[now] ?? ""));

  el.setAttribute("role", "group");
  el.setAttribute("aria-label", `Quiz of chapter ${chapter}`);
  el.append(...questions.map(ask), score.root, line.root);

  function ask(question, place) {
    const said = status();
    const options = question.options.map((option, i) => {
      const root = button("", () => take(i), {
        "aria-pressed": "false",
        style: "text-align: start; overflow-wrap: anywhere",
      });
      root.append(`${String.fromCharCode(97 + i)}) `, ...marked(option.text));
      return root;
    });

    function take(i) {
      const option = question.options[i];
      options.forEach((one, j) => one.setAttribute("aria-pressed", String(i === j)));
      const [sign, verdict] = option.right ? ["✔", "Right."] : ["✘", "Not this one."];
      said.root.replaceChildren(
        element("strong", {}, element("span", { "aria-hidden": "true", text: `${sign} ` }), `${verdict} `),
        ...marked(option.feedback),
      );
      if (!firsts.has(place)) firsts.set(place, option.right);
      if (option.right) found.add(place);
      tell();
      kernel.ask({ kind: "answered", question: place, option: i }).catch((error) => line.say(error.message));
    }

    const title = `Question ${place + 1} of ${questions.length}`;
    return group(title, element("p", {}, ...marked(question.text)), ...options, said.root);
  }

  function tell() {
    const atOnce = [...firsts.values()].filter(Boolean).length;
    score.say(`${found.size} of ${questions.length} found, ${atOnce} at the first try.`);
  }
}
