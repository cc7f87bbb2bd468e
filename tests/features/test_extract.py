"""Features: right, once for each picture, and safe against everything that happens to a cache."""

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from tests.pictures import COLOURS, write_picture, write_set
from tests.processes import listen_to_ctrl_c
from tlcourse.data import load_images, open_picture
from tlcourse.errors import ArgumentError, DataError
from tlcourse.features import extract_features, load_features
from tlcourse.features.engines import BATCH, engine_name

openvino = pytest.importorskip("openvino", reason="the extra 'fast' is not installed")
ENGINES = ["keras", "openvino"]


@pytest.fixture(scope="module")
def small():
    """A genuine backbone at a small input size, where tests are quick."""
    from tlcourse.backbones import load_backbone

    return load_backbone("efficientnet_lite0", input_size=64)


@pytest.fixture(scope="module")
def converted(small, tmp_path_factory):
    """The folder with the network as OpenVINO reads it: converted once, for all tests."""
    folder = tmp_path_factory.mktemp("converted")
    set_ = load_images(write_set(folder / "set", count=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLCOURSE_CACHE", str(folder / "cache"))
        extract_features(small, set_, engine="openvino", use_cache=False)
    return folder / "cache" / "openvino"


@pytest.fixture
def own_cache(own_cache, converted):
    """A cache folder for one test, empty but for the converted network."""
    shutil.copytree(converted, own_cache / "openvino")
    return own_cache


@pytest.fixture
def images(tmp_path):
    return load_images(write_set(tmp_path / "set", count=10))


def cache_file(cache):
    [path] = (cache / "features").glob("*.sqlite")
    return path


@pytest.mark.parametrize("engine", ENGINES)
def test_features_are_the_network_on_the_decoded_pixels(small, images, engine):
    table = extract_features(small, images, engine=engine, use_cache=False)
    pixels = np.stack([open_picture(path, size=(64, 64)) for path in images.paths])
    expected = np.asarray(small.feature_model(pixels, training=False))
    assert table.features.shape == (20, 1280)
    assert table.features.dtype == np.float32
    cosine = (table.features * expected).sum(1) / (
        np.linalg.norm(table.features, axis=1) * np.linalg.norm(expected, axis=1)
    )
    assert cosine.min() > 0.995  # bfloat16 has 8 bits of precision
    if engine == "keras":
        assert table.features == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("count", [1, BATCH - 1, BATCH, BATCH + 1])
def test_a_batch_that_is_not_full_gives_the_same_rows(small, tmp_path, count):
    images = load_images(write_set(tmp_path, count=10))
    whole = extract_features(small, images, engine="openvino", use_cache=False)
    part = extract_features(small, images[:count], engine="openvino", use_cache=False)
    assert part.features == pytest.approx(whole.features[:count], abs=1e-6)


def test_a_second_run_computes_nothing_and_gives_the_same(small, images, own_cache):
    first = extract_features(small, images)
    second = extract_features(small, images)
    assert (first.record["computed"], first.record["from_cache"]) == (20, 0)
    assert (second.record["computed"], second.record["from_cache"]) == (0, 20)
    assert np.array_equal(first.features, second.features)


def test_ten_pictures_more_cost_ten(small, tmp_path, own_cache):
    folder = write_set(tmp_path / "set", count=10)
    extract_features(small, load_images(folder))
    for number in range(10):
        write_picture(folder / "red" / f"new {number}.png", COLOURS["red"], 5000 + number)
    table = extract_features(small, load_images(folder))
    assert (table.record["computed"], table.record["from_cache"]) == (10, 20)


def test_the_cache_goes_by_content_not_by_name(small, tmp_path, own_cache):
    folder = write_set(tmp_path / "set", count=4)
    before = extract_features(small, load_images(folder))
    shutil.move(folder, tmp_path / "moved")
    (tmp_path / "moved" / "red" / "0.png").rename(tmp_path / "moved" / "red" / "9.png")
    moved = extract_features(small, load_images(tmp_path / "moved"))
    assert moved.record["computed"] == 0
    assert np.array_equal(moved.features[3], before.features[0]) or np.array_equal(
        sorted(map(tuple, moved.features)), sorted(map(tuple, before.features))
    )
    write_picture(tmp_path / "moved" / "red" / "9.png", COLOURS["blue"], 77)
    assert extract_features(small, load_images(tmp_path / "moved")).record["computed"] == 1


def test_other_weights_sizes_and_engines_do_not_share_rows(small, images, own_cache):
    from tlcourse.backbones import load_backbone

    extract_features(small, images, engine="keras")
    larger = load_backbone("efficientnet_lite0", input_size=96)
    random = load_backbone("efficientnet_lite0", weights="random", input_size=64)
    for backbone, engine in [(larger, "keras"), (random, "keras"), (small, "openvino")]:
        assert extract_features(backbone, images, engine=engine).record["computed"] == 20


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "middle", "row", "folder", "short row"])
def test_a_damaged_cache_is_noticed_and_built_anew(small, images, own_cache, damage, capsys):
    good = extract_features(small, images)
    path = cache_file(own_cache)
    content = bytearray(path.read_bytes())
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "text":
        path.write_text("not a database")
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "middle":
        content[len(content) // 3 : len(content) // 2] = bytes(
            len(content) // 2 - len(content) // 3
        )
        path.write_bytes(content)
    elif damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        with sqlite3.connect(path) as connection:
            if damage == "row":
                connection.execute("UPDATE rows SET numbers = zeroblob(5120)")
            else:
                connection.execute("UPDATE rows SET numbers = x'00', checksum = 3523407757")
    again = extract_features(small, images)
    assert np.array_equal(again.features, good.features)
    assert again.record["computed"] > 0
    if damage in ("cut", "text", "middle"):
        assert "built anew" in capsys.readouterr().err
    if damage != "folder":  # what cannot be mended is gone without; the rest serves again
        assert extract_features(small, images).record["computed"] == 0


@pytest.mark.skipif(os.name != "posix", reason="rights of folders are POSIX")
def test_a_cache_that_cannot_be_written_is_gone_without(
    small, images, tmp_path, monkeypatch, capsys
):
    in_the_way = tmp_path / "file"
    in_the_way.write_text("a file where the cache folder should be")
    expected = extract_features(small, images, engine="keras", use_cache=False)
    monkeypatch.setenv("TLCOURSE_CACHE", str(in_the_way))
    table = extract_features(small, images, engine="keras")
    assert np.array_equal(table.features, expected.features)
    assert "without it" in capsys.readouterr().err


def _extract_in_a_process(folder, engine):
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0", input_size=64)
    table = extract_features(backbone, load_images(folder), engine=engine)
    return table.features.sum(axis=1).tolist()


def test_two_notebooks_share_the_cache_at_the_same_time(small, tmp_path, own_cache):
    folder = write_set(tmp_path / "set", count=30)
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        one, other = pool.starmap(_extract_in_a_process, [(folder, "openvino")] * 2)
    assert one == pytest.approx(other, rel=1e-3)
    assert extract_features(small, load_images(folder), engine="openvino").record["computed"] == 0


SLOW_RUN = """
import sys, time
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images
from tlcourse.features import extract, extract_features
build = extract.build_engine
def slow(*arguments):
    engine = build(*arguments)
    def run(batch):
        rows = engine(batch)
        print("batch", flush=True)
        time.sleep(0.2)
        return rows
    return run
extract.build_engine = slow
extract_features(load_backbone("efficientnet_lite0", input_size=64), load_images(sys.argv[1]),
                 engine="keras")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_kill_loses_one_batch_at_most(small, tmp_path, own_cache, how):
    folder = write_set(tmp_path / "set", count=40)
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW_RUN, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=listen_to_ctrl_c,
    )
    for _ in range(4):
        assert process.stdout.readline() == "batch\n"
    process.send_signal(getattr(signal, how))
    assert process.wait(timeout=60) != 0
    resumed = extract_features(small, load_images(folder), engine="keras")
    assert resumed.record["from_cache"] >= 3 * BATCH
    whole = extract_features(small, load_images(folder), engine="keras", use_cache=False)
    assert resumed.features == pytest.approx(whole.features, abs=1e-4)


def test_broken_files_are_left_out_by_name(small, tmp_path, own_cache, capsys):
    folder = write_set(tmp_path / "set", count=5)
    (folder / "red" / "broken.jpg").write_bytes(b"not a picture")
    picture = (folder / "green" / "1.png").read_bytes()
    (folder / "green" / "1.png").write_bytes(picture[:-200])
    table = extract_features(small, load_images(folder))
    assert len(table) == 9
    assert {p.file.name for p in table.problems} == {"broken.jpg", "1.png"}
    assert [path.parent.name for path in table.paths] == [
        table.class_names[label] for label in table.labels
    ]
    assert "broken.jpg" in capsys.readouterr().err
    whole = extract_features(small, load_images(folder)[:1], use_cache=False)
    assert table.features[0] == pytest.approx(whole.features[0], abs=1e-5)


def test_a_class_without_a_readable_picture_is_an_error(small, tmp_path):
    folder = write_set(tmp_path / "set", count=2)
    for path in (folder / "red").iterdir():
        path.write_bytes(b"broken")
    with pytest.raises(DataError, match="red"):
        extract_features(small, load_images(folder))


def test_a_table_is_saved_and_read_without_pickles(small, images, tmp_path):
    table = extract_features(small, images)
    read = load_features(table.save(tmp_path / "käfer table.npz"))
    assert np.array_equal(read.features, table.features)
    assert np.array_equal(read.labels, table.labels)
    assert (read.class_names, read.paths, read.record) == (
        table.class_names, table.paths, json.loads(json.dumps(table.record))
    )  # fmt: skip
    with np.load(tmp_path / "käfer table.npz", allow_pickle=False) as file:
        assert all(file[name].dtype != object for name in file.files)


def test_a_damaged_table_is_named(small, images, tmp_path):
    path = extract_features(small, images).save(tmp_path / "table.npz")
    content = path.read_bytes()
    for broken in (content[:1000], b"", b"hello"):
        path.write_bytes(broken)
        with pytest.raises(DataError, match=r"table\.npz"):
            load_features(path)
    with pytest.raises(DataError, match="missing"):
        load_features(tmp_path / "missing.npz")


def test_a_damaged_conversion_is_made_anew(small, images, own_cache):
    good = extract_features(small, images, engine="openvino", use_cache=False)
    [model] = (own_cache / "openvino").glob("*.xml")
    model.write_text("<net>")
    again = extract_features(small, images, engine="openvino", use_cache=False)
    assert again.features == pytest.approx(good.features, abs=1e-6)


def test_keras_takes_over_where_openvino_fails(small, images, monkeypatch, capsys, own_cache):
    from tlcourse.features import engines

    def fail(*_):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(engines, "_read_converted", fail)
    table = extract_features(small, images)
    assert table.record["engine"] == "keras f32"
    assert "Going on with Keras" in capsys.readouterr().err


def test_engines_are_named_or_explained(monkeypatch):
    assert engine_name("keras") == "keras f32"
    assert engine_name("openvino").startswith("openvino ")
    assert engine_name("auto") == engine_name("openvino")
    with pytest.raises(ArgumentError, match="'auto', 'keras' or 'openvino'"):
        engine_name("cuda")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert engine_name("auto") == "keras f32"
    with pytest.raises(ArgumentError, match=r"tlcourse\[fast\]"):
        engine_name("openvino")


def test_a_large_result_lies_on_disk(small, images, monkeypatch):
    from tlcourse.features import extract

    monkeypatch.setattr(extract, "_IN_MEMORY_BYTES", 1000)
    table = extract_features(small, images, engine="keras")
    assert isinstance(table.features.base, np.memmap) or isinstance(table.features, np.memmap)
    monkeypatch.undo()
    in_memory = extract_features(small, images, engine="keras")
    assert np.array_equal(table.features, in_memory.features)


def test_parts_of_a_split_set_stay_parts(small, tmp_path):
    from tlcourse.data import split

    images = split(load_images(write_set(tmp_path, count=8)), seed=1)
    table = extract_features(small, images)
    assert table.train.paths == images.train.paths
    assert np.array_equal(table.test.labels, images.test.labels)
    with pytest.raises(DataError, match="validation"):
        table.validation  # noqa: B018


WATCHED_RUN = """
import sys
asked = []
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        asked.append(repr(arguments))
sys.addaudithook(watch)
from tlcourse.backbones import load_backbone
from tlcourse.data import load_images
from tlcourse.features import extract_features
extract_features(load_backbone("efficientnet_lite0", input_size=64), load_images(sys.argv[1]),
                 engine="openvino")
print("asked the network for:", asked)
"""


def test_nothing_is_reported_to_anybody(tmp_path, own_cache, monkeypatch):
    """OpenVINO's converter tells a server of each use, and leaves an id in the home folder."""
    shutil.rmtree(own_cache / "openvino")  # so that it is converted here
    folder = write_set(tmp_path / "set", count=2)
    (home := tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("CI", raising=False)  # where it keeps quiet by itself
    done = subprocess.run(
        [sys.executable, "-c", WATCHED_RUN, str(folder)], capture_output=True, text=True
    )
    assert done.stdout.endswith("asked the network for: []\n"), done.stderr
    assert not list(home.glob("intel*"))


@pytest.mark.parametrize("engine", ENGINES)
def test_weights_that_changed_get_features_of_their_own(images, own_cache, engine):
    from tlcourse.backbones import load_backbone

    backbone = load_backbone("efficientnet_lite0", input_size=64)
    before = extract_features(backbone, images, engine=engine)
    kernel = backbone.network.trainable_variables[-2]
    kernel.assign(kernel.numpy() * 2)  # as fine-tuning would
    after = extract_features(backbone, images, engine=engine)
    assert after.record["computed"] == len(images)
    assert after.record["weights_sha256"] != before.record["weights_sha256"]
    assert not np.allclose(after.features, before.features, atol=1e-2)


def test_a_busy_cache_is_left_alone(small, images, own_cache, monkeypatch, capsys):
    extract_features(small, images)
    kept = cache_file(own_cache).read_bytes()
    monkeypatch.setattr("tlcourse.features.cache._BUSY_SECONDS", 0.1)
    with sqlite3.connect(cache_file(own_cache)) as other:
        other.execute("BEGIN EXCLUSIVE")
        table = extract_features(small, images)
        other.rollback()
    assert table.record["computed"] == len(images)
    assert "going on without it" in capsys.readouterr().err
    assert cache_file(own_cache).read_bytes() == kept


def test_a_cache_that_another_process_has_mended_is_not_removed_again(
    small, images, own_cache, monkeypatch, capsys
):
    from tlcourse.features.cache import FeatureCache

    extract_features(small, images)
    good = FeatureCache._open
    calls = []

    def damaged_at_first(self):
        calls.append(1)
        if len(calls) == 1:
            raise sqlite3.DatabaseError("malformed")
        return good(self)

    monkeypatch.setattr(FeatureCache, "_open", damaged_at_first)
    table = extract_features(small, images)
    assert table.record["from_cache"] == len(images)
    assert "built anew" not in capsys.readouterr().err
