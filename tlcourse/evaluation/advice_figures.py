"""Figures of the advice: the matrix, the ranking, the heads, the learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tlcourse.figures import PALETTE, Figure, drawing, finish

if TYPE_CHECKING:
    from tlcourse.evaluation.head_comparison import HeadComparison
    from tlcourse.evaluation.learning_rate import LearningRates
    from tlcourse.evaluation.ranking import Ranking
    from tlcourse.evaluation.strategy import Recommendation

_FEWEST, _MOST = 10, 100_000


def draw_matrix(advice: Recommendation) -> Figure:
    """Draw the size-similarity matrix, with the set and the known ones where they were measured."""
    from tlcourse.evaluation.strategy import KNOWN, LARGE, MATRIX, REFERENCES

    with drawing(6.4, 4.6) as canvas:
        axes = canvas.subplots()
        axes.set(xscale="log", xlim=(_FEWEST, _MOST), ylim=(0, 1))
        axes.axvline(LARGE, c="0.4", lw=1)
        axes.axhline(KNOWN, c="0.4", lw=1)
        for (large, similar), field in MATRIX.items():
            x, y = (0.97 if large else 0.03), (0.95 if similar else 0.03)
            chosen = (
                large == (advice.pictures_a_class >= LARGE)
                and similar == (advice.judgement == "similar")
            )  # fmt: skip
            name = advice.strategy if chosen else field.strategy
            axes.text(x, y, name, transform=axes.transAxes, ha="right" if large else "left",
                      va="top" if similar else "bottom", weight="bold" if chosen else "normal",
                      c=PALETTE[0] if chosen else "0.35", fontsize=12)  # fmt: skip
        for known in REFERENCES:
            y = known.similarity.confidence or 0.0
            axes.plot([known.pictures_a_class], [y], "o", c="0.6", ms=5)
            axes.annotate(known.name, (known.pictures_a_class, y), xytext=(6, -3),
                          textcoords="offset points", c="0.35", fontsize=9)  # fmt: skip
        x = float(np.clip(advice.pictures_a_class, _FEWEST * 1.1, _MOST * 0.9))
        y = advice.measured.confidence or 0.0
        axes.plot([x], [y], "*", c=PALETTE[5], ms=16, mec="white")
        axes.annotate("these pictures", (x, y), xytext=(9, 6), textcoords="offset points",
                      weight="bold")  # fmt: skip
        axes.set_xlabel("pictures a class")
        axes.set_ylabel("similarity: confidence of the ImageNet head")
        axes.set_title(f"{advice.quadrant.capitalize()}: {advice.strategy}")
        alt = (
            f"The size-similarity matrix. These pictures: {advice.pictures_a_class:,} a class, "
            f"confidence of the ImageNet head {y:.2f}; {advice.quadrant}, strategy "
            f"{advice.strategy}."
        )
        return finish(canvas, alt)


def draw_ranking(ranking: Ranking) -> Figure:
    """Draw the probe's accuracy against each score, a panel a score."""
    from tlcourse.evaluation.ranking import SCORES, TITLES

    scored = [s for s in SCORES if any(getattr(c, s) is not None for c in ranking.candidates)]
    told = []
    with drawing(2.9 * len(scored), 3.2) as canvas:
        panels = canvas.subplots(1, len(scored), squeeze=False, sharey=True)[0]
        for axes, score in zip(panels, scored, strict=True):
            for colour, candidate in zip(PALETTE * 9, ranking.candidates, strict=False):
                value = getattr(candidate, score)
                if value is not None:
                    axes.plot([value], [candidate.accuracy], "o", c=colour, label=candidate.name)
            tau = ranking.agreement[score]
            words = "–" if tau is None else f"{tau:+.2f}"
            axes.set_title(f"{TITLES[score]}, tau {words}")
            axes.set_xlabel("score")
            axes.margins(0.2)
            told.append(f"{TITLES[score]} {words}")
        panels[0].set_ylabel("accuracy of the probe")
        panels[0].yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        handles, labels = panels[0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))
        listed = ", ".join(f"{c.name} {c.accuracy:.1%}" for c in ranking.candidates)
        return finish(
            canvas, f"Probe: {listed}. Kendall's tau of the scores with it: {'; '.join(told)}."
        )


def draw_heads(comparison: HeadComparison) -> Figure:
    """Draw each round's accuracy, with means and intervals."""
    told = []
    with drawing(5.2, 0.7 * len(comparison.heads) + 1.4) as canvas:
        axes = canvas.subplots()
        for row, head in enumerate(comparison.heads):
            places = [row + 0.18] * len(head.accuracies)
            axes.plot(head.accuracies, places, "o", c="0.65", ms=4)
            if head.interval is not None:
                axes.plot(head.interval, [row, row], "-", c=PALETTE[0], lw=3, solid_capstyle="butt")
            axes.plot([head.accuracy], [row], "o", c=PALETTE[0], ms=9)
            told.append(f"{head.name} {head.accuracy:.1%}")
        axes.set_yticks(range(len(comparison.heads)), [head.name for head in comparison.heads])
        axes.set_ylim(len(comparison.heads) - 0.5, -0.5)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.set_xlabel("accuracy; grey: single rounds, blue: mean and 95% interval")
        axes.set_title("Heads on the same features")
        return finish(canvas, f"Accuracy of the heads: {', '.join(told)}. {comparison.in_words()}")


def draw_rates(found: LearningRates) -> Figure:
    """Draw the loss against the learning rate, with the suggestion."""
    with drawing(5.2, 3.6) as canvas:
        axes = canvas.subplots()
        axes.plot(found.rates, found.losses, c="0.8", lw=1, label="loss of a batch")
        axes.plot(found.rates, found.smoothed, c=PALETTE[0], lw=2, label="smoothed")
        at = float(np.interp(found.suggested, found.rates, found.smoothed))
        axes.plot([found.suggested], [at], "o", c=PALETTE[5], ms=9, label="suggested")
        axes.annotate(f"{found.suggested:.1e}", (found.suggested, at), xytext=(8, 8),
                      textcoords="offset points", c=PALETTE[5], weight="bold")  # fmt: skip
        top = max(float(found.smoothed[0]), at)
        axes.set(xscale="log", ylim=(0, 1.6 * top))
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")
        axes.legend()
        axes.set_title("Range test: where does the loss fall?")
        return finish(canvas, f"The loss against the learning rate. {found!r}")
