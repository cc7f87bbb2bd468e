"""What an export is worth beside the Keras model that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, NamedTuple


class Measured(NamedTuple):
    """One of the two models: size in bytes, median milliseconds for a picture, accuracy 0..1."""

    name: str
    size: int
    milliseconds: float
    accuracy: float | None


@dataclass(frozen=True, eq=False, repr=False)
class ExportReport:
    """The result of `export`; shows as a table.

    Attributes
    ----------
    path : Path
        The main file.
    files : tuple of Path
        All files of the export.
    format, runtime : str
        The format's name, and the package that ran the file for this report.
    quantise : str or None
    keras, exported : Measured
        Both on the same pictures, one at a time, on this machine.
    n_pictures : int
        How many pictures the two were compared on.
    on_test : bool
        Whether these were a test set; else they were generated patterns, which say that the file
        works and nothing of its accuracy.
    agreement : float
        Share of the pictures that both give the same name, 0..1.
    largest_difference : float
        Between two probabilities of the same class, over all pictures, 0..1.

    """

    path: Path
    files: tuple[Path, ...]
    format: str
    runtime: str
    quantise: str | None
    keras: Measured
    exported: Measured
    n_pictures: int
    on_test: bool
    agreement: float
    largest_difference: float

    def to_dict(self) -> dict[str, Any]:
        """Return everything as a JSON-able dictionary."""
        return {
            "path": str(self.path),
            "files": [str(file) for file in self.files],
            "format": self.format,
            "runtime": self.runtime,
            "quantise": self.quantise,
            "keras": self.keras._asdict(),
            "exported": self.exported._asdict(),
            "n_pictures": self.n_pictures,
            "on_test": self.on_test,
            "agreement": self.agreement,
            "largest_difference": self.largest_difference,
        }

    def table(self) -> list[list[str]]:
        """Return the two models as rows of cells, the head first."""
        rows = [["model", "size", "a picture", "accuracy"]]
        for name, size, milliseconds, accuracy in (self.keras, self.exported):
            share = "–" if accuracy is None else f"{accuracy:.1%}"
            rows.append([name, f"{size / 1e6:.1f} MB", f"{milliseconds:.1f} ms", share])
        return rows

    def in_words(self) -> list[str]:
        """Return what the table does not show, a sentence a line."""
        pictures = f"{self.n_pictures:,} {'test pictures' if self.on_test else 'patterns'}"
        lines = [
            f"Run by {self.runtime} on {pictures}: {self.agreement:.1%} get the same name as from "
            f"Keras; probabilities within {self.largest_difference:.4f}."
        ]
        if not self.on_test:
            lines.append(
                "Patterns only show that the file works: give test pictures to judge it by."
            )
        return [*lines, "Files: " + ", ".join(str(file) for file in self.files)]

    def __repr__(self) -> str:
        table = self.table()
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join([name.ljust(widths[0]), *map(str.rjust, cells, widths[1:])])
            for name, *cells in table
        ]
        return "\n".join([*lines, *self.in_words()])

    def _repr_html_(self) -> str:
        head, *rows = self.table()
        cells = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
        body = "".join(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in values)
            + "</tr>"
            for name, *values in rows
        )
        words = "".join(f"<p>{escape(line)}</p>" for line in self.in_words())
        return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>{words}"
