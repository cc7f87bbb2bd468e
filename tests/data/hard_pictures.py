"""Builds files that are odd or broken, each with what must become of it.

All pictures show the same scene where their format can: four quarters, red and green above blue and
white, 48 pixels wide and 32 high. Nothing is symmetric, so that a wrong turn shows.
"""

from __future__ import annotations

import io
import itertools
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
QUARTERS = np.array([[RED, GREEN], [BLUE, WHITE]], np.uint8)
SCENE = QUARTERS.repeat(16, axis=0).repeat(24, axis=1)


@dataclass(frozen=True)
class Shows:
    """It is read: size, and the colours at the centres of its four quarters."""

    quarters: np.ndarray
    height: int = 32
    width: int = 48
    tolerance: int = 0


@dataclass(frozen=True)
class Refused:
    """It is a picture by its name; opening it gives an error with these words."""

    words: str


@dataclass(frozen=True)
class LeftOut:
    """`load_images` leaves it out and says these words; it is never opened."""

    words: str


@dataclass(frozen=True)
class HardPicture:
    """One kind of odd file: its name in a class folder, how to write it, what it must become."""

    name: str
    write: Callable[[Path], None]
    becomes: Shows | Refused | LeftOut


def scene(mode: str = "RGB") -> Image.Image:
    """Return the scene as a Pillow image of some mode."""
    image = Image.fromarray(SCENE)
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture in a file format."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    """Return a JPEG in which flat colours stay what they are to a level or two."""
    chroma = {} if image is not None and image.mode in ("L", "CMYK") else {"subsampling": 0}
    return encoded(image or scene(), "JPEG", quality=95, **chroma, **options)


def oriented(orientation: int) -> bytes:
    """Return the scene as a camera stores it that was held in one of the eight ways."""
    stored = {
        1: SCENE,
        2: SCENE[:, ::-1],
        3: SCENE[::-1, ::-1],
        4: SCENE[::-1],
        5: SCENE.transpose(1, 0, 2),
        6: SCENE.transpose(1, 0, 2)[::-1],
        7: SCENE.transpose(1, 0, 2)[::-1, ::-1],
        8: SCENE.transpose(1, 0, 2)[:, ::-1],
    }[orientation]
    return jpeg(Image.fromarray(np.ascontiguousarray(stored)), exif=_exif(orientation))


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def png(
    width: int,
    height: int,
    bits: int = 8,
    colour: int = 2,
    rows: bytes = b"",
    extra: tuple[tuple[bytes, bytes], ...] = (),
) -> bytes:
    """Return a PNG put together by hand: what Pillow cannot write, and what nobody should."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *extra, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def png_rows(values: np.ndarray) -> bytes:
    """Return unsigned integers `(height, width[, channels])` as the rows of a PNG, unfiltered."""
    big_endian = values.astype(values.dtype.newbyteorder(">"))
    return b"".join(b"\0" + row.tobytes() for row in big_endian)


def palette(**info: object) -> Image.Image:
    """Return the scene with a palette of four colours, in the order of the quarters."""
    image = Image.fromarray(np.array([[0, 1], [2, 3]], np.uint8).repeat(16, 0).repeat(24, 1))
    image.putpalette(QUARTERS.reshape(-1).tobytes())
    image.info.update(info)
    return image


def see_through(mode: str) -> Image.Image:
    """Return the scene, of which the red quarter is fully transparent."""
    image = scene("RGBA")
    alpha = np.full((32, 48), 255, np.uint8)
    alpha[:16, :24] = 0
    image.putalpha(Image.fromarray(alpha))
    return image.convert(mode)


def ink_profile() -> bytes:
    """Return a made-up CMYK profile: black ink prints black, cyan red, the others nothing."""
    red, white, black = bytes([135, 208, 195]), bytes([255, 128, 128]), bytes([0, 128, 128])  # Lab
    table = b"".join(
        black if k else red if c else white for c, _, _, k in itertools.product((0, 1), repeat=4)
    )
    straight = bytes(range(256))
    unity = struct.pack(">9i", *(65536 if i % 4 == 0 else 0 for i in range(9)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + unity + straight * 4 + table + straight * 3
    text = b"text" + bytes(4) + b"CC0\0"
    name = b"desc" + bytes(4) + struct.pack(">I", 4) + b"ink\0" + bytes(78)
    d50 = struct.pack(">3i", 63190, 65536, 54061)
    tags = [(b"A2B0", lut), (b"cprt", text), (b"desc", name), (b"wtpt", b"XYZ " + bytes(4) + d50)]
    place, entries, body = 128 + 4 + 12 * len(tags), b"", b""
    for tag, data in tags:
        entries += tag + struct.pack(">II", place + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(
        ">I4sI4s4s4s12s4s4sI4s4s8sI12s4s44s",
        place + len(body),
        bytes(4),
        0x02100000,
        b"prtr",
        b"CMYK",
        b"Lab ",
        struct.pack(">6H", 2026, 1, 1, 0, 0, 0),
        b"acsp",
        bytes(4),
        0,
        bytes(4),
        bytes(4),
        bytes(8),
        0,
        d50,
        bytes(4),
        bytes(44),
    )
    return header + struct.pack(">I", len(tags)) + entries + body


def writes(data: bytes) -> Callable[[Path], None]:
    """Return a writer of bytes."""
    return lambda path: _write(path, data)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def cut(data: bytes, share: float) -> bytes:
    """Return the first part of a file."""
    return data[: int(len(data) * share)]


def _more_frames() -> dict[str, object]:
    # a new one each time: Pillow leaves settings of one format behind on it
    return {"save_all": True, "append_images": [Image.new("RGB", (48, 32), BLACK)]}


def _quarters(*colours: tuple[int, int, int]) -> np.ndarray:
    return np.array(colours, np.uint8).reshape(2, 2, 3)


_AS_DRAWN = Shows(QUARTERS)
_AS_JPEG = Shows(QUARTERS, tolerance=3)
_GREY = Shows(_quarters((76,) * 3, (150,) * 3, (29,) * 3, WHITE), tolerance=2)
_RED_GONE = Shows(_quarters(WHITE, GREEN, BLUE, WHITE))
_HALF = Shows(_quarters(BLACK, WHITE, BLACK, WHITE))
_RAMP = np.array([[0, 21845], [43690, 65535]], np.uint16).repeat(16, 0).repeat(24, 1)
_RAMP_SHOWS = Shows(_quarters((0,) * 3, (85,) * 3, (170,) * 3, (255,) * 3), tolerance=1)


def _read_right() -> list[HardPicture]:
    rotated_tiff = scene().transpose(Image.Transpose.ROTATE_90)
    half = Image.fromarray(np.array([[0, 255], [0, 255]], np.uint8).repeat(16, 0).repeat(24, 1))
    plain = jpeg()
    key16 = struct.pack(">3H", 65535, 0, 0)
    colours16 = SCENE.astype(np.uint16) * 257
    tiff = {"compression": "tiff_lzw"}
    exif = b"Exif\0\0" + b"MM\0*\0\0\0\x08" + b"\xff" * 40
    lab = ImageCms.profileToProfile(
        scene(),
        ImageCms.createProfile("sRGB"),
        ImageCms.createProfile("LAB"),
        outputMode="LAB",
    )
    files: list[tuple[str, bytes, Shows]] = [
        ("plain.jpg", plain, _AS_JPEG),
        ("CAPITALS.JPEG", plain, _AS_JPEG),
        ("progressive.jpe", jpeg(progressive=True), _AS_JPEG),
        ("grey.jfif", jpeg(scene("L")), _GREY),
        ("cmyk.jpg", jpeg(scene("CMYK")), _AS_JPEG),
        (
            "cmyk with a profile.jpg",
            jpeg(Image.new("CMYK", (48, 32), (255, 0, 0, 0)), icc_profile=ink_profile()),
            Shows(_quarters(RED, RED, RED, RED), tolerance=20),
        ),
        ("cmyk with nonsense as profile.jpg", jpeg(scene("CMYK"), icc_profile=b"no"), _AS_JPEG),
        ("rubbish after the end.jpg", plain + b"rubbish" * 99, _AS_JPEG),
        (
            "two in one (mpo).jpg",
            encoded(scene(), "MPO", quality=95, subsampling=0, **_more_frames()),
            _AS_JPEG,
        ),
        ("absurd exif.jpg", jpeg(exif=exif), _AS_JPEG),
        ("nonsense as exif.jpg", jpeg(exif=b"Exif\0\0nonsense"), _AS_JPEG),
        (
            "nonsense as exif.png",
            png(48, 32, rows=png_rows(SCENE), extra=((b"eXIf", b"nonsense"),)),
            _AS_DRAWN,
        ),
        ("orientation 99.jpg", jpeg(exif=_exif(99)), _AS_JPEG),
        ("png under a wrong name.jpg", encoded(scene(), "PNG"), _AS_DRAWN),
        ("jpeg under a wrong name.png", plain, _AS_JPEG),
        ("palette.png", encoded(palette(), "PNG"), _AS_DRAWN),
        ("palette, one clear.png", encoded(palette(), "PNG", transparency=0), _RED_GONE),
        (
            "palette, alpha.png",
            encoded(palette(), "PNG", transparency=b"\0\xff\xff\xff"),
            _RED_GONE,
        ),
        ("one bit.png", encoded(half.convert("1"), "PNG"), _HALF),
        ("grey.png", encoded(scene("L"), "PNG"), _GREY),
        (
            "grey, alpha.png",
            encoded(see_through("LA"), "PNG"),
            Shows(_quarters(WHITE, (150,) * 3, (29,) * 3, WHITE), tolerance=2),
        ),
        ("alpha.png", encoded(see_through("RGBA"), "PNG"), _RED_GONE),
        ("one clear colour.png", encoded(scene(), "PNG", transparency=RED), _RED_GONE),
        ("16 bits grey.png", png(48, 32, 16, 0, png_rows(_RAMP)), _RAMP_SHOWS),
        ("16 bits colour.png", png(48, 32, 16, 2, png_rows(colours16)), _AS_DRAWN),
        (
            "16 bits, clear colour.png",
            png(48, 32, 16, 2, png_rows(colours16), ((b"tRNS", key16),)),
            _AS_DRAWN,
        ),
        ("moving.gif", encoded(scene(), "GIF", **_more_frames()), _AS_DRAWN),
        ("clear.gif", encoded(palette(), "GIF", transparency=0), _RED_GONE),
        ("moving.webp", encoded(scene(), "WEBP", lossless=True, **_more_frames()), _AS_DRAWN),
        ("clear.webp", encoded(see_through("RGBA"), "WEBP", lossless=True), _RED_GONE),
        ("moving.png", encoded(scene(), "PNG", **_more_frames()), _AS_DRAWN),
        ("pages.tif", encoded(scene(), "TIFF", **_more_frames()), _AS_DRAWN),
        ("packed.tif", encoded(scene(), "TIFF", **tiff), _AS_DRAWN),
        ("turned.tiff", encoded(rotated_tiff, "TIFF", tiffinfo={274: 6}), _AS_DRAWN),
        ("cmyk.tif", encoded(scene("CMYK"), "TIFF", **tiff), _AS_DRAWN),
        (
            "ycbcr.tif",
            encoded(scene("YCbCr"), "TIFF", compression="jpeg", quality=95),
            Shows(QUARTERS, tolerance=3),
        ),
        ("lab.tif", encoded(lab, "TIFF"), Shows(QUARTERS, tolerance=25)),
        ("16 bits.tif", encoded(Image.fromarray(_RAMP), "TIFF"), _RAMP_SHOWS),
        (
            "32 bits.tif",
            encoded(Image.fromarray(_RAMP.astype(np.int32) * 1000), "TIFF"),
            _RAMP_SHOWS,
        ),
        (
            "floats.tif",
            encoded(Image.fromarray((_RAMP / 65535).astype(np.float32)), "TIFF"),
            _RAMP_SHOWS,
        ),
        (
            "dark floats.tif",
            encoded(Image.fromarray((_RAMP / 131070).astype(np.float32)), "TIFF"),
            Shows(_quarters((0,) * 3, (42,) * 3, (85,) * 3, (128,) * 3), tolerance=1),
        ),
        (
            "floats beyond 1.tif",
            encoded(Image.fromarray((_RAMP / 7.0 - 99).astype(np.float32)), "TIFF"),
            _RAMP_SHOWS,
        ),
        ("plain.bmp", encoded(scene(), "BMP"), _AS_DRAWN),
        (
            "one pixel.png",
            encoded(Image.new("RGB", (1, 1), RED), "PNG"),
            Shows(_quarters(RED, RED, RED, RED), 1, 1),
        ),
        (
            "a line.png",
            encoded(Image.new("RGB", (10_000, 1), RED), "PNG"),
            Shows(_quarters(RED, RED, RED, RED), 1, 10_000),
        ),
        (
            "a column.png",
            encoded(Image.new("RGB", (1, 10_000), RED), "PNG"),
            Shows(_quarters(RED, RED, RED, RED), 10_000, 1),
        ),
        ("spaces and #%?&.jpg", plain, _AS_JPEG),
        ("emoji 🐝.jpg", plain, _AS_JPEG),
        ("cafe\u0301 in NFD.jpg", plain, _AS_JPEG),
        ("long " + "n" * 240 + ".jpg", plain, _AS_JPEG),
        *((f"orientation {n}.jpg", oriented(n), _AS_JPEG) for n in range(1, 9)),
    ]
    if os.name != "nt":
        files.append(("a new\nline.jpg", plain, _AS_JPEG))
    return [HardPicture(name, writes(data), becomes) for name, data, becomes in files]


def _refused() -> list[HardPicture]:
    whole_jpeg, whole_png = jpeg(), encoded(scene(), "PNG", compress_level=0)
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    page = b"<!DOCTYPE html><html><title>404</title></html>"
    tiff = encoded(noise, "TIFF")
    bomb_tiff = encoded(scene(), "TIFF")
    for tag, side in ((256, 48), (257, 32)):
        entry = struct.pack("<HHIHH", tag, 4, 1, side, 0)
        assert entry in bomb_tiff
        bomb_tiff = bomb_tiff.replace(entry, struct.pack("<HHII", tag, 4, 1, 400_000))
    bomb_bmp = bytearray(encoded(scene(), "BMP"))
    bomb_bmp[18:26] = struct.pack("<ii", 90_000, 90_000)
    bomb_gif = bytearray(encoded(scene(), "GIF"))
    bomb_gif[6:10] = struct.pack("<HH", 65_535, 65_535)
    bomb_webp = bytearray(encoded(scene(), "WEBP", lossless=True))
    bomb_webp[21:25] = struct.pack("<I", 16_383 | 16_383 << 14 | 1 << 28)
    bomb_jpeg = bytearray(whole_jpeg)
    frame = bomb_jpeg.index(b"\xff\xc0")
    bomb_jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 60_000, 60_000)
    text_bomb = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(50_000_000)))
    spoilt = bytearray(whole_png)
    spoilt[len(spoilt) // 2] ^= 0xFF
    files = [
        ("cut at 5 bytes.jpg", whole_jpeg[:5], "damaged|cut short"),
        ("cut in the header.jpg", cut(whole_jpeg, 0.2), "damaged|cut short"),
        ("cut in the middle.jpg", cut(jpeg(noise), 0.5), "cut short"),
        ("cut near the end.jpg", cut(jpeg(noise), 0.95), "cut short"),
        ("cut by one byte.jpg", jpeg(noise)[:-1], "cut short"),
        ("cut, progressive.jpg", cut(jpeg(noise, progressive=True), 0.6), "cut short"),
        ("cut.png", cut(encoded(noise, "PNG"), 0.5), "cut short"),
        ("cut in the header.png", cut(whole_png, 0.002), "damaged|cut short"),
        ("cut.gif", cut(encoded(noise, "GIF"), 0.7), "cut short|damaged"),
        ("cut.webp", cut(encoded(noise, "WEBP"), 0.5), "damaged"),
        ("cut.tif", cut(tiff, 0.5), "damaged|cut short"),
        ("cut.bmp", cut(encoded(noise, "BMP"), 0.5), "cut short"),
        ("a byte spoilt.png", bytes(spoilt), "damaged"),
        ("header only.jpg", whole_jpeg[: frame + 4], "damaged|cut short"),
        ("empty.jpg", b"", "empty"),
        ("text.jpg", "No picture, but words. Grüße".encode(), "no picture"),
        ("zeros.jpg", bytes(1000), "no picture"),
        ("web page.jpg", page, "web page"),
        ("web page, marked.png", b"\xef\xbb\xbf\r\n " + page.lower(), "web page"),
        ("drawing.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        ("document.tif", b"%PDF-1.7\n", "PDF"),
        ("archive.gif", b"PK\x03\x04" + bytes(40), "zip"),
        ("phone.jpg", b"\0\0\0\x18ftypheic" + bytes(40), "HEIC"),
        ("pointer.jpg", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        ("sound.webp", b"RIFF\x24\0\0\0WAVEfmt " + bytes(40), "damaged"),
        ("bomb.png", png(100_000, 100_000), "10,000,000,000|100,000 × 100,000"),
        ("bomb just over the limit.png", png(12_001, 10_000), "12,001 × 10,000"),
        ("bomb.gif", bytes(bomb_gif), "65,535 × 65,535"),
        ("bomb.webp", bytes(bomb_webp), "pixels|damaged"),
        ("bomb.bmp", bytes(bomb_bmp), "90,000 × 90,000"),
        ("bomb.jpg", bytes(bomb_jpeg), "60,000 × 60,000"),
        ("bomb.tif", bomb_tiff, "400,000 × 400,000"),
        ("bomb in a text.png", png(48, 32, rows=png_rows(SCENE), extra=(text_bomb,)), "damaged"),
    ]
    return [HardPicture(name, writes(data), Refused(words)) for name, data, words in files]


def _left_out() -> list[HardPicture]:
    plain = jpeg()
    files = [
        ("Thumbs.db", b"x", "operating system"),
        (".DS_Store", b"x", "operating system"),
        ("._cat.jpg", b"x", "hidden"),
        ("README", b"x", "no picture"),
        ("notes.txt", b"x", "no picture"),
        ("phone.HEIC", b"x", "save it as JPEG"),
        ("camera.NEF", b"x", "save it as JPEG"),
    ]
    kinds = [HardPicture(name, writes(data), LeftOut(words)) for name, data, words in files]
    kinds += [
        HardPicture("__MACOSX", lambda path: _folder(path, plain), LeftOut("operating system")),
        HardPicture(".hidden", lambda path: _folder(path, plain), LeftOut("hidden")),
    ]
    if os.name != "nt":
        kinds += [
            HardPicture("a pipe.jpg", os.mkfifo, LeftOut("pipe")),
            HardPicture(
                "dangling.jpg", lambda path: path.symlink_to("nowhere.jpg"), LeftOut("nowhere")
            ),
            HardPicture(
                "itself.jpg", lambda path: path.symlink_to(path.name), LeftOut("looked at")
            ),
            HardPicture("loop", lambda path: path.symlink_to(".."), LeftOut("another place")),
        ]
    return kinds


def _folder(path: Path, data: bytes) -> None:
    path.mkdir()
    (path / "1.jpg").write_bytes(data)


HARD_PICTURES = [*_read_right(), *_refused(), *_left_out()]
