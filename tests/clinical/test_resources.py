"""Every country finds a way to a person, the fitting line comes first, and nothing claims to be verified."""

import pytest

from pixel.clinical.resources import FITS, country_code, crisis_lines, load_resources, resources_for
from pixel.knowledge.errors import KnowledgeError
from pixel.knowledge.loading import DATA


@pytest.mark.parametrize(
    ("region", "number"),
    [("US", "988"), ("GB", "116 123"), ("UK", "116 123"), ("IE", "116 123"), ("CA", "988"), ("AU", "13 11 14"),
     ("NZ", "1737"), ("IN", "14416"), ("DE", "1110111"), ("FR", "3114"), ("ES", "024"), ("NL", "0800-0113"),
     ("BE", "1813")],
)  # fmt: skip
def test_known_countries_have_their_line_first(region, number):
    found = resources_for(region)
    assert number in (found.lines[0].call or "") and found.lines[-1].id == "find_a_helpline"


@pytest.mark.parametrize("region", [None, "", "ZZ", "Atlantis", "C.UTF-8", "\x00"])
def test_elsewhere_there_is_still_a_way(region):
    found = resources_for(region)
    assert found.region is None and "findahelpline.com" in found.words() and "112" in found.words()


def test_the_line_for_a_kind_comes_first_and_the_general_one_stays():
    assert [line.id for line in resources_for("US", "overdose").lines][:2] == ["us_poison", "us_988"]
    assert resources_for("GB", "elder_abuse").lines[0].id == "gb_hourglass"
    assert resources_for("GB", "child_abuse", groups=("young",)).lines[0].id in ("gb_childline", "gb_papyrus")
    assert "us_trevor" not in [line.id for line in resources_for("US", most=9).lines]
    assert "eu_child_helpline" in [line.id for line in resources_for("FI", "child_abuse").lines]


@pytest.mark.parametrize(
    ("text", "code"),
    [("de_AT.UTF-8", "AT"), ("en-GB", "GB"), ("zh_Hant_TW", "TW"), ("uk", "GB"), ("POSIX", None), ("no_NO@x", "NO")],
)
def test_a_country_is_read_from_a_locale(text, code):
    assert country_code(text) == code


def test_every_line_is_marked_and_every_country_has_one_for_any_crisis():
    known = crisis_lines()
    for code, region in known.regions.items():
        assert len(code) == 2 and code.isupper()
        assert any("any" in line.fits for line in region.lines), code
    lines = [line for region in known.regions.values() for line in region.lines]
    assert len({line.id for line in lines}) == len(lines)
    assert all(line.checked is False for line in lines) and "verify" in known.note.lower()
    assert resources_for("US").note == known.note


def test_every_kind_and_country_gives_something(tmp_path):
    for region in [*crisis_lines().regions, None]:
        for kind in FITS:
            found = resources_for(region, kind)
            assert found.lines and found.emergency and len(found.lines) <= 4


def test_a_line_without_a_way_to_reach_it_is_an_error(tmp_path):
    file = tmp_path / "resources.yaml"
    text = (DATA / "resources.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace('call: "1813", ', ""), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="call, text or web"):
        load_resources(file)
