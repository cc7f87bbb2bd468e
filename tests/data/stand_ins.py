"""Small archives laid out as the published ones, and a catalogue that finds them here."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import tarfile
import zipfile
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from tests.assets.loopback import Server
from tlcourse.assets import Dataset, Source, catalogued_datasets

PUBLISHED = {entry.name: entry for entry in catalogued_datasets() if entry.files}
BROKEN = b"\xff\xd8\xff\xe0 not the rest of a picture"


def jpeg(seed: int) -> bytes:
    """Return a small picture, no two alike."""
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 32, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def pictures(*names: str) -> dict[str, bytes]:
    return {name: jpeg(sum(name.encode())) for name in names}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in sorted({str(PurePosixPath(name).parents[0]) for name in files}):
            archive.writestr(f"{folder}/", b"")
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def idx(values: np.ndarray) -> bytes:
    head = struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape)
    return gzip.compress(head + values.tobytes())


def clothes(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    dice = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    return dice.integers(0, 256, (count, 28, 28), np.uint8), labels


def archives(name: str) -> dict[str, bytes]:
    """Return the archives of a set, by the names of its assets."""
    if name == "cats_vs_dogs":
        root = "cats_and_dogs_filtered"
        files = pictures(
            *(
                f"{root}/train/{kind}s/{kind}.{n}.jpg"
                for kind in ("cat", "dog")
                for n in (0, 2, 10)
            ),
            *(
                f"{root}/validation/{kind}s/{kind}.{n}.jpg"
                for kind in ("cat", "dog")
                for n in (2000,)
            ),
        )
        return {name: zipped({**files, f"{root}/vectorize.py": b"import evil"})}
    if name == "cats_vs_dogs_full":
        files = pictures(
            *(f"PetImages/{kind}/{n}.jpg" for kind in ("Cat", "Dog") for n in range(12))
        )
        files |= {"PetImages/Cat/Thumbs.db": b"x", "PetImages/Dog/Thumbs.db": b"x"}
        files |= {"PetImages/Cat/666.jpg": b"", "PetImages/Dog/11702.jpg": BROKEN}
        return {name: zipped({**files, "readme[1].txt": b"!", "MSR-LA - 3467.docx": b"PK"})}
    if name == "flower_photos":
        kinds = ("daisy", "dandelion", "roses", "sunflowers", "tulips")
        files = pictures(*(f"{name}/{kind}/{n}_ab.jpg" for kind in kinds for n in (1, 2)))
        return {name: tarred({f"{name}/LICENSE.txt": b"CC-BY", **files})}
    if name == "hymenoptera":
        root = "hymenoptera_data"
        files = pictures(
            *(
                f"{root}/{s}/{k}/{n}.jpg"
                for s in ("train", "val")
                for k in ("ants", "bees")
                for n in (1, 2)
            )
        )
        gif = io.BytesIO()
        Image.new("P", (8, 8)).save(gif, "GIF")
        files[f"{root}/train/ants/imageNotFound.gif"] = gif.getvalue()
        return {name: zipped({**files, f"{root}/.DS_Store": b"x"})}
    if name == "oxford_iiit_pet":
        files = pictures(
            *(
                f"images/{b}_{n}.jpg"
                for b in ("Abyssinian", "american_bulldog", "Bengal", "beagle")
                for n in (1, 2, 10)
            )
        )
        files |= {"images/Abyssinian_100.mat": b"matlab", **pictures("images/Bengal_99.jpg")}
        head = "#Image CLASS-ID SPECIES BREED ID\n"
        trainval = "".join(
            f"{b}_{n} {i} 1 1\n"
            for i, b in enumerate(("Abyssinian", "american_bulldog", "beagle", "Bengal"), 1)
            for n in (10, 2)
        )
        test = "".join(
            f"{b}_1 {i} 2 1\n"
            for i, b in enumerate(("Abyssinian", "american_bulldog", "beagle", "Bengal"), 1)
        )
        lists = {
            "annotations/list.txt": head + trainval + test,
            "annotations/trainval.txt": trainval,
            "annotations/test.txt": test,
        }
        papers = {k: v.encode() for k, v in lists.items()}
        papers |= {
            "annotations/trimaps/._Bengal_1.png": b"mac",
            "annotations/xmls/Bengal_1.xml": b"<a/>",
        }
        # The published archive of the pictures is called tar.gz; some say that it is a plain tar.
        return {f"{name}/images": tarred(files, "w"), f"{name}/annotations": tarred(papers)}
    if name == "beans":
        kinds = ("angular_leaf_spot", "bean_rust", "healthy")
        return {
            f"{name}/{split}": zipped(
                {
                    **pictures(
                        *(f"{split}/{k}/{k}_{split}.{n}.jpg" for k in kinds for n in (0, 1))
                    ),
                    "__MACOSX/._x": b"x",
                }
            )
            for split in ("train", "validation", "test")
        }
    assert name == "fashion_mnist"
    out = {}
    for prefix, count in (("train", 40), ("t10k", 20)):
        pixels, labels = clothes(count, count)
        out[f"{name}/{prefix}-images"], out[f"{name}/{prefix}-labels"] = idx(pixels), idx(labels)
    return out


def stand_in(
    name: str, server: Server, contents: dict[str, bytes] | None = None, **served: object
) -> Dataset:
    """Serve the archives of a set, and return its entry in the catalogue with their hashes."""
    contents = contents or archives(name)
    entry = PUBLISHED[name]
    files = []
    for asset in entry.files:
        body = contents[asset.name]
        url = server.serve(f"/{asset.filename}/{PurePosixPath(asset.urls[0]).name}", body, **served)
        digest = hashlib.sha256(body).hexdigest()
        source = (Source("url", url),)
        files.append(replace(asset, bytes=len(body), hash=f"sha256:{digest}", sources=source))
    return replace(entry, files=tuple(files))
