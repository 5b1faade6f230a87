import datetime

import pytest
import yaml

from pixel.voice.sources.__main__ import main
from pixel.voice.sources.playlists import SLOTS, Playlist, PlaylistError, load_playlists, load_sources, table
from pixel.voice.sources.settings import DownloadSettings

CONSENT = {"given_by": "A", "date": "2026-01-31", "scope": ["transcription"], "evidence": "form 12"}
READY = {"id": "one", "url": "https://x.org/feed", "licence": "CC0-1.0", "consent": CONSENT}


def written(folder, *slots, **more):
    file = folder / "list.yaml"
    file.write_text(yaml.safe_dump({"playlists": list(slots)} | more))
    return file


def state(folder, **changes):
    return load_playlists(written(folder, READY | changes))[0].state


def test_the_list_that_ships_has_28_empty_slots_and_the_default_settings():
    sources = load_sources()
    assert len(sources.playlists) == len({slot.id for slot in sources.playlists}) == 28
    assert {slot.state for slot in sources.playlists} == {"empty"}
    assert sources.settings == DownloadSettings()


def test_every_field_of_a_slot_is_explained_at_the_top_of_the_list():
    head = SLOTS.read_text().split("\nplaylists:\n")[0]
    for field in load_playlists()[0].model_dump() | load_playlists()[0].consent.model_dump():
        assert f"#   {field} " in head or f"#     {field} " in head, field


def test_the_example_in_the_list_is_ready():
    lines = SLOTS.read_text().split("# A filled slot:\n")[1].split("\n# The state")[0].splitlines()
    (slot,) = yaml.safe_load("\n".join(line.removeprefix("# ") for line in lines if line.startswith("# ")))
    assert Playlist(**slot).state == "ready"


def test_a_slot_with_address_licence_and_consent_is_ready(tmp_path):
    assert state(tmp_path) == "ready"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"url": None}, "empty"),
        ({"url": ""}, "empty"),
        ({"enabled": False}, "disabled"),
        ({"licence": None}, "refused: no recorded licence"),
        ({"licence": "  "}, "refused: no recorded licence"),
        (
            {"consent": None},
            "refused: no recorded consent: consent.given_by, consent.date, consent.evidence is missing",
        ),
        ({"consent": CONSENT | {"evidence": None}}, "refused: no recorded consent: consent.evidence is missing"),
        ({"consent": CONSENT | {"scope": ["training"]}}, "refused: the consent's scope leaves out transcription"),
        ({"consent": CONSENT | {"date": "2999-01-01"}}, "refused: the consent begins on 2999-01-01"),
        (
            {"consent": CONSENT | {"withdrawn": "2026-02-01"}},
            "refused: the consent was withdrawn on 2026-02-01: delete what was fetched",
        ),
        (
            {"consent": CONSENT | {"withdrawn": "2026-02-01"}, "enabled": False},
            "refused: the consent was withdrawn on 2026-02-01: delete what was fetched",
        ),
        (
            {"consent": CONSENT | {"withdrawn": "2026-02-01"}, "url": None},
            "refused: the consent was withdrawn on 2026-02-01: delete what was fetched",
        ),
    ],
)
def test_the_state_says_what_is_missing(tmp_path, changes, expected):
    assert state(tmp_path, **changes) == expected


def test_consent_that_will_be_withdrawn_holds_until_then(tmp_path):
    tomorrow = datetime.date.today() + datetime.timedelta(days=1)
    assert state(tmp_path, consent=CONSENT | {"withdrawn": str(tomorrow)}) == "ready"


@pytest.mark.parametrize(
    ("slot", "said"),
    [
        (READY | {"url": "file:///etc/passwd"}, ["slot one", "'url'", "http"]),
        (READY | {"speakers": "choir"}, ["slot one", "'speakers'", "monologue"]),
        (READY | {"licens": "CC0"}, ["slot one", "'licens'"]),
        (READY | {"id": "../up"}, ["slot ../up", "'id'"]),
        (READY | {"consent": CONSENT | {"date": "soon"}}, ["slot one", "'consent.date'"]),
        (READY | {"consent": CONSENT | {"scope": ["all"]}}, ["slot one", "'consent.scope"]),
        ({"url": "https://x.org"}, ["slot number 1", "'id'"]),
        (5, ["slot number 1"]),
    ],
)
def test_a_wrong_field_is_named_with_its_file_and_slot_in_one_line(tmp_path, slot, said):
    with pytest.raises(PlaylistError) as caught:
        load_playlists(written(tmp_path, slot))
    message = str(caught.value)
    assert all(part in message for part in [*said, "list.yaml", "Mend: "]) and "\n" not in message, message


def test_the_same_id_or_address_twice_is_an_error(tmp_path):
    with pytest.raises(PlaylistError, match="slot one, field 'id': one stands in two slots"):
        load_playlists(written(tmp_path, READY, READY | {"url": "https://y.org"}))
    with pytest.raises(PlaylistError, match="slot two, field 'url'"):
        load_playlists(written(tmp_path, READY, READY | {"id": "two"}))


def test_settings_are_checked_with_the_list(tmp_path):
    assert load_sources(written(tmp_path, READY, settings={"most": 3})).settings.most == 3
    with pytest.raises(PlaylistError, match="'settings.retries'"):
        load_sources(written(tmp_path, READY, settings={"retries": -1}))
    with pytest.raises(PlaylistError, match="sleep_most .1. is less than sleep .5."):
        load_sources(written(tmp_path, READY, settings={"sleep": 5, "sleep_most": 1}))


@pytest.mark.parametrize("text", ["", "- a", "playlists: []", "a: [", "a: 1\na: 2"])
def test_a_file_that_is_no_list_of_playlists_is_said_in_one_line(tmp_path, text):
    (tmp_path / "list.yaml").write_text(text)
    with pytest.raises(PlaylistError, match="list.yaml.*Mend") as caught:
        load_playlists(tmp_path / "list.yaml")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(PlaylistError, match="nowhere.yaml: file not found"):
        load_playlists(tmp_path / "nowhere.yaml")


def test_facts_are_plain_and_leave_out_what_is_not_known(tmp_path):
    (slot,) = load_playlists(written(tmp_path, READY))
    consent = CONSENT | {"withdrawn": None}
    assert slot.facts() == {
        "licence": "CC0-1.0", "speakers": "monologue", "playlist": "one", "consent": consent,
    }  # fmt: skip


def test_the_table_has_a_line_for_every_slot_and_the_command_prints_it(tmp_path, capsys):
    file = written(tmp_path, READY, {"id": "two"}, READY | {"id": "three", "url": "http://z.org", "licence": None})
    lines = table(load_playlists(file)).splitlines()[2:]
    states = [[cell.strip() for cell in line.split("|")][1:3] for line in lines]
    assert states == [["one", "ready"], ["two", "empty"], ["three", "refused: no recorded licence"]]
    main([str(file)])
    assert "1 of 3 slots are ready" in capsys.readouterr().out


def test_the_command_ends_with_one_line_on_a_bad_file(tmp_path):
    with pytest.raises(SystemExit, match="^error: .*file not found"):
        main([str(tmp_path / "nowhere.yaml")])
