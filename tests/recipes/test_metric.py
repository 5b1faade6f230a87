"""The metrics from the command line."""

import json

import pytest

from recipes import metric

ROWS = [{"reference": r, "prediction": p} for r, p in zip([0, 1, 2, 2], [0, 1, 2, 0], strict=True)]


@pytest.fixture
def rows(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return str(file)


def run(capsys, *arguments):
    metric.main(metric.options(list(arguments)))
    return capsys.readouterr().out


def test_a_metric_is_worked_out_from_json_lines(rows, capsys):
    answer = json.loads(
        run(capsys, "compute", "--name", "quadratic_kappa", "--input", rows, "--options", '{"levels": 3}')
    )
    assert answer["quadratic_kappa"] == pytest.approx(1 - 4 / 6.5) and answer["n"] == 4


def test_an_interval_can_be_asked_for(rows, capsys):
    answer = json.loads(run(capsys, "compute", "--name", "accuracy", "--input", rows, "--interval"))
    low, high = answer["interval"]
    assert low <= answer["accuracy"] == 0.75 <= high


def test_ratings_need_no_reference(tmp_path, capsys):
    pytest.importorskip("krippendorff")
    file = tmp_path / "ratings.jsonl"
    file.write_text(
        "".join(json.dumps({"prediction": r}) + "\n" for r in ([0, 0], [1, 1], [2, None])), encoding="utf-8"
    )
    answer = json.loads(run(capsys, "compute", "--name", "krippendorff_alpha", "--input", str(file)))
    assert answer["krippendorff_alpha"] == 1.0


def test_list_and_show_say_what_a_metric_means(capsys):
    assert "quadratic_kappa" in run(capsys, "list")
    assert "One of four is two levels too low" in run(capsys, "show", "--name", "quadratic_kappa")


def test_saving_prints_the_folder(tmp_path, capsys):
    folder = run(capsys, "save", "--name", "accuracy", "--output", str(tmp_path)).strip()
    assert folder == str(tmp_path / "accuracy")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "--name", "kappa"], "no metric is called 'kappa'"),
        (["compute", "--name", "accuracy", "--input", "nowhere.jsonl"], "Mend: name a file"),
        (["push", "--name", "accuracy", "--repo_id", "accuracy"], "give owner/name"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, words):
    with pytest.raises(SystemExit, match=words):
        metric.main(metric.options(arguments))


def test_a_bad_line_is_named(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text('{"reference": 1, "prediction": 1}\nno json\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="line 2"):
        metric.main(metric.options(["compute", "--name", "accuracy", "--input", str(file)]))
