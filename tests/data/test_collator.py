import math

import torch

from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_row
from pixel.data.packing import pack_examples

PAD = 7


def examples(tokenizer, talk):
    rows = [
        talk("Hello", "Hi there", risk=[2, None], emotion=[["joy"], None], vad=[None, {"valence": 0.25}]),
        talk("A longer message", "ok", "and one more"),
    ]
    return [next(encode_row(row, tokenizer, 200)) for row in rows]


def test_rows_are_padded_on_the_right_and_every_shape_is_batch_first(tokenizer, talk):
    short, long = examples(tokenizer, talk)
    batch = PixelCollator(PAD)([short, long])
    size, width = len(short["input_ids"]), len(long["input_ids"])
    assert batch["input_ids"].shape == batch["labels"].shape == batch["attention_mask"].shape == (2, width)
    assert batch["input_ids"][0].tolist() == short["input_ids"] + [PAD] * (width - size)
    assert batch["attention_mask"].tolist() == [[1] * size + [0] * (width - size), [1] * width]
    assert batch["labels"][0, size:].tolist() == [-100] * (width - size)
    assert batch["turn_spans"].shape == (2, 3, 2)
    assert batch["turn_spans"][0].tolist() == [*short["turn_spans"], [-1, -1]]
    assert batch["turn_mask"].tolist() == [[1, 1, 0], [1, 1, 1]]
    assert batch["turn_roles"].tolist() == [[1, 2, -1], [1, 2, 1]]


def test_unknown_labels_are_nan_or_ignored_and_unlabelled_fields_are_absent(tokenizer, talk):
    batch = PixelCollator(PAD)(examples(tokenizer, talk))
    assert batch["risk"].tolist() == [[2, -100, -100], [-100, -100, -100]] and batch["risk"].dtype == torch.long
    assert batch["emotion"].shape == (2, 3, 28) and batch["emotion"].dtype == torch.float32
    assert batch["emotion"][0, 0].sum() == 1 and batch["emotion"][0, 0, 17] == 1  # joy is the eighteenth of GoEmotions
    assert batch["emotion"][0, 1:].isnan().all() and batch["emotion"][1].isnan().all()
    valence, *rest = batch["vad"][0, 1].tolist()
    assert valence == 0.25 and all(math.isnan(value) for value in rest)
    assert "persona_mode" not in batch and "row_id" not in batch


def test_packed_batches_carry_positions_and_the_others_a_mask(tokenizer, talk):
    short, long = examples(tokenizer, talk)
    plain = PixelCollator(PAD)([short, long])
    packed = PixelCollator(PAD)([pack_examples([short, long]), pack_examples([short])])
    assert "attention_mask" in plain and "position_ids" not in plain
    assert "position_ids" in packed and "attention_mask" not in packed
    one, two = len(short["input_ids"]), len(long["input_ids"])
    assert packed["position_ids"][0].tolist() == [*range(one), *range(two)]
    assert packed["position_ids"][1].tolist() == [*range(one), *range(two)]  # the padding starts anew
    assert packed["turn_mask"].tolist() == [[1, 1, 2, 2, 2], [1, 1, 0, 0, 0]]
    assert packed["risk"][0].tolist() == [2, -100, -100, -100, -100]


def test_lengths_are_rounded_up_for_tensor_cores(tokenizer, talk):
    batch = PixelCollator(PAD, pad_to_multiple_of=64)(examples(tokenizer, talk))
    assert batch["input_ids"].shape[1] % 64 == 0


def test_a_batch_without_a_label_has_no_label_field(tokenizer, talk):
    batch = PixelCollator(PAD)(examples(tokenizer, talk)[1:])
    assert set(batch) == {"input_ids", "labels", "attention_mask", "turn_spans", "turn_mask", "turn_roles"}
