"""
Train Pixel.

    accelerate launch --config_file accelerate_configs/cpu.yaml \\
        recipes/train.py --config recipes/configs/smollm2_cpu.yaml
    accelerate launch --config_file accelerate_configs/zero3_8gpu.yaml \\
        recipes/train.py --config recipes/configs/qwen3_30b_a3b_zero3.yaml

Every option can stand in the YAML or on the command line, where it wins. Writes a model folder that loads,
metrics.json, report.html and, last, finished.json to --output_dir. With --resume_from_checkpoint auto it goes on from
the newest checkpoint that is whole; where the same run has finished, it says so and ends.

Exit status: 0 finished; 75 saved on SIGTERM, to be continued; 76 a gradient was not finite, start again from the last
checkpoint; anything else is an error. `recipes/launch.py train` starts again by itself.
"""

import sys
import time
from pathlib import Path

from pixel.training.command_line import explain, show_help

if __name__ == "__main__" and show_help(__doc__, "data", "model", "objectives", "run"):
    sys.exit()

from transformers import set_seed

from datasets_scripts.mixture import load_mixture
from pixel.data.seed import load_seed
from pixel.hub import hub_available, push_or_explain
from pixel.orchestration.heartbeat import Heartbeat
from pixel.training import DataArguments, ModelArguments, PixelTrainer, PixelTrainingArguments, load_pixel
from pixel.training.assessment import assess
from pixel.training.command_line import parse
from pixel.training.exit_status import leave, train_or_leave
from pixel.training.finished import arguments_hash, finished_before, write_finished
from pixel.training.frozen import FrozenTrainer
from pixel.training.keeping import metrics, model_card, save_network, write_json
from pixel.training.knowledge_context import knowledge_from
from pixel.training.lexical_fit import fit_lexical
from pixel.training.lora import lora_from_arguments
from pixel.training.origin import conclude_run, describe_run
from pixel.training.probe_set import probe_examples
from pixel.training.ranks import shared
from pixel.training.report import read_report, read_sample, report_data, write_report
from pixel.training.resources import resources
from pixel.training.turn_trainer import TurnTrainer
from pixel.training.watching import approved, watch_run


def main(data: DataArguments, model: ModelArguments, training: PixelTrainingArguments) -> int:
    started, folder = time.time(), Path(training.output_dir)
    heart, asked = Heartbeat(folder), arguments_hash(data, model, training)
    if heart.attempt:  # under a supervisor; by itself, a run that is refused leaves no file behind
        heart.beat("start")
    if training.resume_from_checkpoint == "auto" and shared(finished_before(folder, asked)):
        return leave(heart, 0, f"This run has finished and is not trained again. Model and report are in {folder}")
    previous = read_report(folder)
    push, training.push_to_hub = training.push_to_hub, False
    if push and not (hub := hub_available()):
        print(f"No push at the end: {hub.reason}. Training goes on; the retry command follows.", flush=True)

    # ── data and model ──
    set_seed(training.seed)  # new heads, or a random network, are drawn here
    tokenizer, network = load_pixel(model)
    log = folder / "knowledge.jsonl"
    knowledge = knowledge_from(data.knowledge, tokenizer, training.max_length, seed=training.seed, log=log)
    prepare = knowledge.apply if knowledge is not None else None
    mixture = load_mixture(data, tokenizer, training.max_length, seed=training.seed, prepare=prepare)
    held_out = probe_examples(mixture.validation, training.watch_conversations, training.seed)
    given = {"processing_class": tokenizer, "eval_dataset": held_out if training.eval_strategy != "no" else None}

    # ── train ──
    if not training.frozen_trunk:
        adapters = lora_from_arguments(model)
        trainer = PixelTrainer(network, training, mixture.train, peft_config=adapters, **given)
    elif model.shared_size:
        trainer = TurnTrainer(network, training, mixture.unmixed, rows=mixture.order, **given)
    else:
        trainer = FrozenTrainer(network, training, mixture.unmixed, processing_class=tokenizer)
    watchers = watch_run(trainer, held_out, mixture.unmixed, tokenizer.pad_token_id, knowledge)
    describe_run(trainer, data, model, mixture)
    unfinished = train_or_leave(trainer, heart, training.resume_from_checkpoint)
    if unfinished is not None:
        return unfinished

    # ── measure ──
    trained_for = time.time() - started
    network.config.trained_fields = trainer.trained_fields()
    if training.lexical_fields and not training.frozen_trunk and trainer.can_assess:
        fit_lexical(network, mixture.unmixed, training.lexical_fields)
    results = []
    if trainer.can_assess:
        offsets = trainer.offsets if isinstance(trainer, FrozenTrainer) else None
        results, offsets = assess(network, mixture.validation, tokenizer.pad_token_id, offsets, seed=training.seed)
        network.config.offsets = offsets

    # ── keep ──
    save_network(trainer, folder)
    if trainer.args.should_save:
        mixture.seen.save(folder)
        command = " ".join(["recipes/train.py", *sys.argv[1:]])
        more = {"train_seconds": round(trained_for, 1), "corpora": mixture.rows, "config": sys.argv[1:]}
        if not trainer.can_assess:
            more["not_assessed"] = "the weights are sharded over processes; load the folder in one to assess it"
        write_json(folder / "metrics.json", metrics(trainer, results, seconds=time.time() - started, more=more))
        model_card(folder, trainer, mixture, model.model_name_or_path, results, command)
        sample = None
        if "seed" in mixture.rows and trainer.can_assess:
            held_out = load_seed(data.validation, training.seed)["validation"][0]["messages"]
            sample = read_sample(network, tokenizer, held_out)
        said = report_data(
            trainer,
            mixture,
            results,
            title=f"Pixel: {folder.name}",
            subtitle=f"{model.model_name_or_path}, {trainer.state.global_step} steps, {time.time() - started:.0f} s",
            watchers=watchers,
            previous=previous,
            resources=resources(trained_for),
        )
        write_report(folder / "report.html", said, sample)
        conclude_run(trainer, folder)
        steps = trainer.state.global_step
        write_finished(folder, steps, getattr(trainer.state, "max_steps", steps), asked)
        if push and not approved(watchers):
            print("No push: the experts' last verdict does not let this model go. Approved weights, if any: approved/")
        elif push:
            push_or_explain(
                folder, training.hub_model_id or folder.name, private=training.hub_private_repo is not False
            )
        print(f"\nModel, metrics.json and report.html are in {folder}")
    return leave(heart, 0)


if __name__ == "__main__":
    with explain():
        sys.exit(main(*parse(DataArguments, ModelArguments, PixelTrainingArguments)))
