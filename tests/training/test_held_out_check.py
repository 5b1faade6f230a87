"""Whether held-out conversations are fit to validate on."""

import pytest
from datasets import Dataset

from pixel.data.examples import encode_dataset
from pixel.data.schema import features
from pixel.training.held_out_check import check_held_out, complaints
from tests.training.parts import rows, tiny_network


@pytest.fixture(scope="module")
def encoded():
    tokenizer, _ = tiny_network()
    made = rows(16)
    for number, row in enumerate(made):
        row["group"] = f"person{number // 2}"

    def encode(chosen, length=256):
        return encode_dataset(Dataset.from_list(chosen, features=features()), tokenizer, length)

    return made, encode


def test_sides_that_share_nothing_are_fit(encoded):
    made, encode = encoded
    said = check_held_out(encode(made[:8]), {"tiny": encode(made[8:])}, 256)["tiny"]
    assert (said["conversations"], said["rows"], said["split"], said["too_long"]) == (8, 8, 0, 0)
    assert said["shared_groups"] == said["shared_texts"] == 0
    assert said["labelled"]["risk"] == 16 and "emotion" not in said["labelled"]  # rows() labels two turns of each
    assert said["longest"] == max(map(len, encode(made[8:])["input_ids"]))


def test_long_conversations_come_in_several_rows_and_none_is_cut(encoded):
    made, encode = encoded
    whole = check_held_out(encode(made[:8]), {"tiny": encode(made[8:])}, 64)["tiny"]
    short = check_held_out(encode(made[:8], 64), {"tiny": encode(made[8:], 64)}, 64)["tiny"]
    assert whole["too_long"] > 0 and short["too_long"] == 0
    assert short["rows"] > short["conversations"] == 8 and short["split"] > 0
    assert short["labelled"] == whole["labelled"]


def test_a_person_on_both_sides_and_a_text_that_stands_twice_are_named(encoded):
    made, encode = encoded
    said = check_held_out(encode(made[:9]), {"tiny": encode([*made[9:], made[0]])}, 256)
    assert (said["tiny"]["shared_groups"], said["tiny"]["shared_texts"]) == (2, 1)
    found = complaints(said, ["risk", "pdm_syndrome"])
    assert [alert.kind for alert in found] == ["held_out_leak", "held_out_leak", "held_out_unlabelled"]
    assert "2 held-out groups" in found[0].message and all("Mend:" in alert.message for alert in found[:2])
    assert "pdm_syndrome" in found[2].message and "risk" not in found[2].message
    assert "could not sleep" not in " ".join(alert.message for alert in found)
