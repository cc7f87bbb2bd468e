"""What tests of widgets share: networks, messages, and bytes read back."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np


def small_model(name: str, seed: int) -> Any:
    """Return a small network with feature maps of both signs, and weights of its own."""
    import keras

    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Rescaling(1 / 255, name="preprocessing"),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="first"),
            keras.layers.MaxPooling2D(name="pooled"),
            keras.layers.Conv2D(70, 3, name="second"),
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(3, activation="softmax", name="classes"),
        ],
        name=name,
    )


def asked(widget: Any, question: Any) -> tuple[dict[str, Any], list[bytes]]:
    """Return what a widget sends when a browser asks, by the way that messages take."""
    sent: list[tuple[dict[str, Any], list[bytes]]] = []
    widget.send = lambda content, buffers=(): sent.append((content, list(buffers)))
    try:
        widget._handle_custom_msg(question, [])
    finally:
        del widget.send
    assert len(sent) == 1, "every question gets one answer"
    return sent[0]


def maps_in(record: dict[str, Any], data: bytes) -> np.ndarray:
    """Return packed maps as the browser understands them, `(count, height, width)`."""
    if record.get("deflated"):
        data = zlib.decompress(data)
    count, bits = record["count"], record["bits"]
    limits = np.frombuffer(data, "<f4", 2 * count).reshape(count, 2)
    units = np.frombuffer(data, f"<u{bits // 8}", offset=8 * count)
    planes = units.reshape(count, record["height"], record["width"]).astype(np.float64)
    low, high = limits[:, :1, None], limits[:, 1:, None]
    return low + (high - low) * planes / (2**bits - 1)


def stored_answer(widget: Any, key: str) -> tuple[dict[str, Any], bytes]:
    """Return what a saved notebook holds under a key."""
    record = next(record for record in widget.about["stored"] if record["key"] == key)
    return record, widget.stored[record["at"] : record["at"] + record["size"]]


def state_bytes(widget: Any) -> int:
    """Return how many characters a widget's state takes in a saved notebook."""
    import json

    from ipywidgets import Widget

    return len(json.dumps(Widget.get_manager_state(widgets=[widget])))
