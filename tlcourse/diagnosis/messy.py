"""`make_messy`: a folder with every fault that the doctor knows, and the list of them."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tlcourse.assets import atomic_write
from tlcourse.data import ImageSet, open_picture, read_picture
from tlcourse.data.photographs import packaged_file
from tlcourse.diagnosis.spoiling import SPOILERS, Spoilt, copy_with_changes, draw_stranger, encode
from tlcourse.diagnosis.writing import check_new
from tlcourse.errors import ArgumentError, DataError, must_be

_SHARE, _LABEL_SHARE = 0.01, 0.04
"""Of all pictures, for each kind of fault."""

_LEAST = 2
_MOST_HUGE = 3
_FEWEST = 100
_STRANGE_PICTURES = (
    "coins.png", "page.png", "hubble_deep_field.jpg", "retina.jpg", "ihc.png", "moon.png",
    "brick.png", "clock_motion.png", "text.png", "microaneurysms.png",
)  # fmt: skip


class Fault(NamedTuple):
    """One fault that was put in: its kind, the files (from the folder), and what was done."""

    kind: str
    files: tuple[str, ...]
    detail: str


class Messy(NamedTuple):
    """A messy folder, what is wrong with it, and the CSV file beside it that says the same."""

    folder: Path
    faults: tuple[Fault, ...]
    table: Path


def make_messy(
    images: ImageSet, folder: str | Path, seed: int = 0, *, strangers: ImageSet | None = None
) -> Messy:
    """Write a copy of a set into which every kind of fault was put, each with known files.

    One picture of a hundred gets each kind of fault, at least two, and four of a hundred a wrong
    label. No picture gets two, apart from what a fault brings with it (a picture stored as 16-bit
    grey is grey). All others are copied as they are. Of three classes or more, the last is thinned
    to a sixth of the largest.

    Parameters
    ----------
    images
        At least 100 pictures of two classes or more. With splits, copies are put across them.
    folder
        New or empty, outside of the pictures' own. The classes become folders, below those of the
        splits where there are any.
    seed
        Another number gives another mess.
    strangers
        Pictures that belong to no class; else drawings and pictures from installed packages.

    Returns
    -------
    Messy
        The list of faults lies beside the folder, as `folder.faults.csv`.

    Raises
    ------
    ArgumentError
        When the set is too small, or the folder is not new.

    """
    must_be("images", images, ImageSet, 'Write images = tl.load_images("folder") first.')
    target = Path(folder).expanduser()
    table = target.with_name(f"{target.name}.faults.csv")
    check_new(images, target, table)
    if len(images) < _FEWEST or len(np.unique(images.labels)) < 2:
        raise ArgumentError(
            "The set is too small for a mess in which most is still right.",
            expected=f"at least {_FEWEST} pictures of two classes",
            received=f"{len(images)} pictures of {len(np.unique(images.labels))} classes",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        maker = _Maker(images, scratch, seed, strangers)
        faults = tuple(maker.make())
        scratch.chmod(0o755)
        if target.exists():
            target.rmdir()
        scratch.rename(target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _write_table(table, faults)
    return Messy(target, faults, table)


class _Maker:
    """Writes one messy folder, and remembers which pictures are taken."""

    def __init__(self, images: ImageSet, root: Path, seed: int, strangers: ImageSet | None) -> None:
        self.images, self.root, self.strangers = images, root, strangers
        self.random = np.random.default_rng(seed)
        self.count = max(_LEAST, round(_SHARE * len(images)))
        self.left = self.random.permutation(len(images)).tolist()
        self.taken: set[str] = set()

    def make(self) -> Iterator[Fault]:
        """Write everything; yield the faults."""
        yield from self._imbalance()
        yield from self._slips()
        for kind, spoil in SPOILERS.items():
            for position in self._take(
                min(self.count, _MOST_HUGE) if kind == "huge" else self.count
            ):
                spoilt = spoil(self._picture(position), self.random)
                yield Fault(kind, (self._write(position, spoilt),), spoilt.detail)
        yield from self._copies()
        yield from self._wrong_labels()
        yield from self._outliers()
        yield from self._lying_about()
        for position in self.left:
            self._copy(position)

    def _imbalance(self) -> Iterator[Fault]:
        counts = np.bincount(self.images.labels, minlength=len(self.images.class_names))
        present = np.flatnonzero(counts)
        if len(present) < 3:
            return
        last = int(present[-1])
        kept = max(8, int(counts.max()) // 6)
        members = [i for i in self.left if self.images.labels[i] == last]
        for position in members[kept:]:
            self.left.remove(position)
        # What is left of it stays as it is: a spoilt picture more would be one too many.
        for position in members[:kept]:
            self.left.remove(position)
            self._copy(position)
        name = self.images.class_names[last]
        yield Fault("imbalance", (name,), f"{min(kept, len(members))} pictures are left")

    def _slips(self) -> Iterator[Fault]:
        """Put pictures of a class under its name spelt in another way, and with a slip."""
        name, home = self._name_of(self.left[0]), self._home(self.left[0])
        capitals = name.swapcase()
        (self.root / name).mkdir(exist_ok=True)
        told_apart = capitals != name and not (self.root / capitals).exists()
        (self.root / name).rmdir()
        ways = {
            "class_spelling": capitals if told_apart else f"{name}_",
            "class_name": name[:-1] if len(name) > 3 else name + name[-1],
        }
        for kind, slip in ways.items():
            mates = [i for i in self.left if self._home(i) == home]
            chosen = [self._take_this(i) for i in mates[: self.count]]
            files = tuple(self._copy(i, class_name=slip) for i in chosen)
            yield Fault(kind, files, f"{slip} in place of {name}")

    def _copies(self) -> Iterator[Fault]:
        """Put copies into the same class, another class, and another split."""
        for position in self._take(self.count):
            first = self._copy(position)
            second = self._write(position, self._as_it_is(position))
            yield Fault("duplicate", (first, second), "the same bytes")
        for position in self._take(self.count):
            changed = copy_with_changes(self._picture(position), self.random)
            files = (self._copy(position), self._write(position, changed))
            yield Fault("near_duplicate", files, changed.detail)
        for position in self._take(self.count):
            other = self._other_class(position)
            files = (self._copy(position), self._copy(position, class_name=other))
            yield Fault("conflict", files, f"also labelled {other}")
        if self.images.splits is None or len(np.unique(self.images.splits)) < 2:
            return
        for position in self._take(self.count):
            split = self._split_of(position)
            others = [str(s) for s in np.unique(self.images.splits) if s != split]
            files = (self._copy(position), self._copy(position, split=others[0]))
            yield Fault("across_splits", files, f"also in {others[0]}")

    def _wrong_labels(self) -> Iterator[Fault]:
        for position in self._take(max(_LEAST, round(_LABEL_SHARE * len(self.images)))):
            other = self._other_class(position)
            name = self._copy(position, class_name=other)
            yield Fault("label_error", (name,), f"{other} in place of {self._name_of(position)}")

    def _outliers(self) -> Iterator[Fault]:
        for number in range(self.count):
            beside = int(self.random.integers(len(self.images)))
            image, detail = self._stranger(number)
            spoilt = Spoilt(encode(image), ".jpg", detail)
            name = f"IMG_{self.random.integers(1000, 9999)}"
            yield Fault("outlier", (self._write(beside, spoilt, name=name),), detail)

    def _stranger(self, number: int) -> tuple[Image.Image, str]:
        """Return the picture that belongs nowhere, and what it is."""
        if self.strangers is not None:
            path = self.strangers.paths[int(self.random.integers(len(self.strangers)))]
            return Image.fromarray(open_picture(path)), f"a picture of another set, {path.name}"
        if number % 2:
            file = _STRANGE_PICTURES[(number // 2) % len(_STRANGE_PICTURES)]
            try:
                image = Image.fromarray(open_picture(packaged_file("skimage", f"data/{file}")))
            except DataError:  # another version of the package
                pass
            else:
                left, top = (int(s * self.random.uniform(0, 0.2)) for s in image.size)
                box = (left, top, left + int(0.8 * image.width), top + int(0.8 * image.height))
                return image.crop(box), f"scikit-image's {file}"
        return draw_stranger(self.random), "a drawing"

    def _lying_about(self) -> Iterator[Fault]:
        """Put down what is no picture of a class."""
        position = self.left[0]
        home = self._home(position)
        files: dict[str, tuple[str, bytes]] = {
            f"{home}/Thumbs.db": ("other_file", b"\xd0\xcf\x11\xe0"),
            f"{home}/notes.txt": ("other_file", b"Remember to sort the rest."),
            f"{home}/IMG_2041.HEIC": ("left_out", b"\0\0\0\x18ftypheic" + bytes(64)),
            f"{home}/picture.jpg.part": ("left_out", encode(self._picture(self.left[1]))),
            "unsorted.jpg": ("left_out", encode(self._picture(self.left[2]))),
        }
        for name, (kind, data) in files.items():
            (self.root / name).write_bytes(data)
            yield Fault(kind, (name,), "lies about")
        empty = Path(home).with_name("new folder").as_posix()
        (self.root / empty).mkdir()
        yield Fault("empty_class", (empty,), "a folder without pictures")

    # which pictures, and where they go

    def _take(self, count: int) -> list[int]:
        """Return pictures that nothing was done to, and will not be again."""
        chosen = self.left[:count]
        del self.left[:count]
        return chosen

    def _take_this(self, position: int) -> int:
        self.left.remove(position)
        return position

    def _name_of(self, position: int) -> str:
        return self.images.class_names[self.images.labels[position]]

    def _split_of(self, position: int) -> str:
        return "" if self.images.splits is None else str(self.images.splits[position])

    def _other_class(self, position: int) -> str:
        names = {self._name_of(i) for i in self.left} - {self._name_of(position)}
        return str(self.random.choice(sorted(names)))

    def _home(self, position: int, class_name: str = "", split: str = "") -> str:
        split = split or self._split_of(position)
        name = class_name or self._name_of(position)
        return f"{split}/{name}" if split else name

    def _picture(self, position: int) -> Image.Image:
        return Image.fromarray(open_picture(self.images.paths[position]))

    def _as_it_is(self, position: int) -> Spoilt:
        path = self.images.paths[position]
        return Spoilt(read_picture(path), path.suffix, "")

    def _copy(self, position: int, class_name: str = "", split: str = "") -> str:
        """Copy a picture as it is, into its own or another class or split."""
        return self._write(position, self._as_it_is(position), class_name, split)

    def _write(
        self,
        position: int,
        spoilt: Spoilt,
        class_name: str = "",
        split: str = "",
        name: str = "",
    ) -> str:
        """Write a file beside the pictures of a class; return its name from the folder."""
        home = self._home(position, class_name, split)
        stem = name or self.images.paths[position].stem
        file, number = f"{home}/{stem}{spoilt.ending}", 2
        while file.casefold() in self.taken:
            file = f"{home}/{stem} ({number}){spoilt.ending}"
            number += 1
        self.taken.add(file.casefold())
        (self.root / home).mkdir(parents=True, exist_ok=True)
        (self.root / file).write_bytes(spoilt.data)
        return file


def _write_table(path: Path, faults: tuple[Fault, ...]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["fault", "kind", "file", "detail"])
    for number, fault in enumerate(faults, start=1):
        for file in fault.files:
            writer.writerow([number, fault.kind, file, fault.detail])
    with atomic_write(path) as opened:
        opened.write(text.getvalue().encode(errors="backslashreplace"))
