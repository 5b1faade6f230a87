import pytest
import torch

from pixel.evaluation.generating import generate
from pixel.evaluation.subjects import Subject, folder_fingerprint
from tests.training.parts import tiny_network

OPTIONS = {"max_new_tokens": 6, "temperature": 0.0, "seed": 0}


@pytest.fixture(scope="module")
def model():
    tokenizer, network = tiny_network()
    return tokenizer, network.eval()


def talks(*sizes):
    return [[{"role": "user", "content": "x" * size}] for size in sizes]


def greedy(model, messages):
    """Token by token, without batch, mask or cache."""
    tokenizer, network = model
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    said = []
    with torch.no_grad():
        for _ in range(6):
            token = int(network(torch.tensor([ids + said])).logits[0, -1].argmax())
            said.append(token)
            if token == tokenizer.eos_token_id:
                break
    return tokenizer.decode(said, skip_special_tokens=True).strip()


def test_a_batch_says_what_each_conversation_alone_would_get(model):
    given = talks(3, 40, 17, 3)
    replies = generate(model[1], model[0], given, batch_tokens=150, **OPTIONS)
    assert replies == [greedy(model, messages) for messages in given]


def test_a_conversation_that_does_not_fit_loses_its_oldest_messages_and_keeps_its_system_prompt(model):
    from pixel.evaluation.generating import _prompt

    tokenizer, network = model
    limit = network.config.text_config.max_position_embeddings
    system = {"role": "system", "content": "Be kind."}
    rest = [{"role": ("user", "assistant")[n % 2], "content": f"{n} " * 300} for n in range(9)]
    ids = _prompt(network, tokenizer, [system, *rest], 6)
    text = tokenizer.decode(ids)
    assert len(ids) <= limit - 6 and "Be kind." in text and "8 8 8" in text and "0 0 0" not in text
    assert len(_prompt(network, tokenizer, [{"role": "user", "content": "x" * 3 * limit}], 6)) <= limit - 6


def test_draws_are_the_same_for_the_same_seed(model):
    draw = {**OPTIONS, "temperature": 1.5, "batch_tokens": 500}
    first = generate(model[1], model[0], talks(5, 9), **draw)
    assert first == generate(model[1], model[0], talks(5, 9), **draw)
    assert first != generate(model[1], model[0], talks(5, 9), **{**draw, "seed": 1})


def test_what_lies_beside_the_weights_does_not_make_another_model(tmp_path, model):
    model[1].save_pretrained(tmp_path)
    model[0].save_pretrained(tmp_path)
    before = folder_fingerprint(tmp_path)
    (tmp_path / "report.json").write_text("{}")
    assert folder_fingerprint(tmp_path) == before
    config = tmp_path / "config.json"
    config.write_text(config.read_text() + "\n")
    assert folder_fingerprint(tmp_path) != before


def test_a_model_that_was_not_trained_to_read_is_a_plain_language_model(tmp_path, model):
    model[1].save_pretrained(tmp_path)
    model[0].save_pretrained(tmp_path)
    subject = Subject(str(tmp_path), device="cpu")
    assert subject.kind == "causal_lm" and subject.abilities == {"generation", "loglikelihood"}
    with pytest.raises(ValueError, match="Mend"):
        Subject(str(tmp_path / "nowhere"), device="cpu")
    with pytest.raises(ValueError, match="give --model or --endpoint"):
        Subject()
