"""What all widgets share: the front end, questions and answers, what is shown without a script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tlcourse.errors import ArgumentError, TLCourseError
from tlcourse.figures import Figure
from tlcourse.widgets import front

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise TLCourseError(
        "The widgets need anywidget, which is not installed.",
        expected="the packages of the notebooks",
        received=str(error),
        todo="Install them: pip install 'tlcourse[lab]'.",
    ) from error


class Answer(NamedTuple):
    """What the kernel sends to the browser: a description, ready for JSON, and bytes."""

    record: dict[str, Any]
    data: bytes


def key_of(question: Mapping[str, Any]) -> str:
    """Return the name of a question, under which the browser looks for a stored answer."""
    return "/".join(str(value) for value in question.values())


class Shell(anywidget.AnyWidget):
    """A widget whose pictures are painted in the browser.

    `about` and `stored` are saved with the notebook, and are all that a page without a kernel has.
    What the browser asks for with a kernel goes as a message and is saved nowhere.

    Parameters
    ----------
    about
        What the view is told, ready for JSON.
    stored
        Answers that are there from the start, by their questions.
    sheet
        Stands for the widget where no script runs.
    view
        Its name in `front/index.js`.

    """

    _css = front.style()
    view = traitlets.Unicode().tag(sync=True)
    about = traitlets.Dict().tag(sync=True)
    stored = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        about: Mapping[str, Any],
        stored: Mapping[str, Answer],
        sheet: Figure,
        *,
        view: str,
        **traits: Any,
    ) -> None:
        self._esm = front.script(view)
        records, parts, at = [], [], 0
        for key, (record, data) in stored.items():
            records.append({"key": key, "at": at, "size": len(data), **record})
            parts.append(data)
            at += len(data)
        self._sheet = sheet
        about = {**about, "stored": records}
        super().__init__(about=about, stored=b"".join(parts), view=view, **traits)
        self.on_msg(self._hear)

    def answer(self, question: dict[str, Any]) -> Answer:
        """Answer a question of the browser; overridden by each widget."""
        raise ArgumentError("This widget answers no questions.", received=repr(question))

    def _hear(self, _: Any, content: Any, buffers: Any) -> None:
        """Answer, whatever happens: what is raised here nobody would see."""
        number = content.get("id") if isinstance(content, dict) else None
        try:
            question = {name: value for name, value in content.items() if name != "id"}
            record, data = self.answer(question)
        except TLCourseError as error:
            self.send({"id": number, "error": str(error)})
        except Exception as error:
            text = f"The kernel could not answer: {type(error).__name__}: {error}"
            self.send({"id": number, "error": text})
        else:
            self.send({"id": number, "record": {"size": len(data), **record}}, [data])

    def __repr__(self) -> str:
        return self._sheet.alt

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the widget, and a picture and words of it for where no script runs."""
        data, metadata = self._sheet._repr_mimebundle_()
        if widget := super()._repr_mimebundle_(**options):
            data, metadata = {**data, **widget[0]}, {**metadata, **widget[1]}
        return data, metadata
