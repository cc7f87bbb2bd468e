"""The report needs no other file, shows every name as it is, and can be read by everybody."""

import json
import os
from html.parser import HTMLParser

import pytest

from tests.diagnosis.scenes import scene, write_scenes
from tlcourse.diagnosis import COSTS, KINDS, diagnose
from tlcourse.errors import ArgumentError

NASTY = ["<script>alert(1)</script>", "a\nb", '"onerror="x', "[red]&amp;", "Grüße 🐝"]
if os.name == "nt":
    NASTY = ["&amp;", "Grüße 🐝"]
NASTY = [name.replace("/", "∕") for name in NASTY]


class Page(HTMLParser):
    """Collects what a browser would see."""

    EMPTY = ("meta", "img", "br", "link", "hr")

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.words, self.ids = [], [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.ids += [value for key, value in attributes if key == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def diagnosis(tmp_path_factory):
    folder = write_scenes(tmp_path_factory.mktemp("report") / "data", 12)
    for name in NASTY:
        (folder / "bars" / f"{name}.jpg").write_bytes(b"")
    (folder / "discs" / "same.jpg").write_bytes((folder / "discs" / "discs2.jpg").read_bytes())
    scene(803).point(lambda v: v // 6).save(folder / "bars" / "dark & light.jpg")
    (folder / "discs" / "<b>notes.txt").write_text("x") if os.name != "nt" else None
    (folder / "<empty>" if os.name != "nt" else folder / "empty").mkdir()
    return diagnose(folder, backbone=None)


@pytest.fixture(scope="module")
def page(diagnosis, tmp_path_factory):
    path = diagnosis.to_html(tmp_path_factory.mktemp("html") / "report.html")
    return Page(path.read_text("utf-8"))


def test_the_report_points_nowhere_else(page):
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        for key, value in attributes.items():
            if key in ("src", "href"):
                assert value.startswith(("data:image/jpeg;base64,", "#"))
            assert not key.startswith("on")
    style = "".join(page.words)
    assert "url(" not in style
    assert "@import" not in style


def test_every_link_leads_to_a_section_and_every_name_stands_there(page, diagnosis):
    targets = {a["href"][1:] for tag, a in page.tags if tag == "a"}
    assert targets <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    text = "".join(page.words)
    for finding in diagnosis.findings:
        assert KINDS[finding.kind].advice in text
        assert finding.detail in text
        for file in finding.files:
            assert diagnosis.short(file) in text


def test_every_picture_has_a_text_and_costs_are_told_without_colours(page, diagnosis):
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert pictures
    assert all(attributes["alt"] for attributes in pictures)
    assert "no picture" in page.words
    for row in diagnosis.table():
        assert any(COSTS[row["cost"]] in words for words in page.words)
    assert ("html", {"lang": "en"}) in page.tags


def test_what_costs_most_comes_first(diagnosis):
    costs = [finding.cost for finding in diagnosis.findings]
    assert costs == sorted(costs, reverse=True)
    assert [row["cost"] for row in diagnosis.table()] == sorted(
        (row["cost"] for row in diagnosis.table()), reverse=True
    )
    kinds = list(KINDS.values())
    assert [kind.cost for kind in kinds] == sorted((k.cost for k in kinds), reverse=True)


def test_a_picture_carries_nothing_of_the_original_but_pixels(tmp_path):
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "SECRET PLACE"
    home = tmp_path / "data" / "a"
    home.mkdir(parents=True)
    scene(1).point(lambda v: v // 6).save(home / "dark.jpg", exif=exif)
    path = diagnose(tmp_path / "data", backbone=None).to_html(tmp_path / "r.html")
    import base64
    import re

    (data,) = re.findall(r"base64,([^\"]+)", path.read_text("utf-8"))
    assert b"SECRET" not in base64.b64decode(data)


def test_the_notebook_shows_the_table_and_the_clearest_cases(diagnosis):
    page = Page(diagnosis._repr_html_())
    text = "".join(page.words)
    assert diagnosis.summary() in text
    assert all(row["what"] in text for row in diagnosis.table())
    assert any(tag == "img" and attributes["alt"] for tag, attributes in page.tags)
    assert not any(word in page.words for word in NASTY)


def test_many_findings_stay_a_small_file(tmp_path):
    home = tmp_path / "data" / "a"
    home.mkdir(parents=True)
    for number in range(1500):
        (home / f"{number}.jpg").write_bytes(b"")
    scene(1).save(home / "good.jpg")
    path = diagnose(tmp_path / "data", backbone=None).to_html(tmp_path / "r.html")
    text = path.read_text("utf-8")
    assert len(text) < 500_000
    assert "1,452 more, by name" in text
    assert "452 more are in the JSON" in text


def test_pictures_that_are_gone_by_now_are_shown_as_missing(tmp_path):
    home = tmp_path / "data" / "a"
    home.mkdir(parents=True)
    scene(1).point(lambda v: v // 6).save(home / "dark.jpg")
    diagnosis = diagnose(tmp_path / "data", backbone=None)
    (home / "dark.jpg").unlink()
    assert "no picture" in diagnosis.to_html(tmp_path / "r.html").read_text("utf-8")
    assert "dark" in diagnosis._repr_html_()


def test_nothing_wrong_is_said_in_a_sentence(tmp_path):
    diagnosis = diagnose(write_scenes(tmp_path / "data", 3), backbone=None)
    text = diagnosis.to_html(tmp_path / "r.html").read_text("utf-8")
    assert "6 pictures, and nothing is wrong with them." in text
    assert "were not checked: that needs a network" in text
    assert repr(diagnosis) == diagnosis.summary()
    assert diagnosis._repr_html_() == f"<p>{diagnosis.summary()}</p>"


def test_everything_is_in_the_json(diagnosis):
    result = json.loads(diagnosis.to_json())
    assert len(result["findings"]) == len(diagnosis.findings) == len(diagnosis)
    assert result["record"]["backbone"] is None
    assert {row["kind"] for row in result["table"]} == {f.kind for f in diagnosis.findings}


def test_findings_of_an_unknown_kind_are_refused(diagnosis):
    with pytest.raises(ArgumentError, match="kind"):
        diagnosis.of("nonsense")
