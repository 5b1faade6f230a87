import json

import pytest
import torch

from pixel.data.rendering import render
from pixel.inference import ConversationReader, shown_fields
from pixel.models.labels import FIELDS


def approx(nested):
    """Every number within what a padded batch may differ in rounding."""
    if isinstance(nested, dict):
        return {key: approx(value) for key, value in nested.items()}
    if isinstance(nested, list):
        return [approx(value) for value in nested]
    return pytest.approx(nested, abs=2e-5) if isinstance(nested, float) else nested


def test_read_outs_are_those_of_the_whole_forward_pass(network, tokenizer, talk):
    network.config.offsets = {"emotion": [0.5] * 28}
    (turns,) = ConversationReader(network, tokenizer, fields=list(FIELDS)).read([talk])
    ids, blocks = render(tokenizer, talk)
    spans = torch.tensor([[[block.content, block.content_end - 1] for block in blocks]])
    with torch.no_grad():
        logits = network(torch.tensor([ids]), turn_spans=spans).readouts
    assert [(turn["index"], turn["role"]) for turn in turns] == [(0, "user"), (1, "assistant"), (2, "user")]
    for index, turn in enumerate(turns):
        emotion = (logits["emotion"][0, index] + 0.5).sigmoid().tolist()
        assert list(turn["emotion"]["labels"].values()) == approx(emotion)
        assert list(turn["persona"]["mode"].values()) == approx(logits["persona_mode"][0, index].softmax(-1).tolist())
        at_least = logits["risk"][0, index].sigmoid().cummin(-1).values
        assert sum(turn["risk"]["severity"][4:]) == pytest.approx(at_least[3].item(), abs=1e-5)


def test_a_record_has_every_part_in_its_place(network, tokenizer, talk):
    turn = ConversationReader(network, tokenizer, fields=list(FIELDS)).read([talk])[0][0]
    assert list(turn) == ["index", "role", "emotion", "eq", "persona", "clinical", "risk", "empathy"]
    assert set(turn["emotion"]) == {"labels", "vad", "distress"} and len(turn["emotion"]["labels"]) == 28
    assert set(turn["emotion"]["vad"]) == {"valence", "arousal", "dominance"}
    assert len(turn["eq"]) == 6 and isinstance(turn["eq"]["total"], float)
    assert set(turn["persona"]) == {"mode", "context", "trigger", "switch"}
    assert set(turn["clinical"]) == {"dsm", "pdm", "appropriateness", "intervention", "safety"}
    assert len(turn["risk"]["severity"]) == 7
    assert len(turn["empathy"]["explorations"]) == 3 and set(turn["empathy"]) >= {"dimensions", "genuine", "stage"}
    assert json.loads(json.dumps(turn)) == turn


def test_what_a_conversation_reads_does_not_depend_on_its_batch(network, tokenizer, talk):
    many = [talk, talk[:1] * 5, talk[:2], [{"role": "user", "content": "w" * 300}], talk]
    fields = ["emotion", "risk", "persona_switch"]
    together = ConversationReader(network, tokenizer, fields=fields, batch_tokens=10**6).read(many)
    alone = ConversationReader(network, tokenizer, fields=fields, batch_tokens=1).read(many)
    assert together == approx(alone)
    assert together[0] == approx(together[4])
    assert [len(turns) for turns in together] == [3, 5, 2, 1, 3]


def test_a_batch_holds_no_more_padded_tokens_than_it_may(network, tokenizer, talk, monkeypatch):
    sizes = []
    read = network.read
    monkeypatch.setattr(network, "read", lambda ids, *rest: sizes.append(ids.numel()) or read(ids, *rest))
    ConversationReader(network, tokenizer, fields=["vad"], batch_tokens=400).read([talk[:1]] * 20)
    assert len(sizes) > 1 and max(sizes) <= 400


def test_only_the_layers_up_to_the_readout_layer_run(network, tokenizer, talk):
    ran = []
    for number, layer in enumerate(network.model.layers, start=1):
        layer.register_forward_pre_hook(lambda *_, number=number: ran.append(number))
    ConversationReader(network, tokenizer, fields=["vad"]).read([talk])
    assert ran == list(range(1, network.config.readout_layer + 1)) and len(ran) < len(network.model.layers)


def test_a_conversation_longer_than_the_context_has_every_turn_once(network, tokenizer):
    system = {"role": "system", "content": "Be kind."}
    long = [
        {"role": ("user", "assistant")[i % 2], "content": f"words of number {i} " * (1 + i % 3)} for i in range(41)
    ]
    long[7]["content"] = "very long " * 80  # more than a window by itself
    reader = ConversationReader(network, tokenizer, fields=["vad"], max_length=256)
    (turns,) = reader.read([[system, *long]])
    assert [turn["index"] for turn in turns] == list(range(42))
    assert all("emotion" in turn for turn in turns)
    (whole,) = ConversationReader(network, tokenizer, fields=["vad"], max_length=10**5).read([[system, *long]])
    assert turns[:2] == approx(whole[:2])  # the first window sees all there was before


def test_what_the_template_cannot_render_is_an_error_that_names_the_row_and_stays_silent_about_the_rest(
    network, tokenizer, talk
):
    def refuse(*_, **__):
        raise RuntimeError("roles must alternate, got: my secret")

    tokenizer.apply_chat_template = refuse
    try:
        (result,) = ConversationReader(network, tokenizer, fields=["vad"]).read([talk], ["row-9"])
    finally:
        del tokenizer.apply_chat_template
    assert "row row-9" in str(result) and "Mend:" in str(result) and "secret" not in str(result)


def test_fields_that_were_not_trained_are_not_shown(make_network):
    config = make_network(trained_fields=["risk", "vad"]).config
    assert shown_fields(config) == ["vad", "risk"]
    assert shown_fields(config, ["risk"]) == ["risk"]
    assert shown_fields(config, untrained=True) == list(FIELDS)
    with pytest.raises(ValueError, match="'emotion' was not trained"):
        shown_fields(config, ["emotion"])
    with pytest.raises(ValueError, match="'emotions' is not a field"):
        shown_fields(config, ["emotions"])
    with pytest.raises(ValueError, match="not trained to read"):
        shown_fields(make_network(trained_fields=[]).config)
