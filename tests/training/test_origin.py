"""What a recipe tells of a run before and after it."""

import json

import pytest

from datasets_scripts.mixture import load_mixture
from pixel.data.content_hash import content_hash
from pixel.data.files import load_conversations
from pixel.tracking.lineage import read_lineage
from pixel.tracking.registry import read_run
from pixel.training import DataArguments, ModelArguments, PixelTrainer
from pixel.training.frozen import FrozenTrainer
from pixel.training.keeping import metrics, write_json
from pixel.training.origin import conclude_run, describe_run, final_figures
from pixel.training.probe_set import probe_examples
from tests.training.callbacks.test_run_tracking import Notebook
from tests.training.parts import FIELDS_READ, arguments, rows, tiny_network

MODEL = ModelArguments(model_name_or_path="tiny:llama", head_hidden_size=16, fields=FIELDS_READ)


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "talks.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows(16)))
    return DataArguments(corpora=[], dataset=[str(file)], validation=0.25)


def test_lineage_holds_data_model_arguments_and_what_came_of_it(tmp_path, data):
    tokenizer, network = tiny_network()
    mixture = load_mixture(data, tokenizer, 256)
    held_out = probe_examples(mixture.validation, 0)
    options = {"eval_strategy": "steps", "eval_steps": 2, "max_steps": 2, "validation_metrics": 4}
    args = arguments(tmp_path / "run", tracking={"trackers": ["tensorboard"]}, **options)
    trainer = PixelTrainer(network, args, mixture.train, held_out, processing_class=tokenizer)
    notebook = Notebook()
    trainer.tracking.make = lambda name, wrapped: notebook
    checked = describe_run(trainer, data, MODEL, mixture)
    trainer.train()
    said = read_lineage(tmp_path / "run")
    name = data.dataset[0]
    splits = load_conversations(name, 0.25, 0)
    about = said["data"][name]
    assert about["hash"] == content_hash(splits["train"]) and about["licences"] == ["CC0-1.0"]
    assert about["rows"] + about["held_out"] == 16 and about["held_out_hash"]
    assert about["check"] == checked[name] and checked[name]["shared_groups"] == 0
    assert said["config"]["data"]["validation"] == 0.25 and said["config"]["model"]["head_hidden_size"] == 16
    assert said["parent"]["name"] == "tiny:llama"
    assert any("eval_metric/" in key for entry in trainer.state.log_history for key in entry)

    write_json(tmp_path / "run" / "metrics.json", metrics(trainer, [], seconds=1.0))
    conclude_run(trainer, tmp_path / "run")
    kinds = {kind: (files, known) for kind, files, known in notebook.artifacts}
    assert notebook.finished == 1 and kinds["dataset"][1]["hash"] == about["hash"]
    assert kinds["report"][0] == ["lineage.json", "metrics.json"]
    assert read_run(tmp_path / "run").figures()["held out/relative_loss"]["value"] == 1.0


def test_heads_fitted_at_once_have_a_lineage_too(tmp_path, data):
    tokenizer, network = tiny_network(head_hidden_size=0)
    mixture = load_mixture(data, tokenizer, 256)
    trainer = FrozenTrainer(network, arguments(tmp_path / "run"), mixture.unmixed, processing_class=tokenizer)
    describe_run(trainer, data, MODEL, mixture)
    conclude_run(trainer, tmp_path / "run")
    said = read_lineage(tmp_path / "run")
    assert said["data"][data.dataset[0]]["hash"] and said["config"]["training"]["seed"] == 0


def test_final_figures_are_named_by_corpus_field_and_metric(tmp_path):
    row = {"source": "seed", "field": "risk", "metric": "auc", "value": 0.75}
    rows = [row, {**row, "field": "vad", "value": None}, {"metric": "validation_loss", "value": 2.0}]
    write_json(tmp_path / "metrics.json", {"objectives": {"clinical": {"evaluation": rows}}})
    assert final_figures(tmp_path) == {"seed_risk_auc": 0.75}
    assert final_figures(tmp_path / "none") == {}
