"""The report as HTML: one file that needs no other, and the short form for a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from tlcourse.assets import atomic_write
from tlcourse.data.tables import counted
from tlcourse.diagnosis.findings import Finding
from tlcourse.diagnosis.kinds import COSTS, KINDS, Kind
from tlcourse.diagnosis.thumbnails import thumbnail
from tlcourse.messages import progress
from tlcourse.parallel import map_ahead

if TYPE_CHECKING:
    from tlcourse.diagnosis.diagnosis import Diagnosis

_SIDE, _NOTEBOOK_SIDE = 144, 72
_MOST_SHOWN = 48
"""Findings of a kind that are shown with pictures; the next ones are listed by name."""

_MOST_LISTED = 1000
_MOST_IN_GROUP = 6
_NOTEBOOK_EXAMPLES = 4
_WITHOUT_PICTURES = ("empty_class", "other_file", "imbalance")


def write_report(diagnosis: Diagnosis, path: Path) -> Path:
    """Write the report; nothing in it points anywhere else."""
    page = "".join(_page(diagnosis))
    with atomic_write(path) as file:
        file.write(page.encode(errors="backslashreplace"))
    return path


def notebook_html(diagnosis: Diagnosis) -> str:
    """Return the table of what was found, with the clearest cases of each kind."""
    if not diagnosis.findings:
        return f"<p>{escape(diagnosis.summary())}</p>"
    rows = []
    for row in diagnosis.table():
        found = diagnosis.of(row["kind"])
        pictured = [] if row["kind"] in _WITHOUT_PICTURES else found[:_NOTEBOOK_EXAMPLES]
        examples = "".join(_small(diagnosis, finding) for finding in pictured)
        rows.append(
            f'<tr><th scope="row" style="text-align:left">{escape(row["what"])}</th>'
            f'<td style="text-align:left">{_badge(row["cost"])}</td><td>{row["files"]:,}</td>'
            f'<td style="text-align:left">{examples}</td>'
            f'<td style="text-align:left">{escape(row["advice"])}</td></tr>'
        )
    heads = "".join(
        f'<th scope="col" style="text-align:left">{head}</th>'
        for head in ("what", "cost", "files", "for example", "what to do")
    )
    return (
        f"<table><caption>{escape(diagnosis.summary())}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _small(diagnosis: Diagnosis, finding: Finding) -> str:
    address = thumbnail(finding.files[0], _NOTEBOOK_SIDE) if finding.files else None
    if address is None:
        return ""
    words = escape(f"{diagnosis.short(finding.files[0])}: {finding.detail}", quote=True)
    return f'<img src="{address}" alt="{words}" title="{words}" style="margin:2px">'


def _page(diagnosis: Diagnosis) -> Iterator[str]:
    name = escape(str(diagnosis.images.record.get("folder", "a set of pictures")))
    style = files("tlcourse.diagnosis").joinpath("report.css").read_text("utf-8")
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>What is wrong with {name}</title><style>{style}</style></head><body>"
        f'<header><p class="eyebrow">tlcourse inspect · {date.today().isoformat()}</p>'
        f"<h1>{escape(diagnosis.summary())}</h1><p><code>{name}</code></p>"
    )
    yield f"<p>{escape(diagnosis.judged_by())}</p></header><main>"
    if diagnosis.findings:
        yield from _overview(diagnosis)
    yield from _classes(diagnosis)
    pictures = _thumbnails(diagnosis)
    for kind in KINDS.values():
        if found := diagnosis.of(kind.name):
            yield from _section(diagnosis, kind, found, pictures)
    yield "</main></body></html>\n"


def _overview(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield the one table, sorted by what things cost."""
    yield (
        '<section aria-labelledby="overview"><h2 id="overview">What costs most comes first</h2>'
        "<p>First what makes a test result a lie, since nobody would notice; then what teaches "
        "wrong things; then pictures that are lost or teach little; last what this course reads "
        "rightly, and other tools may not.</p>"
        '<div class="wide"><table><thead><tr><th scope="col">what</th><th scope="col">cost</th>'
        '<th scope="col" class="number">files</th><th scope="col">what to do</th></tr></thead>'
        "<tbody>"
    )
    for row in diagnosis.table():
        yield (
            f'<tr><th scope="row"><a href="#{row["kind"]}">{escape(row["what"])}</a></th>'
            f'<td>{_badge(row["cost"])}</td><td class="number">{row["files"]:,}</td>'
            f"<td>{escape(row['advice'])}</td></tr>"
        )
    yield "</tbody></table></div></section>"


def _classes(diagnosis: Diagnosis) -> Iterator[str]:
    """Yield what the set consists of, folded away."""
    yield (
        "<details><summary>What the set consists of</summary>"
        f'<div class="wide">{diagnosis.images._repr_html_()}</div></details>'
    )


def _badge(cost: int) -> str:
    """Return the cost as bars and words: told apart without colours too."""
    bars = "■" * cost + "□" * (max(COSTS) - cost)
    return (
        f'<span class="badge cost{cost}"><span aria-hidden="true">{bars}</span> '
        f"{escape(COSTS[cost])}</span>"
    )


def _thumbnails(diagnosis: Diagnosis) -> dict[Path, str | None]:
    """Return small pictures for all that is shown with one."""
    wanted = dict.fromkeys(
        file
        for kind in KINDS
        if kind not in _WITHOUT_PICTURES
        for finding in diagnosis.of(kind)[:_MOST_SHOWN]
        for file in finding.files[:_MOST_IN_GROUP]
    )
    made = map_ahead(lambda file: thumbnail(file, _SIDE), wanted)
    bar = progress(made, what="Making small pictures", total=len(wanted))
    return dict(zip(wanted, bar, strict=True))


def _section(
    diagnosis: Diagnosis,
    kind: Kind,
    found: tuple[Finding, ...],
    pictures: dict[Path, str | None],
) -> Iterator[str]:
    yield (
        f'<section id="{kind.name}" aria-labelledby="{kind.name}-title">'
        f'<h2 id="{kind.name}-title">{escape(kind.title.capitalize())} '
        f'<span class="count">{counted(len(found), "case")}</span> '
        '<a class="up" href="#overview">to the table</a></h2>'
        f"<p>{_badge(kind.cost)} {escape(kind.meaning)}</p>"
        f'<p class="todo"><strong>What to do.</strong> {escape(kind.advice)}</p>'
    )
    if kind.name in _WITHOUT_PICTURES:
        yield from _list(diagnosis, found)
    else:
        yield '<ul class="cards">'
        for finding in found[:_MOST_SHOWN]:
            yield from _card(diagnosis, finding, pictures)
        yield "</ul>"
        if rest := found[_MOST_SHOWN:]:
            yield f"<details><summary>{len(rest):,} more, by name</summary>"
            yield from _list(diagnosis, rest)
            yield "</details>"
    yield "</section>"


def _card(
    diagnosis: Diagnosis, finding: Finding, pictures: dict[Path, str | None]
) -> Iterator[str]:
    group = len(finding.files) > 1
    yield f'<li class="card{" group" if group else ""}"><div class="pictures">'
    for file in finding.files[:_MOST_IN_GROUP]:
        name, address = escape(diagnosis.short(file), quote=True), pictures[file]
        yield "<figure>"
        if address is None:
            yield '<div class="nothing">no picture</div>'
        else:
            yield f'<img src="{address}" alt="{name}" loading="lazy">'
        yield f"<figcaption>{name}</figcaption></figure>"
    yield "</div>"
    if (rest := len(finding.files) - _MOST_IN_GROUP) > 0:
        yield f'<p class="more">and {rest:,} more</p>'
    yield f"<p>{escape(finding.detail)}</p></li>"


def _list(diagnosis: Diagnosis, found: tuple[Finding, ...]) -> Iterator[str]:
    yield '<ul class="names">'
    for finding in found[:_MOST_LISTED]:
        names = ", ".join(diagnosis.short(file) for file in finding.files[:_MOST_IN_GROUP])
        code = f"<code>{escape(names)}</code> " if names else ""
        yield f"<li>{code}{escape(finding.detail)}</li>"
    yield "</ul>"
    if (rest := len(found) - _MOST_LISTED) > 0:
        yield f"<p>{rest:,} more are in the JSON: <code>tlcourse inspect FOLDER --json</code></p>"
