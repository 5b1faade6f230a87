"""Short trainings on one frozen trunk: repeatable, apart from one another, measured on halves without overlap."""

import numpy as np
import pytest
import torch
import yaml

from datasets_scripts.mixture import load_mixture
from pixel.benchmarks.frozen_study import halves, mean_score
from pixel.benchmarks.ranking import ranking
from pixel.benchmarks.study_config import load_study
from pixel.benchmarks.table_files import load_table, save_table
from pixel.training.arguments import SettingError
from pixel.training.read_dataset import FieldReadings

CONFIG = {
    "model_name_or_path": "tiny:llama", "model_dtype": "float32", "readout_pooling": "mean", "head_hidden_size": 0,
    "shared_size": 4, "frozen_trunk": True, "corpora": ["seed"], "validation": 0.3, "limit": {"seed": 40},
    "max_length": 256, "max_steps": 4, "per_device_train_batch_size": 8, "learning_rate": 0.01, "logging_steps": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXEL_CACHE", str(folder / "cache"))
        made = load_study(folder / "config.yaml", load_mixture)
        again = load_study(folder / "config.yaml", None)  # the tables are kept: nothing is loaded or mixed
    assert torch.equal(made.train.states, again.train.states) and made.order == again.order
    return made


def test_a_run_can_be_repeated_and_depends_on_settings_and_seed(study):
    first, second = study.run({}, 0), study.run({}, 0)
    assert first["test"] == second["test"] and first["tune"] == second["tune"]
    assert study.run({"objective_weights": {"eq": 5.0}}, 0)["test"] != first["test"]
    assert study.run({}, 1)["test"] != first["test"]
    assert set(first["test"]) == {"eq", "persona", "clinical", "empathy"}
    assert -1 <= mean_score(first["test"]) <= 1


def test_no_group_is_in_both_halves(study):
    for corpus, table in study.held_out["tune"].items():
        other = study.held_out["test"][corpus]
        assert not set(table.groups) & set(other.groups)
        assert len(table) > 0 and len(other) > 0


def test_halves_keep_every_conversation(study):
    table = study.held_out["test"]["seed"]
    parts = halves({"seed": table})
    assert sum(len(part["seed"]) for part in parts.values()) == len(table)


def test_a_single_objective_trains_on_the_rows_that_label_it(study, tmp_path):
    labelled = study.train.objectives()["empathy"]
    trainer = study.trainer({}, 0, str(tmp_path), only="empathy")
    assert trainer.train_dataset.rows and all(labelled[row] for row in trainer.train_dataset.rows)


def test_a_table_comes_back_from_disk_as_it_was(study, tmp_path):
    save_table(study.train, tmp_path / "table")
    back = load_table(tmp_path / "table")
    for name, value in study.train.batch([0, 3]).items():
        assert torch.equal(back.batch([0, 3])[name].nan_to_num(-7), value.nan_to_num(-7)), name
    assert back.groups.tolist() == study.train.groups.tolist()


def test_a_config_that_trains_the_trunk_or_does_not_exist_is_named(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump(CONFIG | {"shared_size": 0}))
    with pytest.raises(SettingError, match="set both"):
        load_study(file, load_mixture)
    file.write_text(yaml.safe_dump(CONFIG | {"lerning_rate": 1}))
    with pytest.raises(SettingError, match="lerning_rate"):
        load_study(file, load_mixture)
    with pytest.raises(SettingError, match="no such file"):
        load_study(tmp_path / "none.yaml", load_mixture)


def test_ranking_is_zero_by_chance_and_one_at_best():
    targets = np.array([[0.0], [1.0]] * 10)
    perfect = FieldReadings([targets * 4 - 2], [targets], ["g"] * 20)
    assert ranking({"persona_switch": perfect}) == {"persona_switch": pytest.approx(1.0)}
    levels = np.array([0, 1, 2] * 10)
    steps = np.stack([levels >= 1, levels >= 2], -1) * 2.0 - 1
    assert ranking({"explorations": FieldReadings([steps], [levels], ["g"] * 30)}) == {"explorations": 1.0}
    flat = FieldReadings([np.zeros((30, 2))], [levels], ["g"] * 30)
    assert ranking({"explorations": flat}) == {"explorations": 0.0}
    few = FieldReadings([np.zeros((4, 2))], [levels[:4]], ["g"] * 4)
    assert ranking({"explorations": few}) == {}
