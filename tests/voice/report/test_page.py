import re
from html.parser import HTMLParser

import pytest

from pixel.voice.report.claimed import Claim
from pixel.voice.report.drawing import histogram, line, number
from pixel.voice.report.figures import figures
from pixel.voice.report.page import page, write_page
from pixel.voice.report.reading import read_folder
from tests.voice.personality.consistency.speakers import talk, vector


@pytest.fixture
def found(folder, likeness, reference):
    claims = [Claim("Anna's talks", tuple(talk(1, 400, 9))), Claim("nobody", tuple(talk(3, 400)))]
    return figures(read_folder(folder), vector, likeness, reference, claims)


@pytest.fixture
def html(found):
    return page(found)


class Tags(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "rect", "line", "polyline"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in {"rect", "line", "polyline"}:
            return
        assert self.open.pop() == tag


def test_the_planted_change_of_speaker_is_an_alarm_on_the_page(found, html):
    (row,) = found["voices"]["drift"]
    alarm = min(row["alarms"], key=lambda one: one["p"])
    assert alarm["segment"].startswith("file 2#")
    assert abs(alarm["word"] - (1200 + 700 - 60)) <= 150  # 60 words were left out for their quality
    assert f"{alarm['segment']} (word {alarm['word']:,})" in html


def test_what_to_correct_is_named_and_would_make_the_voice_steadier(found):
    voices = found["voices"]
    assert {one["action"] for one in voices["proposals"]} <= {"split", "drop"}
    assert all(one["sample"].startswith("file 2#") for one in voices["proposals"])
    assert voices["after"][0]["within"] > voices["consistency"][0]["within"]


def test_nothing_that_was_said_and_no_name_is_on_the_page(html):
    assert not re.search(r"\bw\d+ w\d+\b", html)
    assert "you you" not in html
    for name in ("anna", "Anna", "ben.mp3"):
        assert name not in html


def test_names_are_there_where_asked_and_escaped(folder, likeness, reference):
    shown = page(figures(read_folder(folder), vector, likeness, reference, shown=True))
    assert "Anna&#39;s talks" in shown and "bad/ben.mp3" in shown


def test_the_page_fetches_nothing_and_runs_nothing(html):
    seen = Tags(html).seen
    assert not {"script", "link", "iframe", "img", "object"} & {tag for tag, _ in seen}
    for _, given in seen:
        assert not {name for name in given if name.startswith("on") or name == "src"}
        assert given.get("href", "#").startswith("#")
    assert "url(" not in html and "@import" not in html and "prefers-color-scheme: dark" in html


def test_tables_and_pictures_can_be_read_aloud(html):
    parser = Tags(html)
    assert parser.open == []
    tags = [tag for tag, _ in parser.seen]
    assert tags.count("table") == tags.count("caption") > 8
    assert all(given.get("scope") in {"col", "row"} for tag, given in parser.seen if tag == "th")
    assert all(given["role"] == "img" and given["aria-label"] for tag, given in parser.seen if tag == "svg")
    anchors = {given["href"][1:] for tag, given in parser.seen if tag == "a"}
    assert anchors <= {given.get("id") for _, given in parser.seen}
    assert ("html", {"lang": "en"}) in parser.seen


def test_claims_are_held_against_the_voice(found):
    own, nobody = found["claims"]
    assert own["probability"] > 0.5 and own["conversations"] == 1
    assert nobody["probability"] is None and nobody["words"] == 400


def test_a_models_folder_is_called_by_its_last_name(folder, likeness, reference):
    (folder / "summary.json").write_text('{"settings": {"model": "/mnt/ann/models/base", "beam_size": 5}}')
    html = page(figures(read_folder(folder), vector, likeness, reference))
    assert "model base, beam_size 5" in html and "/mnt" not in html


def test_an_empty_transcription_has_a_page(tmp_path, likeness, reference):
    for name in ("files", "segments"):
        (tmp_path / f"{name}.jsonl").write_text("")
    html = page(figures(read_folder(tmp_path), vector, likeness, reference))
    assert "All 0 files were read" in html and "No voice has 600 words" in html


def test_the_page_is_written_whole(tmp_path, found):
    file = write_page(tmp_path / "deep" / "report.html", found)
    assert file.read_text(encoding="utf-8") == page(found)
    assert [one.name for one in file.parent.iterdir()] == ["report.html"]


def test_bars_are_as_tall_as_their_counts():
    row = {"title": "A", "unit": "", "n": 6, "median": 1.0, "low": 0.0, "high": 2.0,
           "edges": [0.0, 1.0, 2.0], "counts": [2, 4]}  # fmt: skip
    tall = [float(one) for one in re.findall(r'class="bar".*?height="([\d.]+)"', histogram(row))]
    assert tall[1] == pytest.approx(2 * tall[0])


def test_a_curve_shows_its_limit_and_its_mark():
    drawn = line([0, 50, 100], [0.0, 1.0, 4.0], "a < b", 2.0, at=50)
    assert 'class="limit"' in drawn and 'class="mark" x1="160.0"' in drawn and "a &lt; b" in drawn
    assert 'class="mark"' not in line([0, 1], [0.0, 1.0], "", 2.0)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "–"), (1234, "1,234"), (0.12345, "0.123"), (1234.5, "1,234"), (0.0, "0"), (0.0004, "0.0004")],
)
def test_numbers_are_written_short(value, shown):
    assert number(value) == shown
