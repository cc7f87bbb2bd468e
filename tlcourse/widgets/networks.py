"""`explore_networks`: known networks as points in a chart, by accuracy, size, work and year."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import traitlets

from tlcourse.errors import ArgumentError
from tlcourse.figures import PALETTE, Figure, drawing, finish
from tlcourse.widgets.shell import Shell

AXES = {
    "year": "year",
    "parameters": "parameters, in millions",
    "multiply_adds": "multiply-adds for a picture, in billions",
    "top1": "top-1 accuracy",
}
"""What can be drawn along an axis, and its title."""

_MARKERS = "os^DvPX*"


class NetworkRecord(NamedTuple):
    """A network as it was published.

    Attributes
    ----------
    name, family : str
        "ResNet-50", "ResNet".
    year : int
        Of the publication.
    parameters : float or None
        How many numbers it has learned.
    multiply_adds : float or None
        For one picture in its own size.
    top1 : float or None
        Share of the pictures whose likeliest class is the right one, 0..1.
    paper : str or None
        Authors, year, title.

    """

    name: str
    family: str
    year: int
    parameters: float | None = None
    multiply_adds: float | None = None
    top1: float | None = None
    paper: str | None = None


class NetworkExplorer(Shell):
    """Networks as points; made by `explore_networks`.

    Attributes
    ----------
    x, y : str
        What is drawn to the right and upwards: `"year"`, `"parameters"`, `"multiply_adds"` or
        `"top1"`.
    chosen : str
        The name of the network whose numbers are told; "" for none.
    hidden : list of str
        Families that are not drawn.

    """

    x = traitlets.Enum(list(AXES), "multiply_adds").tag(sync=True)
    y = traitlets.Enum(list(AXES), "top1").tag(sync=True)
    chosen = traitlets.Unicode("").tag(sync=True)
    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def __init__(self, networks: Iterable[NetworkRecord]) -> None:
        self.networks = tuple(networks)
        self.families = tuple(dict.fromkeys(network.family for network in self.networks))
        about = {
            "networks": [network._asdict() for network in self.networks],
            "families": list(self.families),
        }
        super().__init__(about, {}, self._drawn(), view="networks")

    @traitlets.validate("chosen")
    def _check_chosen(self, proposal: dict[str, Any]) -> str:
        return _one_of("network", proposal["value"], ["", *(n.name for n in self.networks)])

    @traitlets.validate("hidden")
    def _check_hidden(self, proposal: dict[str, Any]) -> list[str]:
        return [_one_of("family", name, self.families) for name in proposal["value"]]

    def _drawn(self) -> Figure:
        """Draw accuracy against work, for where no script runs."""
        points = [
            (n, n.multiply_adds / 1e9, n.top1) for n in self.networks if n.multiply_adds and n.top1
        ]
        points.sort(key=lambda point: -point[2])
        with drawing(7.2, 4.6) as canvas:
            axes = canvas.subplots()
            for number, family in enumerate(self.families):
                drawn = [(work, right) for n, work, right in points if n.family == family]
                if drawn:
                    colour = PALETTE[(number + number // len(_MARKERS)) % len(PALETTE)]
                    mark: Any = {"marker": _MARKERS[number % len(_MARKERS)], "c": colour}
                    axes.plot(*zip(*drawn, strict=True), ls="", mec="black", mew=0.5, label=family,
                              **mark)  # fmt: skip
            axes.set(xscale="log", xlabel=AXES["multiply_adds"], ylabel=AXES["top1"])
            axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
            axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
            axes.margins(0.08)
            axes.set_title("Accuracy on ImageNet against the work for a picture")
            if points:
                axes.legend(fontsize=8, ncols=2)
            canvas.draw_without_rendering()  # from here on it is known where things lie
            _write_names(axes, [(n.name, work, right) for n, work, right in points])
            told = ", ".join(
                f"{n.name} ({n.year}) {right:.1%} with {work:.3g} billion"
                for n, work, right in points
            )
            words = f"Top-1 accuracy and multiply-adds of {len(points)} networks: {told}."
            return finish(canvas, f"{words} Where scripts run, axes and networks can be chosen.")


def _write_names(axes: Any, points: list[tuple[str, float, float]]) -> None:
    """Write names beside points, the first ones first; none that would cover another."""
    from matplotlib.transforms import Bbox

    places = axes.transData.transform([(x, y) for _, x, y in points]) if points else []
    taken = [Bbox.from_bounds(x - 4, y - 4, 8, 8) for x, y in places]
    whole = axes.get_window_extent()
    for (name, x, y), (across, up) in zip(points, places, strict=True):
        for anchor, shift in (("left", (6, -3)), ("right", (-6, -3)), ("center", (0, 6)),
                              ("center", (0, -12))):  # fmt: skip
            written = axes.annotate(name, (x, y), xytext=shift, textcoords="offset points",
                                    ha=anchor, fontsize=7)  # fmt: skip
            box = written.get_window_extent()
            own = Bbox.from_bounds(across - 4, up - 4, 8, 8)
            free = not any(box.overlaps(o) for o in taken if o.bounds != own.bounds)
            if free and whole.x0 < box.x0 and box.x1 < whole.x1:
                taken.append(box)
                break
            written.remove()


def explore_networks(rows: Iterable[Mapping[str, Any] | Any]) -> NetworkExplorer:
    """Show networks as points, by accuracy, size, work for a picture, and year.

    Both axes can be chosen; the pointer or the arrow keys go to a network and tell its numbers, and
    all of them stand in a table as well. It needs no kernel.

    Parameters
    ----------
    rows
        Records with `name`, `family`, `year`, `parameters`, `multiply_adds`, `top1` (0..1), and
        `paper` where there is one: dictionaries, or objects with these attributes. A number that is
        not known is None; the network is then drawn where it is not needed.

    Returns
    -------
    NetworkExplorer
        A widget; what is chosen can be read and set, `explorer.x = "year"`.

    Raises
    ------
    ArgumentError
        When there are no rows, two of one name, or a row lacks something or has a number that
        cannot be.

    """
    records = [_record(row, number) for number, row in enumerate(_listed(rows), 1)]
    if not records:
        raise ArgumentError("The argument 'rows' is empty.", expected="at least one network")
    names = [record.name for record in records]
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise ArgumentError(
            "Some networks are named more than once.",
            expected="a name of its own for each",
            received=", ".join(twice),
        )
    return NetworkExplorer(records)


def _listed(rows: Any) -> list[Any]:
    if isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping):
        return list(rows)
    raise ArgumentError(
        "The argument 'rows' is no list of networks.",
        expected="records with " + ", ".join(NetworkRecord._fields),
        received=f"rows={rows!r}"[:200],
    )


def _record(row: Any, number: int) -> NetworkRecord:
    """Return a row as a checked record."""
    found: dict[str, Any] = {
        name: row.get(name) if isinstance(row, Mapping) else getattr(row, name, None)
        for name in NetworkRecord._fields
    }

    def must(name: str, fits: bool, expected: str) -> None:
        if not fits:
            raise ArgumentError(
                f"Row {number} of the argument 'rows' has no proper '{name}'.",
                expected=expected,
                received=f"{name}={found[name]!r}, name={found['name']!r}"[:200],
            )

    for name in ("name", "family"):
        must(name, isinstance(found[name], str) and found[name].strip() != "", "a text")
    year = found["year"]
    must("year", _is_number(year) and 1940 <= year <= 2100 and year == int(year), "such as 2014")
    for name in ("parameters", "multiply_adds"):
        value = found[name]
        must(name, value is None or (_is_number(value) and value > 0), "a number above 0, or None")
    top1 = found["top1"]
    must("top1", top1 is None or (_is_number(top1) and 0 < top1 <= 1), "a share, 0..1, or None")
    paper = found["paper"]
    must("paper", paper is None or isinstance(paper, str), "a text, or None")
    numbers = {name: _plain(found[name]) for name in ("parameters", "multiply_adds", "top1")}
    return NetworkRecord(found["name"], found["family"], int(year), **numbers, paper=paper)


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: Any) -> float | None:
    """Return a number ready for JSON: numpy's are not."""
    return None if value is None else float(value)


def _one_of(what: str, value: str, known: Iterable[str]) -> str:
    listed = list(known)
    if value in listed:
        return value
    raise ArgumentError(
        f"There is no such {what}.",
        expected="one of: " + ", ".join(map(repr, listed)),
        received=repr(value),
    )
