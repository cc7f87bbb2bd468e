"""A report as HTML: the short form for a notebook, and one file that needs no other."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from tlcourse.assets import atomic_write

if TYPE_CHECKING:
    from tlcourse.evaluation.report import Report
    from tlcourse.figures import Figure

_PAIRS_SHOWN = 10
_PROBLEMS_SHOWN = 50

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --soft: #57606a; --line: #d0d7de; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #14171b; --soft: #a0a8b1; --line: #353c45; }
}
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; }
caption { text-align: left; color: var(--soft); padding-bottom: .25rem; }
th, td { text-align: left; padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--line); }
td { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1rem 0; } figure img { max-width: 100%; background: #fff; }
li { overflow-wrap: anywhere; }
"""


def notebook_html(report: Report) -> str:
    """Return the sentences and the table of classes."""
    words = "".join(f"<p>{escape(line)}</p>" for line in report.in_words())
    return f"<div>{words}{_table(report)}{''.join(_pairs(report, 3))}</div>"


def write_page(report: Report, path: Path) -> Path:
    """Write everything with its figures; nothing in it points anywhere else."""
    page = "".join(_page(report))
    with atomic_write(path) as file:
        file.write(page.encode(errors="backslashreplace"))
    return path


def _page(report: Report) -> Iterator[str]:
    title = f"Accuracy {report.accuracy:.1%} on {report.n_test:,} pictures"
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
    )
    yield from (f"<p>{escape(line)}</p>" for line in report.in_words())
    yield f'<h2>Classes</h2><div class="wide">{_table(report)}</div>'
    yield "<h2>Who is taken for whom</h2>"
    yield from _pairs(report, _PAIRS_SHOWN)
    yield _figure(report.draw_confusion())
    yield "<h2>How sure, and how right</h2>"
    yield _figure(report.draw_reliability())
    if report.confident_mistakes:
        yield (
            "<h2>Wrong, and surest of it</h2><p>Look here first: a sure mistake is often a wrong "
            "label.</p>"
        )
        yield _figure(report.draw_mistakes())
    yield "<h2>Hardest pictures</h2>"
    yield _figure(report.draw_hardest())
    if report.problems:
        yield f"<h2>Left out</h2><p>{len(report.problems):,} files:</p><ul>"
        yield from (f"<li>{escape(str(p))}</li>" for p in report.problems[:_PROBLEMS_SHOWN])
        yield "</ul>"
    yield "</body></html>\n"


def _table(report: Report) -> str:
    rows = []
    for score in report.per_class:
        shares = ("–" if v is None else f"{v:.1%}" for v in (score.precision, score.recall))
        cells = "".join(f"<td>{cell}</td>" for cell in (*shares, f"{score.pictures:,}"))
        rows.append(f'<tr><th scope="row">{escape(score.name)}</th>{cells}</tr>')
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("class", "precision", "recall", "pictures")
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _pairs(report: Report, count: int) -> Iterator[str]:
    if report.confusion_pairs:
        yield "<p>Most often taken for each other:</p><ul>"
        yield from (f"<li>{escape(str(pair))}</li>" for pair in report.confusion_pairs[:count])
        yield "</ul>"


def _figure(figure: Figure) -> str:
    address = base64.b64encode(figure.png).decode()
    alt = escape(figure.alt, quote=True)
    return f'<figure><img src="data:image/png;base64,{address}" alt="{alt}"></figure>'
