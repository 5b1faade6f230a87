"""What may stand under `tracking`."""

import pytest

from pixel.tracking.settings import TrackingError, TrackingSettings, installed, take_over


def test_what_is_not_said_has_a_default():
    settings = TrackingSettings.of({})
    assert (settings.trackers, settings.project, settings.artifacts) == ([], "pixel", "small")
    assert TrackingSettings.of({"artifacts": True}).artifacts == "small"
    assert TrackingSettings.of({"artifacts": False, "tags": "one"}).artifacts == "none"
    assert TrackingSettings.of({"tags": "one"}).tags == ["one"]


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"projekt": "x"}, "projekt"),
        ({"project": "a/b"}, "a/b"),
        ({"artifacts": "all"}, "artifacts"),
        ({"queue": 0}, "queue"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_with_the_mend(options, word):
    with pytest.raises(TrackingError, match=word) as refused:
        TrackingSettings.of(options)
    assert "Mend:" in str(refused.value) and "\n" not in str(refused.value)


def test_report_to_names_trackers_too_and_none_twice():
    assert take_over(["wandb", "trackio"], {"trackers": ["trackio"]})["trackers"] == ["trackio", "wandb"]
    assert take_over([], {"trackers": ["trackio"]}) == {"trackers": ["trackio"]}
    assert take_over("none", {}) == take_over(None, {}) == {}
    assert set(take_over("all", {}).get("trackers", [])) <= {"trackio", "wandb", "tensorboard"}


def test_a_package_that_is_not_there_is_not_installed():
    assert not installed("no_such_tracker") and installed("json")
