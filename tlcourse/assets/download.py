"""Bring one file over a network that may break at any moment, and trust nothing that arrives.

The bytes are gathered in `<name>.part`, next to the place where the file belongs. An interrupted
download goes on from there. Only a file whose size and hash are right gets its name.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import requests

from tlcourse.assets.cache import make_folder, make_sure_of_room
from tlcourse.assets.catalogue import Asset
from tlcourse.assets.places import damage
from tlcourse.assets.words import in_megabytes
from tlcourse.errors import AssetError
from tlcourse.messages import progress

_CHUNK = 1 << 16
_TRY_AGAIN = {408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True)
class Patience:
    """How long to bear with a server, in seconds.

    Parameters
    ----------
    connect, read
        How long to wait for a connection, and for each next piece of data.
    attempts
        How many failures in a row, without a byte gained, end the work with one address.
    pause
        The wait after the first failure; it doubles with each further one.

    """

    connect: float = 10.0
    read: float = 30.0
    attempts: int = 3
    pause: float = 1.0


PATIENCE = Patience()


@dataclass(frozen=True)
class Failure:
    """Why an address did not give the file; `reached` is False where no server answered."""

    url: str
    reason: str
    reached: bool

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


class DownloadError(Exception):
    """No address gave the file. `failures` says why, one for each address."""

    def __init__(self, failures: Sequence[Failure]) -> None:
        self.failures = tuple(failures)
        super().__init__("; ".join(map(str, failures)))


class _RefusedError(Exception):
    """An address will not give the file, however often it is asked."""


class _BrokenOffError(Exception):
    """Asking again may help."""

    def __init__(self, reason: str, *, reached: bool = True) -> None:
        self.reached = reached
        super().__init__(reason)


def download(asset: Asset, target: Path, patience: Patience = PATIENCE) -> None:
    """Download an asset to `target` from the first of its addresses that gives the genuine file.

    The caller holds the lock of the asset.

    Raises
    ------
    DownloadError
        When no address gave it. What arrived stays in the partial file for the next call.
    AssetError
        When the disk is full or cannot be written to.
    KeyboardInterrupt
        As it comes; the partial file stays.

    """
    make_folder(target.parent)
    part = Part(target)
    failures = []
    for url in asset.urls:
        try:
            _bring(asset, url, part, patience)
        except _RefusedError as error:
            failures.append(Failure(url, str(error), reached=True))
        except _BrokenOffError as error:
            failures.append(Failure(url, str(error), error.reached))
        else:
            part.become(target)
            return
    raise DownloadError(failures)


class Part:
    """The partial file of a download, with a note of which version of the file it is from."""

    def __init__(self, target: Path) -> None:
        self.path = target.with_name(target.name + ".part")
        self._note = target.with_name(target.name + ".part.json")

    @property
    def size(self) -> int:
        """The number of bytes that have arrived."""
        return self.path.stat().st_size if self.path.exists() else 0

    def remove(self) -> None:
        """Forget what has arrived."""
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def note(self, url: str, response: requests.Response) -> None:
        """Write down which version the bytes are from, where the server names it."""
        etag = response.headers.get("ETag", "")
        # A weak ETag promises the same meaning, not the same bytes.
        strong = etag if etag and not etag.startswith("W/") else None
        version = strong or response.headers.get("Last-Modified")
        self._note.write_text(json.dumps({"url": url, "version": version}), encoding="utf-8")

    def version(self, url: str) -> str | None:
        """Return what that address called the version of the bytes here, if it did."""
        with suppress(OSError, ValueError):
            known = json.loads(self._note.read_text(encoding="utf-8"))
            if isinstance(known, dict) and known.get("url") == url:
                version = known.get("version")
                return version if isinstance(version, str) else None
        return None

    def become(self, target: Path) -> None:
        """Give the complete file its name."""
        with self.path.open("rb+") as file:
            os.fsync(file.fileno())
        self.path.replace(target)
        self.remove()


def _bring(asset: Asset, url: str, part: Part, patience: Patience) -> None:
    """Complete the partial file from one address and verify it."""
    pieced = _receive_all(asset, url, part, patience)
    wrong = damage(asset, part.path)
    if wrong and pieced:
        # The beginning may stem from another version, or from a disk that was full: once more.
        part.remove()
        _receive_all(asset, url, part, patience)
        wrong = damage(asset, part.path)
    if wrong:
        part.remove()
        raise _RefusedError(f"the file there is not the genuine one, and was removed: {wrong}")


def _receive_all(asset: Asset, url: str, part: Part, patience: Patience) -> bool:
    """Receive until the file is complete, and tell whether it was put together from pieces."""
    pieced = False
    most, failures = part.size, 0
    while True:
        pieced = pieced or part.size > 0
        try:
            _receive(asset, url, part, patience)
            return pieced
        except _BrokenOffError:
            if part.size > most:
                most, failures = part.size, 0
            failures += 1
            if failures >= patience.attempts:
                raise
        time.sleep(patience.pause * 2 ** (failures - 1))


def _receive(asset: Asset, url: str, part: Part, patience: Patience) -> None:
    """Ask once for what is missing, and append what comes."""
    offset = part.size
    if offset == asset.bytes:
        return
    if asset.bytes is not None and offset > asset.bytes:
        part.remove()
        offset = 0
    headers = {"User-Agent": "tlcourse", "Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
        if version := part.version(url):
            headers["If-Range"] = version
    waits = (patience.connect, patience.read)
    try:
        with requests.get(url, headers=headers, stream=True, timeout=waits) as response:
            if response.status_code == 416 and _total(response) == offset:
                return  # it was complete already; the catalogue just does not know its size
            _append(asset, url, part, response, offset)
    except requests.RequestException as error:
        raise _in_plain_words(error, patience) from error


def _append(asset: Asset, url: str, part: Part, response: requests.Response, offset: int) -> None:
    """Write the body of an answer behind what is there, or over it where it starts anew."""
    start = _start(part, response, offset)
    total = _total(response)
    if total is not None and asset.bytes not in (None, total):
        raise _RefusedError(
            f"the file there has {total:,} bytes; the genuine one has {asset.bytes:,}"
        )
    size = total if total is not None else asset.bytes
    make_sure_of_room(part.path.parent, (size or 0) - start)
    try:
        part.note(url, response)  # before the first byte, so that a kill leaves nothing nameless
        with (
            part.path.open("ab" if start else "wb") as file,
            progress(what=asset.filename, total=size, unit="B") as bar,
        ):
            # What came earlier counts as done, but not for the rate.
            bar.initial = bar.n = bar.last_print_n = start
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                bar.update(len(chunk))
                if size is not None and file.tell() > size:
                    break
    except requests.RequestException:
        raise
    except OSError as error:
        raise AssetError(
            f"What arrives of '{asset.filename}' cannot be written: {error.strerror}.",
            received=f"{in_megabytes(part.size)} so far, in {part.path}",
            todo="Make room on the disk and call again; it goes on from there. Or set "
            "TLCOURSE_CACHE to a folder on another disk.",
        ) from error
    if size is not None and part.size < size:
        raise _BrokenOffError(f"the connection was cut after {part.size:,} of {size:,} bytes")


def _start(part: Part, response: requests.Response, offset: int) -> int:
    """Return at which byte of the file the body of an answer begins."""
    status = response.status_code
    if status == 200:
        return 0
    if status == 206:
        found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
        if found and int(found[1]) == offset:
            return offset
    if status in (206, 416):  # a wrong piece, or none: our beginning does not fit; ask for it all
        part.remove()
        raise _BrokenOffError("the server has no such continuation of the file")
    reason = f"the server answers {status} {response.reason or ''}".rstrip()
    raise _BrokenOffError(reason) if status in _TRY_AGAIN else _RefusedError(reason)


def _total(response: requests.Response) -> int | None:
    """Return the size of the whole file, in bytes, where the answer tells it."""
    if response.status_code == 200:
        length = response.headers.get("Content-Length", "")
    else:
        length = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(length) if length.isdecimal() else None


def _in_plain_words(
    error: requests.RequestException, patience: Patience
) -> _BrokenOffError | _RefusedError:
    """Sort what `requests` reports into what may mend itself and what will not."""
    if isinstance(error, requests.exceptions.SSLError):
        return _RefusedError("no secure connection; a proxy or a login page may stand in between")
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        wait = patience.connect if isinstance(error, requests.ConnectTimeout) else patience.read
        return _BrokenOffError(f"no answer within {wait:g} s", reached=False)
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return _BrokenOffError("the connection was cut")
    if isinstance(error, requests.ConnectionError):
        return _BrokenOffError("the server cannot be reached", reached=False)
    return _RefusedError(f"the answer makes no sense ({type(error).__name__})")
