import pytest
import yaml

from pixel.hub import render_model_card, write_model_card

INFO = {
    "name": "Tiny Pixel",
    "repo_id": "tester/tiny",
    "base_model": "HuggingFaceTB/SmolLM2-135M-Instruct",
    "readout_layer": 20,
    "layers": 30,
    "heads": [
        {"name": "emotion", "labels": "28 GoEmotions labels", "trained": True},
        {"name": "clinical", "labels": "100 DSM-5-TR categories", "trained": False, "note": "no labelled data"},
    ],
    "objectives": [{"name": "language", "weight": 1.0}, {"name": "emotion", "weight": 0.3, "note": "asymmetric"}],
    "balancing": "UPGrad over LoRA gradients",
    "data": [
        {"name": "GoEmotions", "rows": 54263, "licence": "Apache-2.0", "labels": "emotion", "hub_id": "google/go"},
        {"name": "own", "rows": 3, "labels": "a|b"},
    ],
    "results": [
        {"task": "GoEmotions", "metric": "macro-F1", "value": 0.4271, "interval": [0.41, 0.44], "majority": 0.018,
         "published": 0.46, "source": "Demszky et al. 2020", "n": 5427},
        {"task": "EPITOME", "metric": "macro-F1", "value": 0.6},
    ],
    "limits": ["Knows no irony."],
    "command": "make demo",
}  # fmt: skip


@pytest.fixture
def card():
    return render_model_card(INFO)


def row(card: str, start: str) -> list[str]:
    line = next(line for line in card.splitlines() if line.startswith(f"| {start}"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_the_front_matter_is_yaml_that_names_licence_base_and_datasets(card):
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["license"] == "apache-2.0" and front["base_model"] == INFO["base_model"]
    assert front["datasets"] == ["google/go"]


def test_untrained_heads_are_called_noise_and_trained_ones_are_not(card):
    assert row(card, "emotion | 28")[2] == "yes"
    assert "**no: its output is noise** (no labelled data)" in row(card, "clinical")[2]


def test_results_stand_beside_majority_and_published(card):
    published = "0.460 (Demszky et al. 2020)"
    assert row(card, "GoEmotions | macro-F1")[2:] == ["0.427 (0.410 to 0.440)", "0.018", published, "5427"]


def test_what_was_not_measured_is_a_dash_and_never_a_zero(card):
    assert row(card, "EPITOME")[2:] == ["0.600", "–", "–", "–"]
    assert "Nothing has been measured." in render_model_card({})


def test_every_table_has_as_many_cells_in_each_row_as_in_its_head(card):
    tables = [block for block in card.split("\n\n") if block.startswith("| ")]
    assert len(tables) == 4
    for table in tables:
        counts = {line.replace("\\|", "").count("|") for line in table.strip().splitlines() if line.startswith("|")}
        assert len(counts) == 1, table


def test_data_without_a_licence_says_so(card):
    assert row(card, "own")[2:] == ["not stated", "a\\|b"]


@pytest.mark.parametrize("info", [{}, INFO])
def test_safety_stands_in_every_card(info):
    card = render_model_card(info)
    for words in ("Not a medical device", "not been validated by clinicians", "988", "116 123", "findahelpline.com"):
        assert words in card


def test_own_limits_are_added_to_those_of_every_model(card):
    assert "- Knows no irony.\n" in card and "no measurement of the person" in card


def test_an_unknown_fact_and_a_head_of_unknown_state_are_refused():
    with pytest.raises(ValueError, match="result_table"):
        render_model_card({"result_table": []})
    with pytest.raises(ValueError, match="'eq' does not say"):
        render_model_card({"heads": [{"name": "eq", "labels": "5 domains"}]})


def test_the_card_is_written_as_the_readme_of_an_existing_folder(tmp_path):
    assert write_model_card(tmp_path, INFO).read_text(encoding="utf-8") == render_model_card(INFO)
    with pytest.raises(FileNotFoundError):
        write_model_card(tmp_path / "missing", INFO)
