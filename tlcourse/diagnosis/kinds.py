"""What can be wrong with a folder of pictures, what each thing costs, and what to do about it.

The order of cost is that of the harm. First what makes the score on the test pictures a lie: nobody
would notice. Then what teaches wrong things, then pictures that are lost or teach little, and last
what this course reads rightly but another tool may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tlcourse.errors import ArgumentError

COSTS = {
    4: "the score lies",
    3: "teaches wrong things",
    2: "lost, or teaches little",
    1: "trips other tools",
}
"""What the costs 4 (worst) to 1 mean."""

Action = Literal["drop", "merge", "convert", "list"]


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes
    ----------
    name : str
        The short name that findings, tables and the command line use.
    title : str
        What it is, in a few words.
    cost : int
        Position in `COSTS`.
    meaning : str
        How it is recognised and what harm it does.
    advice : str
        What to do.
    action : str
        What cleaning does with it: `"drop"` leaves pictures out, `"merge"` makes one class of two,
        `"convert"` writes a plain picture in place of an odd one, `"list"` tells and no more.
    unasked : bool
        Whether cleaning does so by itself, or only when the kind is named.

    """

    name: str
    title: str
    cost: int
    meaning: str
    advice: str
    action: Action = "list"
    unasked: bool = False


_KINDS = (
    Kind(
        "across_splits",
        "same picture in two splits",
        4,
        "A picture to judge with that was learned from, or a copy of it: the test asks what the "
        "network has seen.",
        "Keep it in one split. Cleaning keeps it where it judges (test, then validation).",
        "drop",
        True,
    ),
    Kind(
        "conflict",
        "same picture, two labels",
        3,
        "Copies of one picture lie in different classes, so that at least one label is wrong.",
        "Look at it, keep one copy in the right class. Cleaning cannot know, and drops all copies.",
        "drop",
        True,
    ),
    Kind(
        "class_spelling",
        "one class, two spellings",
        3,
        "Names that differ in capitals, spaces or signs only are two classes to a computer.",
        "Rename one. Cleaning gives the pictures of the smaller class to the larger.",
        "merge",
        True,
    ),
    Kind(
        "class_name",
        "class name perhaps misspelt",
        3,
        "A name a letter or two from that of another class which has five times as many pictures.",
        "If it is a slip, rename it; if not, the class needs more pictures.",
        "merge",
    ),
    Kind(
        "label_error",
        "label perhaps wrong",
        3,
        "A classifier that has not seen the picture names another class. How likely the label is "
        "wrong stands with each; about as many as that are.",
        "Look at each, and move it if you agree. A picture that is merely hard should stay.",
        "drop",
    ),
    Kind(
        "outlier",
        "like no class",
        3,
        "To a pre-trained network it lies far away from all other pictures of the set.",
        "Look at each. Take out what does not belong; a rare view that does should stay.",
        "drop",
    ),
    Kind(
        "empty_class",
        "class without pictures",
        3,
        "A class folder without a picture, here or in one of the splits, stops most tools, or "
        "becomes a class that nothing belongs to.",
        "Add pictures, or remove the folder.",
    ),
    Kind(
        "unreadable",
        "cannot be read",
        2,
        "No picture, whatever the name says, or one that is damaged.",
        "Copy or download it again, or remove it.",
        "drop",
        True,
    ),
    Kind(
        "truncated",
        "cut short",
        2,
        "The end of the file is missing: a copy or a download was broken off.",
        "Copy or download it again, or remove it.",
        "drop",
        True,
    ),
    Kind(
        "left_out",
        "a picture that is not read",
        2,
        "It lies outside of the class folders, is a format that is not read, has a name that does "
        "not end like a picture's, or a link leads nowhere.",
        "Move it, save it as JPEG or PNG, or give it the right name.",
    ),
    Kind(
        "constant",
        "hardly anything on it",
        2,
        "All of it has about the same brightness: a covered lens, a blank page.",
        "Remove it.",
        "drop",
        True,
    ),
    Kind(
        "dark",
        "very dark",
        2,
        "Nineteen pixels of twenty are darker than 30% of full brightness.",
        "Take it again or brighten it, unless such pictures will have to be recognised.",
        "drop",
    ),
    Kind(
        "bright",
        "very bright",
        2,
        "Nineteen pixels of twenty are brighter than 67% of full brightness.",
        "Take it again, unless such pictures will have to be recognised.",
        "drop",
    ),
    Kind(
        "blurred",
        "blurred",
        2,
        "Also at the size that a network sees, the finest details are missing everywhere, or all "
        "in one direction.",
        "Take it again, unless such pictures will have to be recognised.",
        "drop",
    ),
    Kind(
        "tiny",
        "very small",
        2,
        "Fewer than 64 pixels a side, and less than half of what is usual in this set: icons and "
        "previews.",
        "Look for the original.",
        "drop",
    ),
    Kind(
        "duplicate",
        "same file twice",
        2,
        "Files with the same bytes in one class. They count double, and a random split puts one on "
        "each side.",
        "Keep one. Cleaning keeps the first.",
        "drop",
        True,
    ),
    Kind(
        "near_duplicate",
        "same picture twice",
        2,
        "Copies that were saved anew, made smaller, recoloured, trimmed, mirrored or stamped. They "
        "count double, and a random split puts one on each side.",
        "Keep one. Cleaning keeps the one with the most pixels.",
        "drop",
        True,
    ),
    Kind(
        "imbalance",
        "classes of very different size",
        2,
        "The largest class has at least five times as many pictures: a network does well by "
        "forgetting the small one.",
        "Add pictures, and look at precision and recall of each class instead of the accuracy.",
    ),
    Kind(
        "aspect",
        "very long or very tall",
        1,
        "One side is more than 2.5 times the other: of the square that a network sees, most is cut "
        "away or squeezed.",
        "Crop it to what it shows.",
        "drop",
    ),
    Kind(
        "grey",
        "grey among coloured ones",
        1,
        "If one class has more of them, a network learns the colour in place of the thing.",
        "Look whether one class has most of them.",
        "drop",
    ),
    Kind(
        "rotated",
        "stored lying on its side",
        1,
        "The camera wrote into the file how to turn it (EXIF). This course does; many tools, Keras "
        "among them, do not.",
        "Nothing here. Cleaning turns it for good.",
        "convert",
        True,
    ),
    Kind(
        "mode",
        "odd way to store colours",
        1,
        "Palette, inks, 16 bits, transparency or several frames: tools disagree on how it looks.",
        "Nothing here. Cleaning writes it as plain 8-bit RGB.",
        "convert",
        True,
    ),
    Kind(
        "wrong_extension",
        "name says another format",
        1,
        "The ending of the name is not that of the content. This course looks at the content; "
        "other tools believe the name, and stop.",
        "Rename it. Cleaning does.",
        "convert",
        True,
    ),
    Kind(
        "huge",
        "very large",
        1,
        "More than 24 million pixels: reading takes a hundred times as long as it needs to.",
        "Make it smaller.",
    ),
    Kind(
        "other_file",
        "no picture",
        1,
        "Notes, lists, and what operating systems leave behind.",
        "Move it elsewhere.",
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _KINDS}
"""All kinds by name, in the order of their cost."""


def check_kinds(argument: str, names: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    """Raise an ArgumentError where a name is not among those allowed."""
    if unknown := [name for name in names if name not in allowed]:
        raise ArgumentError(
            f"The argument '{argument}' names kinds of findings that it cannot.",
            expected=f"some of: {', '.join(allowed)}",
            received=", ".join(map(str, unknown)),
        )
