"""The language branch stays TRL's own: fused LM head, auxiliary loss, metrics."""

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM
from trl import SFTConfig, SFTTrainer

from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_dataset
from pixel.training.loading import tiny_config
from tests.training.parts import losses, tiny_data, tiny_network, trainer_for

NO_HEADS = {"objective_weights": {"eq": 0.0, "persona": 0.0, "clinical": 0.0, "empathy": 0.0}, "weighting": "sum"}


def plain_trainer(folder, kind: str, accumulation: int = 1):
    """`SFTTrainer` on the same backbone without heads, fed the same rows without labels."""
    tokenizer, network = tiny_network(kind)
    plain = AutoModelForCausalLM.from_config(tiny_config(kind, len(tokenizer)))
    plain.model.load_state_dict(network.model.state_dict())
    plain.lm_head.load_state_dict(network.lm_head.state_dict())
    examples = encode_dataset(tiny_data(), tokenizer, 256)
    examples = examples.select_columns(
        ["input_ids", "labels", "position_ids", "turn_spans", "turn_mask", "turn_roles"]
    )
    collate = PixelCollator(tokenizer.pad_token_id)
    args = SFTConfig(
        output_dir=str(folder), max_steps=2, per_device_train_batch_size=8, learning_rate=0.1, optim="sgd",
        gradient_accumulation_steps=accumulation, lr_scheduler_type="constant", max_grad_norm=1e9, logging_steps=1,
        save_strategy="no", disable_tqdm=True, train_sampling_strategy="sequential", bf16=False, use_cpu=True,
        activation_checkpointing=False, remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True}, dataloader_pin_memory=False, seed=0,
    )  # fmt: skip
    keep = ("input_ids", "labels", "attention_mask")
    return SFTTrainer(
        plain, args, data_collator=lambda rows: {key: collate(rows)[key] for key in keep}, train_dataset=examples,
        processing_class=tokenizer,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["llama", "qwen3_moe"])
def test_with_the_heads_off_the_run_is_sft_trainers(tmp_path, kind):
    expected = plain_trainer(tmp_path / "plain", kind)
    expected.train()
    trainer = trainer_for(tmp_path / "pixel", kind, max_steps=2, **NO_HEADS)
    trainer.train()
    names = ["loss", "entropy", "mean_token_accuracy", "num_tokens", "grad_norm"]
    for name in names + (["aux_loss"] if kind == "qwen3_moe" else []):
        assert len(losses(expected, name)) == 2, name
        assert losses(trainer, name) == pytest.approx(losses(expected, name), rel=1e-4), name
    mine = dict(trainer.pixel.model.named_parameters())
    for name, parameter in expected.model.model.named_parameters():
        torch.testing.assert_close(mine[name], parameter, atol=1e-6, rtol=1e-5)


def test_the_auxiliary_loss_counts_once_however_the_step_is_cut(tmp_path):
    expected = plain_trainer(tmp_path / "plain", "qwen3_moe", accumulation=2)
    expected.train()
    trainer = trainer_for(
        tmp_path / "pixel", "qwen3_moe", max_steps=2, gradient_accumulation_steps=2, **NO_HEADS
    )  # fmt: skip
    trainer.train()
    assert losses(trainer, "loss") == pytest.approx(losses(expected, "loss"), rel=1e-4)


def test_the_language_component_is_the_cross_entropy_without_the_auxiliary_loss(tmp_path):
    trainer = trainer_for(tmp_path, "qwen3_moe", learning_rate=0.0, **NO_HEADS)
    batch = PixelCollator(256)([trainer.train_dataset[index] for index in range(8)])
    with torch.no_grad():
        logits = trainer.pixel(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    cross_entropy = nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), ignore_index=-100
    )
    trainer.train()
    assert losses(trainer, "loss_language")[0] == pytest.approx(cross_entropy.item(), rel=1e-4)


def test_the_full_logits_are_never_built_in_training(tmp_path):
    trainer = trainer_for(tmp_path)
    calls = []
    trainer.pixel.lm_head.register_forward_hook(lambda *_: calls.append(1))
    trainer.train()
    assert calls == []


def test_gradients_reach_the_trunk_and_every_labelled_head(tmp_path):
    trainer = trainer_for(tmp_path, per_device_train_batch_size=16)
    before = {name: p.detach().clone() for name, p in trainer.pixel.named_parameters()}
    trainer.train()
    # Each layer normalises its input, so a first step moves every matrix of the network.
    still = [name for name, p in trainer.pixel.named_parameters() if torch.equal(p, before[name])]
    assert [name for name in still if not name.startswith("heads.")] == []
    assert [name for name in still if name.startswith("heads.") and "mask" not in name] == []


@pytest.mark.parametrize("packing", [False, True])
@pytest.mark.parametrize("batch", [1, 3])
def test_the_number_of_tokens_counts_every_row_of_a_batch(tmp_path, packing, batch):
    trainer = trainer_for(
        tmp_path, packing=packing, max_length=512, per_device_train_batch_size=batch, num_train_epochs=1,
        max_steps=-1, logging_strategy="epoch",
    )  # fmt: skip
    trainer.train()
    assert losses(trainer, "num_tokens") == [sum(len(ids) for ids in trainer.train_dataset["input_ids"])]
