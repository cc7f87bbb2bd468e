"""`model_card`: what others must know of a classifier before they use it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tlcourse.assets import atomic_write
from tlcourse.errors import ArgumentError, must_be
from tlcourse.evaluation.report import Report
from tlcourse.training import Classifier

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTIONS = {
    "purpose": "What is the model for, and who is to use it?",
    "out of scope": "What must it not be used for?",
    "factors": "On which groups, devices or conditions may it work worse (light, season, camera, "
    "people)? Were these tested apart?",
    "data": "Who took the pictures, where and when, under which licence, and who named them?",
    "ethics": "Who could be harmed by a wrong answer, and how is that noticed?",
    "contact": "Whom does a user ask?",
}
"""What no record knows, by the key under which `model_card` takes the answer."""

_PLACES = ("folder", "manifest")
_LONGEST = 300


class ModelCard(str):
    """A model card as Markdown text; shows itself rendered in a notebook."""

    def save(self, path: str | Path) -> Path:
        """Write the card to a file, UTF-8, all or nothing."""
        path = Path(path).expanduser()
        with atomic_write(path) as file:
            file.write(self.encode())
        return path

    def _repr_markdown_(self) -> str:
        return str(self)


def model_card(
    classifier: Classifier,
    report: Report | None = None,
    *,
    name: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> ModelCard:
    """Write the card of a model from its records; what they do not know becomes a question.

    Parameters
    ----------
    classifier
        Any.
    report
        From `evaluate`; without it the card asks for one.
    name
        Of the model; by default its head and backbone.
    answers
        By key: `"purpose"`, `"out of scope"`, `"factors"`, `"data"`, `"ethics"`, `"contact"`. What
        is left out stands in the card as a question to its author.

    Returns
    -------
    A `ModelCard`: Markdown text, with `save(path)`.

    Raises
    ------
    ArgumentError
        When `answers` has a key that the card has not.

    References
    ----------
    M. Mitchell et al. (2019). Model cards for model reporting. FAT*.

    """
    must_be("classifier", classifier, Classifier, "Write tl.model_card(classifier, report).")
    if report is not None:
        must_be("report", report, Report, "Write report = tl.evaluate(classifier, images).")
    answers = dict(answers or {})
    if unknown := [key for key in answers if key not in QUESTIONS]:
        raise ArgumentError(
            "The card has no such field.",
            expected=", ".join(QUESTIONS),
            received=", ".join(map(repr, unknown)),
        )
    record = classifier.record
    title = name or f"{record.get('head', 'a')} head on {record.get('backbone', 'a network')}"
    lines = [
        f"# Model card: {_plain(title)}",
        "",
        "## Model",
        *_model(classifier),
        "",
        "## Use",
        *_asked(answers, "purpose", "out of scope"),
        "",
        "## Factors",
        *_asked(answers, "factors"),
        "",
        "## Training data",
        *_learned(record),
        *_asked(answers, "data"),
        "",
        "## Evaluation",
        *_judged(report, record),
        "",
        "## Ethical considerations",
        *_asked(answers, "ethics"),
        "",
        "## Contact",
        *_asked(answers, "contact"),
        "",
    ]
    return ModelCard("\n".join(lines))


def _plain(text: object) -> str:
    """Return text of others so that Markdown and HTML take it for text."""
    plain = " ".join(str(text).split()).replace("\\", "\\\\")
    for character in "`*_[]|<>#":
        plain = plain.replace(character, f"\\{character}")
    return plain


def _asked(answers: Mapping[str, str], *keys: str) -> Iterator[str]:
    for key in keys:
        heading = f"- **{key.capitalize()}:** "
        if key in answers:
            yield heading + answers[key]
        else:
            yield f"{heading}to be told: *{QUESTIONS[key]}*"


def _model(classifier: Classifier) -> Iterator[str]:
    record = classifier.record
    height, width = classifier.input_size
    weights = record.get("provenance", {})
    yield f"- Names pictures: {', '.join(map(_plain, classifier.class_names))}."
    yield f"- In: uint8 RGB, {height} × {width} pixels. Out: a probability for each class."
    backbone, head = (_plain(record.get(key, "to be told")) for key in ("backbone", "head"))
    yield f"- Backbone: {backbone}; head: {head}"
    for key, label in (
        ("detail", "Weights"),
        ("licence", "Licence of the weights"),
        ("citation", "Cite"),
    ):
        if value := weights.get(key):
            yield f"- {label}: {_plain(value)}"
    if tuned := record.get("fine_tuning"):
        yield f"- Fine-tuned layers: {len(tuned.get('learning', []))}"
    if temperature := record.get("temperature"):
        yield (
            f"- Confidence calibrated: temperature {temperature:.3f}, from "
            f"{record.get('calibrated_on', 0):,} pictures"
        )
    if versions := record.get("versions"):
        yield "- Made with: " + ", ".join(f"{_plain(k)} {_plain(v)}" for k, v in versions.items())
    yield f"- Parameters: {classifier.model.count_params():,}"


def _learned(record: dict[str, Any]) -> Iterator[str]:
    counts = record.get("trained_on")
    if not counts:
        yield "- To be told: *On how many pictures of each class was it trained?*"
        return
    yield f"- {sum(counts.values()):,} pictures: " + ", ".join(
        f"{_plain(name)} {number:,}" for name, number in counts.items()
    )
    for key, value in record.get("images", {}).items():
        # A card is published: where pictures lie on this machine is nobody's concern.
        told = Path(value).name if key in _PLACES else value
        if not isinstance(told, str):
            told = json.dumps(told, ensure_ascii=False)[:_LONGEST]
        yield f"- Set, {_plain(key)}: {_plain(told)}"


def _judged(report: Report | None, record: dict[str, Any]) -> Iterator[str]:
    if report is None:
        yield "- To be told: *How good is it on pictures that it has not seen? tl.evaluate tells.*"
        return
    yield from (f"- {line}" for line in report.in_words())
    if record.get("images", {}) and report.groups is None:
        yield (
            "- To be told: *Do test pictures show things, people or places that training pictures "
            "show?*"
        )
    yield ""
    yield "| class | precision | recall | pictures |"
    yield "|---|---:|---:|---:|"
    for score in report.per_class:
        shares = ("–" if v is None else f"{v:.1%}" for v in (score.precision, score.recall))
        yield f"| {_plain(score.name)} | {' | '.join(shares)} | {score.pictures:,} |"
    if report.confusion_pairs:
        yield ""
        yield "Most often taken for each other:"
        yield ""
        yield from (f"- {_plain(pair)}" for pair in report.confusion_pairs[:3])
