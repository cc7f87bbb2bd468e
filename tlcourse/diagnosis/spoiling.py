"""How single pictures are spoilt, for `make_messy`: each as it happens to real folders."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from tlcourse.diagnosis.measures import SIDE

Random = np.random.Generator


class Spoilt(NamedTuple):
    """The bytes of a spoilt file, the ending of its name, and what was done."""

    data: bytes
    ending: str
    detail: str


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = io.BytesIO()
    if kind == "JPEG":
        options.setdefault("quality", 92)
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _jpeg(image: Image.Image, detail: str) -> Spoilt:
    return Spoilt(encode(image), ".jpg", detail)


def _unreadable(image: Image.Image, random: Random) -> Spoilt:
    kinds = {
        "empty": b"",
        "a web page": b"<!DOCTYPE html><html><title>404 Not Found</title></html>",
        "random bytes": random.bytes(4096),
        "a damaged header": b"\xff\xd8\xff" + random.bytes(2048),
    }
    what = str(random.choice(list(kinds)))
    return Spoilt(kinds[what], ".jpg", what)


def _truncated(image: Image.Image, random: Random) -> Spoilt:
    share = random.uniform(0.4, 0.9)
    data = encode(image)
    return Spoilt(data[: int(share * len(data))], ".jpg", f"{share:.0%} of the file is left")


def _wrong_extension(image: Image.Image, random: Random) -> Spoilt:
    if random.random() < 0.5:
        return Spoilt(encode(image, "PNG"), ".jpg", "PNG named .jpg")
    return Spoilt(encode(image), ".png", "JPEG named .png")


def _rotated(image: Image.Image, random: Random) -> Spoilt:
    turns = {
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }
    orientation = int(random.choice(list(turns)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(image.transpose(turns[orientation]), exif=exif)
    return Spoilt(data, ".jpg", f"EXIF orientation {orientation}")


def _mode(image: Image.Image, random: Random) -> Spoilt:
    """Store the colours in one of five odd ways."""
    way = int(random.integers(5))
    if way == 0:
        return Spoilt(encode(image.quantize(64), "PNG"), ".png", "palette")
    if way == 1:
        return Spoilt(encode(image.convert("CMYK")), ".jpg", "CMYK")
    if way == 2:
        deep = np.asarray(image.convert("L")).astype(np.uint16) * 257
        return Spoilt(encode(Image.fromarray(deep), "PNG"), ".png", "16 bits")
    if way == 3:
        clear = image.copy()
        clear.putalpha(Image.linear_gradient("L").resize(image.size))
        return Spoilt(encode(clear, "PNG"), ".png", "transparency")
    second = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    data = encode(image, "GIF", save_all=True, append_images=[second])
    return Spoilt(data, ".gif", "a GIF of two frames")


def _grey(image: Image.Image, random: Random) -> Spoilt:
    return _jpeg(image.convert("L"), "without colour")


def _tiny(image: Image.Image, random: Random) -> Spoilt:
    side = int(random.integers(20, 49))
    scale = side / min(image.size)
    small = image.resize((round(image.width * scale), round(image.height * scale)))
    return Spoilt(encode(small, "PNG"), ".png", f"{side} pixels on the shorter side")


def _huge(image: Image.Image, random: Random) -> Spoilt:
    scale = (26_000_000 / (image.width * image.height)) ** 0.5
    size = (round(image.width * scale), round(image.height * scale))
    return _jpeg(image.resize(size, Image.Resampling.BILINEAR), "26 million pixels")


def _constant(image: Image.Image, random: Random) -> Spoilt:
    colour = random.integers(0, 256, 3)
    pixels = colour + random.normal(0, 1, (image.height, image.width, 3))
    return _jpeg(Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)), "one colour")


def _dark(image: Image.Image, random: Random) -> Spoilt:
    factor = random.uniform(0.12, 0.22)
    return _jpeg(image.point(lambda v: int(v * factor)), f"brightness times {factor:.2f}")


def _bright(image: Image.Image, random: Random) -> Spoilt:
    factor = random.uniform(0.12, 0.25)
    paled = image.point(lambda v: 255 - int((255 - v) * factor))
    return _jpeg(paled, f"washed out to {factor:.0%} of its contrast")


def _blurred(image: Image.Image, random: Random) -> Spoilt:
    """Blur by a lens out of focus, or by a camera that moved sideways."""
    scale = max(1.0, min(image.size) / SIDE)
    if random.random() < 0.5:
        radius = random.uniform(2.2, 5.0)
        soft = image.filter(ImageFilter.GaussianBlur(radius * scale))
        return _jpeg(soft, f"out of focus by {radius:.1f} pixels of {SIDE}")
    from scipy.ndimage import uniform_filter1d

    length = int(random.integers(9, 16))
    axis = int(random.integers(2))
    pixels = np.asarray(image, np.float32)
    moved = uniform_filter1d(pixels, round(length * scale), axis=axis).astype(np.uint8)
    return _jpeg(Image.fromarray(moved), f"moved by {length} pixels of {SIDE}")


def _aspect(image: Image.Image, random: Random) -> Spoilt:
    ratio = random.uniform(3.2, 5.0)
    if random.random() < 0.5:
        height = max(1, round(image.width / ratio))
        top = (image.height - height) // 2
        strip = image.crop((0, top, image.width, top + height))
    else:
        width = max(1, round(image.height / ratio))
        left = (image.width - width) // 2
        strip = image.crop((left, 0, left + width, image.height))
    return _jpeg(strip, f"cut to {ratio:.1f} : 1")


def copy_with_changes(image: Image.Image, random: Random) -> Spoilt:
    """Return a copy of a picture as it comes back from the world: changed, and still the same."""
    way = int(random.integers(6))
    width, height = image.size
    if way == 0:
        return Spoilt(encode(image, quality=35), ".jpg", "saved at low quality")
    if way == 1:
        half = image.resize((max(1, width // 2), max(1, height // 2)))
        return _jpeg(half, "half the size")
    if way == 2:
        factor = random.choice([0.75, 1.25])
        return _jpeg(ImageEnhance.Brightness(image).enhance(factor), f"brightness × {factor}")
    if way == 3:
        left, top = (int(random.integers(0, side // 25 + 1)) for side in image.size)
        box = (left, top, left + width - width // 25, top + height - height // 25)
        return _jpeg(image.crop(box), "trimmed by 4% of each side")
    if way == 4:
        return _jpeg(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "mirrored")
    stamped = image.copy()
    corner = (0.62 * width, 0.9 * height, 0.98 * width, 0.97 * height)
    ImageDraw.Draw(stamped).rectangle(corner, fill="white", outline="black")
    return _jpeg(stamped, "stamped in a corner")


SPOILERS: dict[str, Callable[[Image.Image, Random], Spoilt]] = {
    "unreadable": _unreadable,
    "truncated": _truncated,
    "wrong_extension": _wrong_extension,
    "rotated": _rotated,
    "mode": _mode,
    "grey": _grey,
    "tiny": _tiny,
    "huge": _huge,
    "constant": _constant,
    "dark": _dark,
    "bright": _bright,
    "blurred": _blurred,
    "aspect": _aspect,
}
"""From the kinds of faults of single pictures to what makes them, out of an RGB picture."""


def draw_stranger(random: Random) -> Image.Image:
    """Return a picture that belongs to no class: a message, a diagram, or a page of text."""
    image = Image.new("RGB", (480, 360), "white")
    pen = ImageDraw.Draw(image)
    colours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00"]
    way = int(random.integers(3))
    if way == 0:
        pen.rectangle((0, 0, 479, 359), fill="#eeeeee", outline="#999999", width=6)
        x, y = int(random.integers(40, 180)), int(random.integers(80, 240))
        pen.text((x, y), "image not found", fill="#777777", font_size=int(random.integers(24, 44)))
    elif way == 1:
        heights = random.integers(40, 260, int(random.integers(4, 9)))
        step = 400 // len(heights)
        for number, height in enumerate(heights.tolist()):
            left = 50 + number * step
            box = (left, 320 - height, left + step - 12, 320)
            pen.rectangle(box, fill=colours[number % len(colours)])
        pen.line((40, 20, 40, 320, 460, 320), fill="black", width=3)
    else:
        for line in range(20, 340, 18):
            words = random.integers(2, 12, 9)
            text = " ".join("".join(random.choice(list("aeinorstlu"), n)) for n in words.tolist())
            pen.text((24, line), text[:60], fill="black", font_size=13)
    return image
