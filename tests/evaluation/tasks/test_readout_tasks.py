import pytest

from pixel.evaluation.task import TaskSkipped
from pixel.evaluation.tasks.eq import EQ
from pixel.evaluation.tasks.eq_progression import EQProgression, step_name
from pixel.evaluation.tasks.readouts import Readouts
from tests.evaluation.parts import MadeModel, context, talk


@pytest.fixture
def posts():
    """Forty posts that `MadeModel` reads rightly but for one, of all lengths."""
    rows = []
    for number in range(40):
        level = number % 7
        said = 6 if number == 0 else level
        words = " ".join(["word"] * (number * 7 % 11))
        rows.append(talk(f"p{number}", f"{words} risk {said}", source="cssrs", risk=[level]))
    return {"cssrs": {"validation": rows}}


def by_metric(result):
    return {row.metric: row for row in result.rows}


def test_a_head_is_measured_beside_majority_length_and_published(posts):
    result = Readouts().run(context(corpora=posts))
    rows = by_metric(result)
    auc = rows["risk/cssrs/auc_at_least_4"]
    positives = sum(number % 7 >= 4 for number in range(40))
    lost = positives * 0.5  # the misread post is as sure of severity 4 as every true one: half of its pairs
    assert auc.value == pytest.approx(1 - lost / (positives * (40 - positives)))
    assert auc.n == 40 and auc.majority == 0.5 and auc.baseline == 0.935 and auc.low <= auc.value <= auc.high
    assert 0.5 <= auc.length < 0.8 and auc.validated is None
    assert rows["risk/cssrs/quadratic_kappa"].published == 0.878
    assert rows["risk/cssrs/ece_at_least_1"].higher_is_better is False


def test_each_turn_is_an_item_by_its_place(posts):
    items = [item for item in Readouts().run(context(corpora=posts)).items if item.id.startswith("cssrs")]
    assert len({item.id for item in items}) == 40 and items[1].id == "cssrs:p1#0"
    assert items[1].value == 1.0 and items[0].value == pytest.approx(0.0)  # read as 6 where it is 0: every step wrong


def test_corpora_that_are_not_there_are_named(posts):
    result = Readouts().run(context(corpora=posts))
    assert any(note.startswith("meld left out") for note in result.notes)


def test_the_limit_bounds_the_conversations_of_a_corpus(posts):
    rows = by_metric(Readouts().run(context(corpora=posts, limit=12)))
    assert rows["risk/cssrs/quadratic_kappa"].n == 12


@pytest.fixture
def rated():
    """Thirty pairs whose `eq` follows the read-out, rated as EPITOME and as the seed would be."""
    rows = []
    for number in range(30):
        score, words = (number * 13 % 30) / 29, " ".join(["word"] * (number * 7 % 11))
        labels = {"eq": [None, {"empathy_recognition": score}]}
        rows.append(talk(f"e{number}", "hello", f"{words} eq {score:.4f}", source="epitome", **labels))
    return {"epitome": {"validation": rows}}


def test_a_total_that_follows_peoples_ratings_is_validated_and_what_nobody_rated_validates_nothing(rated):
    heard = [
        row | {"id": f"s{row['id']}", "eq": None, "eq_total": [None, [row["eq"][1][1]]], "group": f"s{row['id']}"}
        for row in rated["epitome"]["validation"]
    ]
    model = MadeModel(abilities=["readouts"])
    rows = by_metric(EQ().run(context(model, rated | {"esconv": {"validation": heard}})))
    total = rows["total/esconv"]
    assert total.value == pytest.approx(1.0, abs=1e-3) and total.validated is True and total.n == 30
    found = rows["empathy_recognition/epitome"]
    assert found.value == pytest.approx(1.0, abs=1e-3) and found.n == 30
    assert found.validated is False and "derived" in found.against and "not the domain" in found.reason
    seed = [row for metric, row in rows.items() if metric.endswith("/seed")]
    assert len(seed) >= 5 and all(row.validated is False for row in seed)


def test_the_level_of_own_replies_is_the_mean_of_what_is_read_and_never_validated(rated):
    rows = by_metric(EQ().run(context(MadeModel(reply="eq 0.25"), rated)))
    level = rows["level/social_cognition"]
    assert level.value == pytest.approx(0.25) and level.validated is False and level.n > 1


def test_eq_over_checkpoints_has_a_row_a_step_and_the_change(rated, tmp_path):
    """The first checkpoint reads everything as 0.5: no correlation; the second reads backwards; the last rightly."""

    class Early(MadeModel):
        fingerprint = "1" * 64

        def read(self, conversations):
            told = super().read(conversations)
            for turns in told:
                for turn in turns:
                    turn["eq"] = {name: 1 - value for name, value in turn["eq"].items()}
            return told

    folders = [tmp_path / "checkpoint-10", tmp_path / "broken"]

    def other(folder):
        if folder.name == "broken":
            raise ValueError("no config.json. Mend: name a folder")
        return Early(abilities=["readouts"])

    made = context(corpora=rated, checkpoints=folders, other_model=other)
    result = EQProgression().run(made)
    rows = by_metric(result)
    assert rows["empathy_recognition/epitome/step_10"].value == pytest.approx(-1.0, abs=1e-3)
    assert rows["empathy_recognition/epitome/final"].value == pytest.approx(1.0, abs=1e-3)
    assert rows["empathy_recognition/epitome/change"].value == pytest.approx(2.0, abs=2e-3)
    assert rows["empathy_recognition/epitome/change"].low > 1.9
    assert result.notes == ["broken left out: no config.json. Mend: name a folder"]
    assert step_name(folders[0]) == "step_10" and step_name(folders[1]) == "broken"


def test_the_change_is_on_the_turns_that_both_versions_read(rated, tmp_path):
    """The checkpoint cannot read two conversations; lined up by turn the rest agree and the change is none."""

    class Early(MadeModel):
        fingerprint = "2" * 64

        def read(self, conversations):
            told = super().read(conversations)
            for turns in told:
                if any(turn.get("eq", {}).get("empathy_recognition", 0) > 0.95 for turn in turns):
                    turns[:] = [{"index": turn["index"], "role": turn["role"]} for turn in turns]
            return told

    made = context(
        corpora=rated, checkpoints=[tmp_path / "checkpoint-1"], other_model=lambda _: Early(abilities=["readouts"])
    )
    rows = by_metric(EQProgression().run(made))
    assert rows["empathy_recognition/epitome/step_1"].n == 28 and rows["empathy_recognition/epitome/final"].n == 30
    change = rows["empathy_recognition/epitome/change"]
    assert change.n == 28 and change.value == pytest.approx(0.0, abs=1e-9)


def test_without_any_rated_turn_there_is_nothing_to_say():
    empty = {name: {"validation": []} for name in ("cssrs",)}
    made = context(MadeModel(abilities=["readouts"]), empty)
    made.corpus = lambda name, split=None: []
    with pytest.raises(TaskSkipped):
        Readouts().run(made)


def test_the_figures_are_those_of_the_training_report(tmp_path):
    """Two ways from the same network and turns: records of whole conversations here, collated batches there."""
    from pixel.data.examples import encode_dataset
    from pixel.evaluation.labelled import labelled_turns
    from pixel.evaluation.subjects import Subject
    from pixel.evaluation.tasks.readouts import measure
    from pixel.training.assessment import assess
    from tests.training.parts import rows, tiny_data, tiny_network

    tokenizer, network = tiny_network()
    network.config.trained_fields = fields = ["emotion", "vad", "persona_mode", "appropriateness"]
    network.config.offsets = {"emotion": [0.5 if index % 2 else -0.5 for index in range(28)]}
    for parameter in network.heads.parameters():
        parameter.data.mul_(20.0)  # fresh heads say nearly the same of every turn
    network.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    encoded = encode_dataset(tiny_data(), tokenizer, 256, name="tiny")
    subject = Subject(str(tmp_path), device="cpu")
    subject.network.float()  # in bfloat16 the two ways' batches round differently
    offsets = subject.network.config.offsets
    told, _ = assess(subject.network, {"tiny": encoded}, tokenizer.pad_token_id, offsets, resamples=0)
    expected = {(one.field, one.metric): (one.value, one.n) for one in told if one.field in fields}
    made = context(subject)
    records = made.readouts(rows())
    found = {}
    for field in fields:
        for one in measure(labelled_turns(field, "tiny", rows(), records), made):
            found[one.field, one.metric] = (one.value, one.n)
    assert found.keys() == expected.keys() and any(value is not None for value, _ in found.values())
    for key, (value, count) in found.items():
        assert count == expected[key][1] and value == pytest.approx(expected[key][0], abs=1e-3), key
