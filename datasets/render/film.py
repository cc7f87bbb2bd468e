"""From scene-referred light to a photograph: lens, sensor, tone curve, JPEG. Needs no Blender."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

LUMA = np.array([0.2126, 0.7152, 0.0722])
USUAL_RANGE = 0.5


def develop(light: np.ndarray, sight: dict, rng: np.random.Generator, pixels: int) -> Image.Image:
    """Return the photograph of a linear picture.

    Parameters
    ----------
    light
        (height, width, 3) linear light of any scale, larger than `pixels`.
    sight
        The film part of a view: see `plan`.
    rng
        For the noise.
    pixels
        Edge of the result.

    """
    light = np.nan_to_num(np.maximum(light, 0.0), posinf=0.0)
    light = light * (0.26 / _metered(light)) * 2 ** sight["exposure"]
    light = np.minimum(light, 24.0)
    light = light + 0.05 * _blur(light, light.shape[0] / 28)
    light = _balanced(light)
    light = light * (1 + sight["warmth"], 1 + sight["tint"], 1 - sight["warmth"])
    light = _fringe(light, sight["fringe"])
    factor = light.shape[0] / pixels
    light = _blur(light, sight["blur"] * factor)
    light = _motion(light, sight["motion"] * factor, sight["motion_angle"])
    light = _resize(light, pixels)
    v, u = np.meshgrid(*(np.linspace(-1, 1, pixels),) * 2, indexing="ij")
    light = light * (1 - sight["vignette"] * ((u * u + v * v) / 2) ** 1.3)[..., None]
    light = light * (1 - sight["veil"]) + sight["veil"] * 0.8
    light = _sensor(light, sight["noise"], sight["grain"], rng)
    picture = _levels(_tone(light, sight["contrast"]))
    grey = (picture @ LUMA)[..., None]
    picture = np.clip(grey + (picture - grey) * sight["saturation"], 0, 1)
    image = Image.fromarray(
        (picture * 255 + rng.random(picture.shape)).clip(0, 255).astype(np.uint8)
    )
    if sight["sharpen"] > 0.05:
        image = image.filter(ImageFilter.UnsharpMask(0.8, int(sight["sharpen"] * 90), 2))
    return image


def encode(image: Image.Image, quality: int) -> bytes:
    """Return the picture as a JPEG file."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality, subsampling=2 if quality < 90 else 0, optimize=True)
    return stream.getvalue()


def _levels(picture: np.ndarray) -> np.ndarray:
    """Return the picture with the contrast that a camera gives to a dull scene.

    Fog and overcast leave a narrow band of greys, which every camera's automatic widens, though not
    to the full. Above the usual range nothing changes.
    """
    luma = picture @ LUMA
    low, middle, high = np.quantile(luma, (0.005, 0.5, 0.995))
    gain = np.sqrt(max(1.0, USUAL_RANGE / max(high - low, 0.05)))
    return np.clip(middle + (picture - middle) * gain, 0, 1)


def _metered(light: np.ndarray) -> float:
    """Return the light that a centre-weighted meter sees; highlights count less."""
    size = light.shape[0]
    v, u = np.meshgrid(*(np.linspace(-1, 1, size),) * 2, indexing="ij")
    weight = 0.35 + np.exp(-(u * u + v * v) / 0.5)
    level = np.log(light @ LUMA + 1e-4)
    plain = np.exp((level * weight).sum() / weight.sum())
    # Nothing large may burn out: a sky far above the meter's grey pulls the exposure down.
    high = np.quantile(light @ LUMA, 0.9)
    return float(max(plain, high * 0.31, 1e-6))


def _balanced(light: np.ndarray) -> np.ndarray:
    """Return the light as a camera's automatic white balance sees it: casts are halved."""
    usual = np.minimum(light, 1.0).mean((0, 1))
    gain = (usual @ LUMA / np.maximum(usual, 1e-6)) ** 0.5
    # Blue sky over blue sea is no cast: the sum of both is not grey.
    return light * gain * np.array([0.94, 1.0, 1.07])


def _blur(light: np.ndarray, sigma: float) -> np.ndarray:
    if sigma < 0.15:
        return light
    reach = int(np.ceil(3 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (reach, reach)
        padded = np.pad(light, pad, mode="edge")
        light = sum(
            w * np.take(padded, np.arange(k, k + light.shape[axis]), axis=axis)
            for k, w in enumerate(kernel)
        )
    return light


def _motion(light: np.ndarray, reach: float, angle: float) -> np.ndarray:
    if reach < 0.3:
        return light
    steps = np.linspace(-reach, reach, 5)
    a = np.radians(angle)
    return sum(_shift(light, s * np.cos(a), s * np.sin(a)) for s in steps) / len(steps)


def _shift(light: np.ndarray, dx: float, dy: float) -> np.ndarray:
    size = light.shape[0]
    rows = np.clip(np.arange(size) + dy, 0, size - 1)
    columns = np.clip(np.arange(size) + dx, 0, size - 1)
    return _gather(_gather(light, rows, 0), columns, 1)


def _gather(light: np.ndarray, at: np.ndarray, axis: int) -> np.ndarray:
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, light.shape[axis] - 1)
    shape = [1, 1, 1]
    shape[axis] = -1
    part = (at - low).reshape(shape)
    return np.take(light, low, axis) * (1 - part) + np.take(light, high, axis) * part


def _fringe(light: np.ndarray, amount: float) -> np.ndarray:
    """Enlarge red and shrink blue by a fraction of a pixel towards the corners."""
    size = light.shape[0]
    at = np.arange(size) - (size - 1) / 2
    channels = []
    for channel, sign in ((0, 1), (1, 0), (2, -1)):
        scaled = np.clip(at * (1 + sign * amount * 0.0016) + (size - 1) / 2, 0, size - 1)
        one = light[..., channel : channel + 1]
        channels.append(_gather(_gather(one, scaled, 0), scaled, 1) if sign else one)
    return np.concatenate(channels, -1)


def _resize(light: np.ndarray, pixels: int) -> np.ndarray:
    planes = [
        Image.fromarray(light[..., c].astype(np.float32)).resize(
            (pixels, pixels), Image.Resampling.BOX
        )
        for c in range(3)
    ]
    return np.stack([np.asarray(p, float) for p in planes], -1)


def _sensor(light: np.ndarray, noise: float, grain: float, rng: np.random.Generator) -> np.ndarray:
    """Add shot noise and read noise, coarser where a camera's noise reduction smeared them."""
    shape = light.shape
    shot = rng.normal(size=shape)
    coarse = _blur(rng.normal(size=shape), 0.7) * 2.2
    mixed = shot * grain + coarse * (1 - grain)
    shared = mixed.mean(-1, keepdims=True)
    mixed = 0.45 * mixed + 0.8 * shared
    return np.maximum(light + mixed * noise * np.sqrt(np.maximum(light, 0) + 0.02) * 1.6, 0)


def _tone(light: np.ndarray, contrast: float) -> np.ndarray:
    """Return display values 0..1: a film-like curve with a toe and a long shoulder."""
    grey = 0.18
    x = grey * (light / grey) ** contrast
    # Rational curve through grey -> about 0.18 linear, white at about 4 stops above grey.
    white = 3.6
    y = x * (1 + x / white**2) / (1 + 0.62 * x) * 1.12
    # Strong light loses its colour, as in film and in a sensor's raw clipping.
    luma = (y @ LUMA)[..., None]
    pale = np.clip((luma - 0.6) / 0.9, 0, 0.8)
    y = y + (luma - y) * pale
    y = np.clip(y, 0, 1)
    return np.where(y <= 0.0031308, 12.92 * y, 1.055 * np.maximum(y, 1e-9) ** (1 / 2.4) - 0.055)
