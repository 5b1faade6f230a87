"""The empathy recipe: what it asks for, and the figure's data out of results."""

import json

import pytest

from recipes import empathy


def test_data_and_results_are_asked_for(capsys):
    for arguments in (["fit"], ["progression", "a.json"], ["progression", "--output", "x"], ["nonsense"]):
        with pytest.raises(SystemExit):
            empathy.options(arguments)
    assert "--data_root is needed" in capsys.readouterr().err


def test_results_of_versions_become_points_with_their_fall_told(tmp_path, capsys):
    files = []
    for number, value in enumerate((0.6, 0.62, 0.3)):
        row = {"task": "empathy_progression", "metric": "sees_warmth", "value": value}
        row |= {"low": value - 0.05, "high": value + 0.05}
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps({"results": [row]}), encoding="utf-8")
    output = tmp_path / "figure.json"
    empathy.progression(empathy.options(["progression", *map(str, files), "--output", str(output)]))
    points = json.loads(output.read_text(encoding="utf-8"))
    assert [(point["step"], point["anomaly"]) for point in points] == [(1, False), (2, False), (3, True)]
    assert "3 points, 1 anomalies" in capsys.readouterr().out
