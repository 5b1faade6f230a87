"""The question sets end to end on a tiny random model: our task, lm-eval's command line, a killed run, an endpoint."""

import json
import sys
from types import SimpleNamespace

import pytest
import torch

from pixel.evaluation.context import Context
from pixel.evaluation.lm_eval import FOLDER, GENERATED, TASKS
from pixel.evaluation.lm_eval.documents import documents
from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.language import Language
from tests.training.parts import tiny_network

pytest.importorskip("lm_eval")
EMOTIONS = ["Relieved", "Proud", "Anxious", "Angry"]
ANSWER = (
    "First pass scores:\nRelieved: 1\nProud: 6\nAnxious: 7\nAngry: 1\n\nCritique: fine.\n\nRevised scores:\nno change"
)
SHORT = {"pixel_emobench_ea", "pixel_emobench_eu", "pixel_pdm"}


@pytest.fixture(scope="module")
def data_root(tmp_path_factory):
    """Two questions of each benchmark, of our own making."""
    root = tmp_path_factory.mktemp("data")
    (root / "emobench").mkdir()
    ea, eu = [], []
    for number, name in enumerate(("Ada", "Bo")):
        row = {"qid": str(number), "language": "en", "scenario": f"{name} lost the keys.", "subject": name}
        best, felt, why = f"{name} looks for them", ("Annoyance", "Alarm")[number], f"{name}'s keys are gone"
        ea.append(row | {"choices": ["Shout", best, "Cry", "Wait"], "label": best})
        parts = {"emotion_choices": ["Joy", felt, "Pride"], "emotion_label": felt}
        eu.append(row | parts | {"cause_choices": [why, "It rains"], "cause_label": why})
    for name, rows in (("EA", ea), ("EU", eu)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (root / "emobench" / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    reference = {f"emotion{n + 1}": emotion for n, emotion in enumerate(EMOTIONS)}
    reference |= {f"emotion{n + 1}_score": score for n, score in enumerate((0, "6", 3, "7"))}
    question = {"prompt": "How would Ada feel?", "reference_answer_fullscale": reference}
    (root / "eqbench_v2").mkdir()
    (root / "eqbench_v2" / "questions.json").write_text(json.dumps({"1": question, "2": question}), encoding="utf-8")
    item = {"id": "1", "story": "Ada won.", "options": EMOTIONS, "standard": [2, 6, 1, 1], "human_distance": 2.0}
    (root / "seceu").mkdir()
    (root / "seceu" / "items.jsonl").write_text(json.dumps(item) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def tiny():
    return tiny_network()


def subject(tiny, **changes):
    tokenizer, network = tiny
    given = {
        "kind": "causal_lm", "name": "tiny", "path": "tiny", "fingerprint": "f" * 64, "endpoint": None,
        "abilities": {"generation", "loglikelihood"}, "tokenizer": tokenizer, "network": network,
    }  # fmt: skip
    return SimpleNamespace(**(given | changes))


@pytest.mark.slow
def test_the_command_line_of_lm_eval_gives_the_same_figures(tiny, data_root, tmp_path, monkeypatch):
    from lm_eval.__main__ import cli_evaluate

    from pixel.models import export_backbone

    tokenizer, network = tiny_network()
    with torch.no_grad():  # likes and dislikes strong enough that letters depend on the question
        for name, weight in network.named_parameters():
            if weight.dim() > 1 and name.startswith("model."):
                weight.mul_(6)
    folder = export_backbone(network, tmp_path / "plain", tokenizer)
    context = Context(subject((tokenizer, network)), data_root=data_root, limit=4, resamples=20)
    result = Language(tuple(sorted(SHORT))).run(context)
    ours = {row.metric: row.value for row in result.rows}
    assert len({item.value for item in result.items}) > 3, "all alike: any two ways would agree"

    arguments = [
        "lm_eval", "run", "--model", "hf", "--model_args", f"pretrained={folder}", "--device", "cpu",
        "--batch_size", "8",
        "--include_path", str(FOLDER), "--tasks", ",".join(sorted(SHORT)), "--output_path", str(tmp_path / "out"),
        "--metadata", json.dumps({"data_root": str(data_root), "questions": 4}),
    ]  # fmt: skip
    monkeypatch.setattr(sys, "argv", arguments)
    cli_evaluate()
    results = json.loads(next((tmp_path / "out").rglob("results_*.json")).read_text(encoding="utf-8"))["results"]
    theirs = {
        f"{task.removeprefix('pixel_')}/{name.removesuffix(',none')}": value
        for task, figures in results.items()
        for name, value in figures.items()
        if name.endswith(",none") and "stderr" not in name
    }
    assert ours == theirs and len(ours) >= 8


def test_a_second_run_asks_nothing_again_and_a_killed_one_goes_on(tiny, data_root, tmp_path, monkeypatch):
    from lm_eval.models.huggingface import HFLM

    asked, forward = [], HFLM._model_call

    def counted(self, *given, **options):
        asked.append(1)
        if stop and len(asked) == stop:
            raise KeyboardInterrupt
        return forward(self, *given, **options)

    monkeypatch.setattr(HFLM, "_model_call", counted)
    monkeypatch.setattr("pixel.evaluation.tasks.language.BATCH", 1)

    def run(cache):
        context = Context(subject(tiny), cache=cache, data_root=data_root, resamples=20)
        return Language(("pixel_emobench_eu",)).run(context).rows

    stop = 0
    whole = run(tmp_path / "a")
    contexts = len(asked)
    assert run(tmp_path / "a") == whole and len(asked) == contexts == 10
    asked.clear()
    stop = 4
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "b")
    asked.clear()
    stop = 0
    assert run(tmp_path / "b") == whole and len(asked) == contexts - 3


def test_an_endpoint_answers_in_words_and_letters_are_left_out(data_root):
    heard = []

    def generate(conversations, **_):
        heard.extend(conversations)
        return [ANSWER + "\n[End of answer]\nAngry: 9"] * len(conversations)

    model = SimpleNamespace(
        kind="endpoint", name="far", path="http://far", fingerprint="e" * 64, abilities={"generation"},
        endpoint=object(), generate=generate,
    )  # fmt: skip
    result = Language(("pixel_eqbench_v2", "pixel_emobench_ea")).run(Context(model, data_root=data_root, resamples=20))
    rows = {row.metric: row for row in result.rows}
    assert heard[0][-1] == {"role": "user", "content": "How would Ada feel?"}
    assert rows["eqbench_v2/eq_bench"].value == pytest.approx(29.5451, abs=1e-3)  # worked out in eq_bench.json
    assert rows["eqbench_v2/percent_parseable"].value == 100.0
    assert any("an endpoint gives no log-likelihoods" in note for note in result.notes)
    assert {item.metric for item in result.items} == {"eqbench_v2/eq_bench", "eqbench_v2/percent_parseable"}


def test_seceu_is_scored_on_the_users_own_file(data_root):
    said = "Relieved: 2\nProud: 6\nAnxious: 1\nAngry: 1"
    model = SimpleNamespace(
        kind="endpoint", name="far", path="", fingerprint="e" * 64, abilities={"generation"}, endpoint=object(),
        generate=lambda conversations, **_: [said] * len(conversations),
    )  # fmt: skip
    rows = {row.metric: row for row in Language(("pixel_seceu",)).run(Context(model, data_root=data_root)).rows}
    assert rows["seceu/seceu_eq"].value == pytest.approx(100 + 15 * 2.79 / 0.822)
    assert rows["seceu/seceu_eq"].majority < rows["seceu/seceu_eq"].value
    assert rows["seceu/pattern_r"].value is None and rows["seceu/pattern_r"].reason


def test_rows_stand_beside_constants_and_items_pair_versions(tiny, data_root):
    result = Language(("pixel_emobench_ea", "pixel_emobench_eu", "pixel_persona")).run(
        Context(subject(tiny), data_root=data_root, limit=6, resamples=20)
    )
    rows = {row.metric: row for row in result.rows}
    assert rows["emobench_ea/acc"].majority == pytest.approx(0.25) and rows["emobench_ea/acc"].n == 2
    assert rows["emobench_eu/joint_acc"].majority == pytest.approx(1 / 6)
    assert rows["emobench_ea/acc"].length == 1.0  # looking for them is the longest
    assert rows["emobench_ea/acc"].published == 0.759 and "second-hand" in rows["emobench_ea/acc"].reference
    modes = {d["options"][d["gold"]] for d in documents("pixel_persona", questions=6)}
    assert 1 / 3 <= rows["persona/acc"].majority
    assert rows["persona/balanced_acc"].majority == pytest.approx(1 / len(modes))  # one of the modes is always found
    for row in rows.values():
        of_row = [item for item in result.items if item.metric == row.metric]
        assert of_row and len({item.id for item in of_row}) == len(of_row)
    shares = [item.value for item in result.items if item.metric == "emobench_ea/acc"]
    assert rows["emobench_ea/acc"].value == pytest.approx(sum(shares) / 2)


def test_without_data_the_benchmarks_are_named_as_left_out(tiny, monkeypatch):
    monkeypatch.delenv("PIXEL_DATA_ROOT", raising=False)
    with pytest.raises(TaskSkipped, match="pixel_eqbench_v2: left out, no data root"):
        Language(GENERATED).run(Context(subject(tiny)))
    assert set(GENERATED) < set(TASKS)
