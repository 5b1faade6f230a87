import pytest

from pixel.data.seen import SeenRows
from pixel.evaluation.task import TaskSkipped
from tests.evaluation.parts import MadeModel, context, talk


@pytest.fixture
def corpora():
    rows = [talk(f"r{n}", f"This is message number {n}, long enough to be somebody's own.") for n in range(6)]
    return {"made": {"train": rows[:4], "validation": rows[4:]}}


def test_rows_of_all_splits_come_with_their_split(corpora):
    rows = context(MadeModel("causal_lm"), corpora).corpus("made")
    assert [(row["id"], row["split"]) for row in rows][3:5] == [("r3", "train"), ("r4", "validation")]


def test_what_the_model_was_trained_on_is_left_out_and_counted(corpora):
    made = context(corpora=corpora, seen=SeenRows.of(corpora["made"]["train"][:3]))
    assert [row["id"] for row in made.corpus("made")] == ["r3", "r4", "r5"]
    assert made.used == {"made": (3, 3)}
    made.used.clear()
    made.corpus("made")
    assert made.used == {"made": (3, 3)}


def test_a_pixel_model_that_does_not_say_is_taken_to_have_seen_the_training_split(corpora):
    assert [row["id"] for row in context(corpora=corpora).corpus("made")] == ["r4", "r5"]
    assert len(context(MadeModel("causal_lm"), corpora).corpus("made")) == 6
    assert [row["id"] for row in context(corpora=corpora).corpus("made", "validation")] == ["r4", "r5"]


def test_a_corpus_that_is_not_there_skips_the_task_with_the_reason(corpora):
    with pytest.raises(TaskSkipped, match="corpus esconv: .*file not found"):
        context(corpora=corpora).corpus("esconv")
    with pytest.raises(TaskSkipped, match="--data_root"):
        context().corpus("made")


def test_the_seed_needs_no_data_root():
    rows = context().corpus("seed")
    assert rows and {row["split"] for row in rows} == {"validation"}


def test_read_outs_come_in_order_and_a_conversation_is_read_once(tmp_path):
    model = MadeModel()
    rows = [talk("a", "risk 2"), talk("b", "risk 5", "hm"), talk("c", "risk 2")]
    records = context(model, cache=tmp_path).readouts(rows)
    assert [turns[0]["risk"]["severity"].index(1.0) for turns in records] == [2, 5, 2]
    assert [len(turns) for turns in records] == [1, 2, 1] and len(model.asked) == 2
    again = MadeModel()
    assert context(again, cache=tmp_path).readouts(rows) == records and again.asked == []


def test_another_model_or_another_role_is_read_anew(tmp_path):
    context(MadeModel(), cache=tmp_path).readouts([talk("a", "risk 2")])
    other = MadeModel()
    other.fingerprint = "0" * 64
    context(other, cache=tmp_path).readouts([talk("a", "risk 2")])
    assert len(other.asked) == 1
    same = MadeModel()
    context(same, cache=tmp_path).readouts([{"messages": [{"role": "assistant", "content": "risk 2"}]}])
    assert len(same.asked) == 1


def test_replies_are_kept_by_prompt_length_and_draw(tmp_path):
    model, prompt = MadeModel(), [{"role": "user", "content": "Hello"}]
    made = context(model, cache=tmp_path, seed=3)
    assert made.generate([prompt, prompt]) == ["reply to 1, draw 0"] * 2 and len(model.asked) == 1
    made.generate([prompt], max_new_tokens=5)
    assert made.generate([prompt], temperature=1.0) == ["reply to 1, draw 3"]
    assert made.generate([prompt], temperature=1.0, sample=2) == ["reply to 1, draw 2003"]
    assert len(model.asked) == 4
    assert context(model, cache=tmp_path).generate([prompt]) == ["reply to 1, draw 0"] and len(model.asked) == 4


def test_a_model_is_not_asked_for_what_it_cannot_do():
    with pytest.raises(TaskSkipped, match="not trained to read"):
        context(MadeModel(abilities=["generation"])).readouts([talk("a", "x")])
    with pytest.raises(TaskSkipped, match="does not generate"):
        context(MadeModel(abilities=["readouts"])).generate([[{"role": "user", "content": "x"}]])
    with pytest.raises(TaskSkipped, match="log-likelihoods"):
        context().network()


def test_a_sample_keeps_order_and_is_the_same_each_time():
    made = context(limit=5)
    assert made.sample(range(3)) == [0, 1, 2]
    drawn = made.sample(range(100))
    assert len(drawn) == 5 and drawn == sorted(drawn) == context(limit=5).sample(range(100))
    assert len(made.sample(range(100), most=2)) == 2 and len(context().sample(range(100), most=7)) == 7
    assert drawn != context(limit=5, seed=1).sample(range(100))


def test_what_other_code_read_is_read_anew(tmp_path, monkeypatch):
    from pixel.evaluation import context as module

    context(MadeModel(), cache=tmp_path).readouts([talk("a", "risk 2")])
    monkeypatch.setattr(module, "code_fingerprint", lambda name: "another")
    other = MadeModel()
    context(other, cache=tmp_path).readouts([talk("a", "risk 2")])
    assert len(other.asked) == 1 and len(list(tmp_path.iterdir())) == 2


def test_a_cache_that_is_taken_away_meanwhile_is_named_with_the_mend(tmp_path):
    class Takes(MadeModel):
        def read(self, conversations):
            for file in tmp_path.iterdir():
                file.unlink()
            return super().read(conversations)

    context(Takes(), cache=tmp_path).readouts([talk("a", "risk 2")])
    made = context(Takes(), cache=tmp_path)
    with pytest.raises(RuntimeError, match="readouts-.*cannot be read any more. Mend: .*start again"):
        made.readouts([talk("a", "risk 2"), talk("b", "risk 3")])
