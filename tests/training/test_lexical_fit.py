"""The lexical expert against scikit-learn's own TF-IDF and logistic regression, on the text instead of the tokens."""

import numpy as np
import pytest
import torch
from datasets import Dataset
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_dataset
from pixel.data.schema import conversation, features
from pixel.training.lexical_fit import fit_lexical
from tests.training.parts import tiny_network

WORDS = ("sad tired alone", "glad sunny play", "tax form bank", "help me please now")


def labelled_rows(count: int = 40) -> list[dict]:
    made = []
    for index in range(count):
        words = f"{WORDS[index % 4]} {WORDS[(index * 7) % 3]} {'again ' * (index % 3)}{chr(97 + index % 26)}"
        messages = [{"role": "user", "content": words}, {"role": "assistant", "content": words[::-1] + "."}]
        labels = {
            "persona_mode": [index % 3, None],
            "emotional_reactions": [None, (index * 5) % 3] if index % 2 else None,
        }
        made.append(conversation(messages, id=str(index), source="tiny", licence="CC0-1.0", **labels))
    return made


@pytest.fixture(scope="module")
def fitted():
    tokenizer, network = tiny_network(fields=["persona_mode", "emotional_reactions", "risk"])
    data = labelled_rows()
    examples = encode_dataset(Dataset.from_list(data, features=features()), tokenizer, 256)
    found = fit_lexical(network, examples, ["persona_mode", "emotional_reactions", "risk"])
    batch = PixelCollator(256)([examples[index] for index in range(len(examples))])
    return network, data, batch, found


def test_logits_are_scikit_learns_decision_function(fitted):
    network, data, batch, _ = fitted
    fields = ("persona_mode", "emotional_reactions")
    turns = [
        (number, turn)
        for number, row in enumerate(data)
        for turn in range(2)
        if any(row[name] and row[name][turn] is not None for name in fields)
    ]
    # With the byte tokenizer a token is a character.
    texts = [data[row]["messages"][turn]["content"] for row, turn in turns]
    counts = CountVectorizer(analyzer="char", lowercase=False, min_df=2).fit_transform(texts)
    inputs = TfidfTransformer(sublinear_tf=True, norm="l2").fit_transform(counts)
    logits = network.lexical(batch["input_ids"], batch["turn_spans"])
    for name, questions in (("persona_mode", 3), ("emotional_reactions", 2)):
        known = [i for i, (row, turn) in enumerate(turns) if data[row][name] and data[row][name][turn] is not None]
        target = np.array([data[turns[i][0]][name][turns[i][1]] for i in known])
        found = torch.stack([logits[name][turns[i]] for i in known])
        for question in range(questions):
            yes = target == question if name == "persona_mode" else target >= question + 1
            model = LogisticRegression(C=3.0, solver="liblinear").fit(inputs[known], yes)
            expected = torch.from_numpy(model.decision_function(inputs[known])).float()
            torch.testing.assert_close(found[:, question], expected, atol=2e-4, rtol=1e-3)


def test_a_field_without_labels_gets_no_expert(fitted):
    network, _, _, found = fitted
    assert list(found) == network.config.lexical_fields == ["persona_mode", "emotional_reactions"]


def test_predictions_are_the_mean_of_heads_and_words_and_training_sees_the_heads_alone(fitted):
    network, _, batch, _ = fitted
    given = {name: batch[name] for name in ("input_ids", "attention_mask", "turn_spans", "turn_mask")}
    with torch.no_grad():
        heads = network.train()(**given).readouts
        both = network.eval()(**given).readouts
    words = network.lexical(batch["input_ids"], batch["turn_spans"])
    for name in ("persona_mode", "emotional_reactions"):
        torch.testing.assert_close(both[name], (heads[name].float() + words[name]) / 2, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(both["risk"], heads["risk"], atol=1e-6, rtol=1e-6)


def test_a_score_cannot_have_an_expert(fitted):
    network, *_ = fitted
    with pytest.raises(ValueError, match="vad is a score"):
        fit_lexical(network, None, ["vad"])
