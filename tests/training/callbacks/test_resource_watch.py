"""What a run says of its time, its speed and its machine, with conditions brought about for real."""

import json
import time

import pytest
import torch
from datasets import Dataset

from pixel.data.schema import conversation, features
from pixel.monitoring.flops import token_flops, training_flops
from pixel.monitoring.throughput import Counts
from pixel.training.callbacks.brief_log import brief
from pixel.training.callbacks.resource_watch import ResourceWatch
from pixel.training.phase_hooks import PHASES
from pixel.training.turn_trainer import TurnTrainer
from pixel.training.work_done import Work, count_batch
from tests.training.parts import arguments, tiny_data, tiny_network, trainer_for


def watched(trainer, **options) -> ResourceWatch:
    watch = ResourceWatch(trainer, trainer.alerts, **options)
    trainer.add_watcher(watch)
    return watch


def kinds(watch) -> dict[str, float]:
    return {finding["kind"]: finding["share"] for finding in watch.report()["held_up_by"]}


def test_the_phases_cover_the_time_and_each_has_its_own(tmp_path):
    trainer = trainer_for(
        tmp_path, max_steps=6, per_device_train_batch_size=4, gradient_accumulation_steps=2, save_strategy="steps",
        save_steps=3, eval_strategy="steps", eval_steps=3, eval_dataset=tiny_data(), logging_steps=2,
    )  # fmt: skip
    watch = watched(trainer)
    started = []
    begin, end = watch.clock.start, watch.on_train_end
    watch.clock.start = lambda: [begin(), started.append(time.perf_counter())][1]
    watch.on_train_end = lambda *a, **k: [started.append(time.perf_counter()), end(*a, **k)][1]
    trainer.train()
    seconds = watch.report()["seconds"]
    wall = started[1] - started[0]
    assert sum(seconds.values()) == pytest.approx(wall, rel=0.02, abs=0.1)
    assert sum(seconds.values()) - seconds["other"] > 0.95 * wall
    for name in ("data", "forward", "backward", "optimizer", "evaluation", "saving", "callbacks", "logging"):
        assert seconds[name] > 0, name
    assert set(seconds) <= set(PHASES)
    logged = [entry for entry in trainer.state.log_history if "time/step" in entry]
    assert [entry["step"] for entry in logged] == [2, 4, 6]
    for entry in logged:
        assert sum(entry[f"time/{name}"] for name in PHASES) == pytest.approx(entry["time/step"])


def test_the_wraps_come_off_and_nothing_of_them_is_saved(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=2, save_strategy="steps", save_steps=1)
    watched(trainer)
    trainer.train()
    assert not {"get_batch_samples", "training_step", "log", "evaluate"} & set(vars(trainer))
    assert "backward" not in vars(trainer.accelerator) and trainer.log_sources == []
    again = trainer_for(tmp_path, max_steps=3)
    watched(again)
    again.train(resume_from_checkpoint=True)
    assert again.state.global_step == 3


def test_after_a_training_that_an_error_ended_the_next_one_is_timed_and_the_wraps_come_off(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=2)
    watched(trainer)
    step = trainer.training_step
    trainer.compute_loss, good = None, trainer.compute_loss
    with pytest.raises(TypeError):
        trainer.train()
    trainer.compute_loss = good
    trainer.train()
    assert "training_step" not in vars(trainer) and trainer.training_step == step and trainer.log_sources == []
    assert sum("time/forward" in entry for entry in trainer.state.log_history) == 2


def test_throughput_counts_what_was_trained(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=4, per_device_train_batch_size=8, logging_steps=2)
    watch = watched(trainer)
    trainer.train()
    lines = [json.loads(line) for line in (tmp_path / "resources" / "rank0.jsonl").read_text().splitlines()]
    lengths = [len(row) for row in trainer.train_dataset["input_ids"]]
    halves = [lengths[:8], lengths[8:]]
    assert [line["step"] for line in lines] == [2, 4]
    for line in lines:  # two steps are both halves of the rows
        assert line["tokens"] == sum(lengths)
        assert line["slots"] == sum(8 * max(half) for half in halves)
        assert line["rows"] == 16
        assert line["resources"]["memory_bytes"] > 0
    entry = next(entry for entry in trainer.state.log_history if entry.get("step") == 4)
    assert entry["throughput/padding"] == pytest.approx(1 - sum(lengths) / lines[0]["slots"])
    working = 2 * (entry["time/step"] - entry["time/evaluation"] - entry["time/saving"])
    assert entry["throughput/tokens_per_second"] == pytest.approx(sum(lengths) / working)
    assert "throughput/mfu" not in entry  # nobody knows this processor's peak
    assert entry["throughput/tflops"] > 0 and watch.report()["seconds"]


def test_what_is_printed_of_it_is_the_tokens_a_second():
    logs = {"loss": 1.0, "throughput/tokens_per_second": 5.0, "time/step": 1.0, "resources/cpu_percent": 50.0}
    assert brief(logs) == {"loss": 1.0, "throughput/tokens_per_second": 5.0}


# ── conditions brought about ──


def test_a_slow_data_loader_is_named(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=8, per_device_train_batch_size=2)
    collate = trainer.data_collator
    slept, last = [], []

    def slowly(rows):
        """As long as the step before took: however busy the machine, about half the time goes into loading."""
        slept.append(max(0.1, time.perf_counter() - last[-1]) if last else 0.1)
        time.sleep(slept[-1])
        batch = collate(rows)
        last.append(time.perf_counter())
        return batch

    trainer.data_collator = slowly
    watch = watched(trainer, patience=1)
    trainer.train()
    assert len(slept) == 8 and watch.report()["seconds"]["data"] >= 0.99 * sum(slept)
    assert "data_bound" in kinds(watch)
    assert [alert.severity for alert in trainer.alerts.sent if alert.kind == "data_bound"] == ["info"]


def test_rows_of_unequal_length_are_named(tmp_path):
    texts = ["short"] * 7 + ["a long story " * 20]
    rows = [
        conversation([{"role": "user", "content": text}, {"role": "assistant", "content": "I see."}], id=str(i),
                     source="x", licence="CC0-1.0", emotional_reactions=[None, 1])
        for i, text in enumerate(texts)
    ]  # fmt: skip
    data = Dataset.from_list(rows, features=features())
    trainer = trainer_for(tmp_path, data=data, max_steps=2, max_length=512)
    watch = watched(trainer)
    trainer.train()
    assert kinds(watch)["padding_heavy"] > 0.5


def test_more_threads_than_processors_are_named(tmp_path):
    before = torch.get_num_threads()
    torch.set_num_threads(64)
    try:
        trainer = trainer_for(tmp_path, max_steps=1)
        watch = watched(trainer)
        trainer.train()
    finally:
        torch.set_num_threads(before)
    assert kinds(watch)["too_many_threads"] > 0.4


def test_slow_saving_is_named(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=3, save_strategy="steps", save_steps=1)
    save = type(trainer)._save_checkpoint

    def slowly(self, model, trial):
        time.sleep(1)
        save(self, model, trial)

    trainer.__class__ = type("Slow", (type(trainer),), {"_save_checkpoint": slowly})
    watch = watched(trainer)
    trainer.train()
    assert watch.report()["seconds"]["saving"] >= 3 and kinds(watch)["slow_disk"] > 0.15


def test_a_disk_that_fills_up_is_told_once_and_again_when_it_comes_back(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=9)
    watch = watched(trainer, interval=0.001)
    full = {"disk_free_bytes": 1e9, "disk_used_share": 0.99}
    watch._host.read = lambda: full if trainer.state.global_step not in (5, 6) else {"disk_used_share": 0.5}
    watch.sampler.since = lambda moment: [watch._host.read()]
    trainer.train()
    told = [(alert.step, alert.severity) for alert in trainer.alerts.sent if alert.kind == "disk_nearly_full"]
    assert told == [(2, "warning"), (8, "warning")]


def test_a_machine_that_does_not_answer_is_told(tmp_path):
    trainer = trainer_for(tmp_path, max_steps=3)
    watch = watched(trainer)
    watch.sampler.stalled = lambda: 42.0
    trainer.train()
    assert [alert.message[:50] for alert in trainer.alerts.sent if alert.kind == "sampler_hung"] == [
        "nobody has heard from the machine for 42 s. Mend: "
    ]


# ── what is counted ──


def test_batches_are_counted_packed_padded_and_read_only():
    padded = {"input_ids": torch.zeros(2, 4), "attention_mask": torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]])}
    counts = count_batch(padded, 0).numbers()
    assert (counts.rows, counts.tokens, counts.slots, counts.pairs) == (2, 5, 8, 6 + 3)
    packed = {
        "input_ids": torch.tensor([[5, 5, 5, 5, 9]]), "position_ids": torch.tensor([[0, 1, 2, 0, 0]]),
        "labels": torch.full((1, 5), -100), "turn_mask": torch.tensor([[1, 2, 0]]),
    }  # fmt: skip
    counts = count_batch(packed, 9, may_read_only=True).numbers()
    assert (counts.tokens, counts.slots, counts.pairs, counts.read, counts.turns) == (4, 5, 6 + 1, 4, 2)
    packed["labels"][0, 1] = 5
    assert count_batch(packed, 9, may_read_only=True).numbers().read == 0
    states = {"turn_states": torch.zeros(3, 2, 8), "turn_mask": torch.tensor([[1, 1], [1, 0], [1, 0]])}
    assert count_batch(states, 9).numbers() == Counts(rows=3, turns=4)


def test_flops_of_lora_leave_out_the_gradients_of_frozen_weights(tmp_path):
    full = Work(trainer_for(tmp_path / "a").pixel)
    adapters = trainer_for(tmp_path / "b", adapters=True)
    lora = Work(adapters.pixel)
    counts = Counts(tokens=100, pairs=550, turns=0)
    flops = token_flops(adapters.pixel.config, 5.5)
    rank_4 = 2 * sum(p.numel() for n, p in adapters.pixel.named_parameters() if "lora_" in n)
    assert full.flops(counts)[0] == pytest.approx(100 * training_flops(flops))
    assert lora.flops(counts)[0] == pytest.approx(100 * training_flops(flops, frozen=True, adapters=rank_4))
    assert lora.flops(counts)[0] < 0.8 * full.flops(counts)[0]
    again = Work(adapters.pixel, activation_checkpointing=True).flops(counts)
    assert again[0] == lora.flops(counts)[0] and again[1] == pytest.approx(again[0] + 100 * (flops.layers + rank_4))
    read = full.flops(Counts(tokens=100, read=100, pairs=550))[0]
    readout = token_flops(adapters.pixel.config, 5.5, layers=adapters.pixel.config.readout_layer)
    assert read == pytest.approx(100 * training_flops(readout)) and read < full.flops(counts)[0]


def test_heads_on_a_frozen_trunk_are_watched_as_well(tmp_path):
    tokenizer, network = tiny_network()
    trainer = TurnTrainer(network, arguments(tmp_path, max_steps=3), tiny_data(), processing_class=tokenizer)
    watched(trainer)
    trainer.train()
    entry = [entry for entry in trainer.state.log_history if "time/step" in entry][-1]
    assert entry["throughput/turns_per_second"] > 0 and "throughput/tokens_per_second" not in entry
    heads = sum(p.numel() for p in network.heads.parameters())
    turns = entry["throughput/turns_per_second"]
    assert entry["throughput/tflops"] == pytest.approx(turns * 6 * heads / 1e12)


def test_patience_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="patience is 0"):
        ResourceWatch(trainer_for(tmp_path), patience=0)
