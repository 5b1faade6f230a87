import json
import random

import pytest
import torch

from pixel.data.rendering import render
from pixel.training import ModelArguments, load_pixel


@pytest.fixture
def conversations(tmp_path):
    """Seven of mixed length in a file, as `(file, rows)`."""
    draw = random.Random(0)
    rows = [
        {
            "id": f"c{number}",
            "note": "an extra key",
            "messages": [
                {"role": ("user", "assistant")[turn % 2], "content": " ".join(["words"] * draw.randint(2, 20))}
                for turn in range(draw.randint(1, 5))
            ],
        }
        for number in range(7)
    ]
    file = tmp_path / "in.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file, rows


@pytest.fixture
def predict(recipe, model, tmp_path):
    """Runs the recipe; returns the rows it wrote."""
    module = recipe("predict")

    def run(file, *more, model=model):
        output = tmp_path / "out.jsonl"
        module.main(module.options(["--model", model, "--input", str(file), "--output", str(output), *more]))
        return [json.loads(line) for line in output.read_text().splitlines()]

    run.module, run.output = module, tmp_path / "out.jsonl"
    return run


def test_every_conversation_is_read_in_its_place_as_the_model_reads_it(predict, conversations, model):
    file, rows = conversations
    out = predict(file, "--device", "cpu", "--batch_tokens", "300")
    assert [row["id"] for row in out] == [row["id"] for row in rows]
    tokenizer, network = load_pixel(ModelArguments(model_name_or_path=model))
    network.eval()
    for row, read in zip(rows, out, strict=True):
        assert [(t["index"], t["role"]) for t in read["turns"]] == [
            (index, message["role"]) for index, message in enumerate(row["messages"])
        ]
        ids, blocks = render(tokenizer, row["messages"])
        spans = torch.tensor([[[block.content, block.content_end - 1] for block in blocks]])
        with torch.no_grad():
            vad = network(torch.tensor([ids]), turn_spans=spans).readouts["vad"][0].float().sigmoid()
        for turn, expected in zip(read["turns"], vad, strict=True):
            close = 1e-4 if network.dtype == torch.float32 else 5e-2
            assert list(turn["emotion"]["vad"].values()) == pytest.approx(expected.tolist(), abs=close)


def test_only_the_fields_asked_for_are_written(predict, conversations):
    out = predict(conversations[0], "--fields", "risk", "eq_total")
    assert set(out[0]["turns"][0]) == {"index", "role", "eq", "risk"}
    assert set(out[0]["turns"][0]["eq"]) == {"total"}


def test_a_killed_run_goes_on_where_it_stopped(predict, conversations, monkeypatch, capsys):
    from pixel.inference import ConversationReader

    file, _ = conversations
    monkeypatch.setattr(predict.module, "CHUNK", 2)
    expected = predict(file)
    predict.output.unlink()
    read, seen = ConversationReader.read, []

    def killed_in_the_third_chunk(self, chunk, names):
        seen.append(len(chunk))
        if len(seen) == 3:
            raise KeyboardInterrupt
        return read(self, chunk, names)

    monkeypatch.setattr(ConversationReader, "read", killed_in_the_third_chunk)
    with pytest.raises(KeyboardInterrupt):
        predict(file)
    assert not predict.output.exists()
    partial = predict.output.with_name("out.jsonl.partial")
    assert len(partial.read_text().splitlines()) == 4
    partial.write_text(partial.read_text() + '{"id": "c4"}\n{"id": "c5", "tur')  # cut while it wrote a chunk
    assert predict(file) == expected
    assert seen == [2, 2, 2, 2, 1]
    assert "Going on after 4 of 7" in capsys.readouterr().out


def test_another_input_starts_anew(predict, conversations, monkeypatch, capsys):
    from pixel.inference import ConversationReader

    file, rows = conversations
    with monkeypatch.context() as patch:
        patch.setattr(predict.module, "CHUNK", 2)
        read = ConversationReader.read
        patch.setattr(ConversationReader, "read", lambda s, c, n: read(s, c, n) if n[0] < 3 else 1 / 0)
        with pytest.raises(ZeroDivisionError):
            predict(file)
    file.write_text("".join(json.dumps(row) + "\n" for row in reversed(rows)))
    assert [row["id"] for row in predict(file)] == [row["id"] for row in reversed(rows)]
    assert "starting anew" in capsys.readouterr().out


def test_a_long_conversation_has_every_turn_once(predict, tmp_path):
    file = tmp_path / "long.jsonl"
    messages = [{"role": ("user", "assistant")[i % 2], "content": f"number {i} of many"} for i in range(60)]
    file.write_text(json.dumps({"id": 1, "messages": messages}))
    (row,) = predict(file, "--max_length", "128", "--fields", "vad")
    assert [turn["index"] for turn in row["turns"]] == list(range(60))
    assert all(set(turn) == {"index", "role", "emotion"} for turn in row["turns"])


def test_a_bad_row_stops_the_run_before_a_model_is_loaded(predict, conversations):
    file, rows = conversations
    file.write_text(json.dumps(rows[0]) + '\n{"id": "bad", "messages": []}\n')
    with pytest.raises(ValueError, match="row 2, field 'messages': the conversation is empty"):
        predict(file, model="no/such/model")


def test_bad_rows_can_be_skipped_and_are_counted(predict, conversations, capsys):
    file, rows = conversations
    good = [json.dumps(row) for row in rows[:2]]
    file.write_text("\n".join([good[0], '{"id": "bad", "messages": []}', "{", good[1]]))
    out = predict(file, "--skip_bad_rows")
    assert [row["id"] for row in out] == ["c0", "bad", None, "c1"]
    assert [sorted(row) for row in out] == [["id", "turns"], ["error", "id"], ["error", "id"], ["id", "turns"]]
    assert "row 3" in out[2]["error"] and "2 bad rows skipped" in capsys.readouterr().out


def test_nothing_that_was_said_is_printed(predict, conversations, capfd):
    predict(conversations[0])
    told = capfd.readouterr()
    assert "words" not in told.out + told.err


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--fields", "mood"], "'mood' is not a field"),
        (["--device", "abacus"], "--device abacus"),
        (["--model", "no_such_folder"], "no_such_folder"),
    ],
)
def test_a_wrong_choice_is_one_line(predict, conversations, more, says):
    with pytest.raises(SystemExit) as stop:
        predict(conversations[0], *more)
    assert says in stop.value.code and "Mend:" in stop.value.code and "\n" not in stop.value.code


def test_a_model_that_was_not_trained_reads_nothing_unless_told_to(predict, conversations, model_folder):
    plain = model_folder(())
    with pytest.raises(SystemExit, match="not trained to read turns"):
        predict(conversations[0], model=plain)
    assert "risk" in predict(conversations[0], "--all_fields", model=plain)[0]["turns"][0]
