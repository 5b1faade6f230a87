"""`PixelTrainer`: TRL's `SFTTrainer`, with every head trained in the same backward pass."""

import warnings

import torch
from accelerate.utils import is_peft_model
from datasets import Dataset
from torch import Tensor, nn
from trl import SFTTrainer

from pixel.data.collator import PixelCollator
from pixel.data.competence_sampler import CompetenceSampler
from pixel.data.examples import encode_dataset
from pixel.data.packing import pack_kinds
from pixel.data.sampling import KindSampler
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.objectives import label_counts, objective_losses
from pixel.training.arguments import SettingError
from pixel.training.batch_size import FittingBatches
from pixel.training.callbacks.brief_log import print_briefly
from pixel.training.curriculum_rows import curriculum_over
from pixel.training.document_rows import use_document_attention
from pixel.training.gram_probe import GramProbe
from pixel.training.lora import lora_config
from pixel.training.objective_training import ObjectiveTraining
from pixel.training.sharding import ShardedTraining
from pixel.training.training_arguments import PixelTrainingArguments
from pixel.training.validation import measure_held_out


class PixelTrainer(ObjectiveTraining, ShardedTraining, FittingBatches, SFTTrainer):
    """
    Trains a `PixelForCausalLM` on conversations.

    The language loss, the mixture-of-experts auxiliary loss and the metrics are TRL's own. The heads' losses are
    divided by the number of labelled turns in the whole optimizer step (all micro-batches, all ranks), as TRL does
    with tokens, so that 1 x 8 and 8 x 1 accumulation are the same step. The objectives' gradients meet at the fork
    (`pixel.balancing.Fork`), inside the one backward pass.

    Args:
        model: the network; with `lora_r`, it is wrapped here.
        args: see `PixelTrainingArguments`.
        train_dataset: conversations in Pixel's schema, or examples from `encode_dataset`.
        eval_dataset: likewise, or a dictionary of them.
        processing_class: a fast tokenizer with a chat template.
        peft_config: as in TRL; the heads are added to its `modules_to_save`.

    Raises:
        ConversationError: a bad conversation, named.
        SettingError: nothing in the dataset to learn from, or a probe without adapters.
    """

    _tag_names = ["trl", "sft", "pixel"]

    def __init__(
        self,
        model: PixelForCausalLM,
        args: PixelTrainingArguments,
        train_dataset: Dataset,
        eval_dataset: Dataset | dict[str, Dataset] | None = None,
        processing_class=None,
        peft_config=None,
        callbacks=None,
        **kwargs,
    ):
        if args.gram_source == "lora" and peft_config is None and not is_peft_model(model):
            raise SettingError(
                "gram_source lora measures conflicts on LoRA adapters and there are none. "
                "Mend: set lora_r, e.g. 8, or gram_source representation"
            )
        held_out = eval_dataset
        self._encode = lambda data, name: self._examples(data, processing_class, args, name)
        train_dataset = self._encode(train_dataset, "train")
        if isinstance(eval_dataset, dict):
            eval_dataset = {name: self._encode(data, name) for name, data in eval_dataset.items()}
        elif eval_dataset is not None:
            eval_dataset = self._encode(eval_dataset, "eval")
        require_something_to_learn(train_dataset)
        args.packing = args.eval_packing = False  # done above, with turn labels; TRL's own would drop them
        args.dataset_kwargs = {**(args.dataset_kwargs or {}), "skip_prepare_dataset": True}
        args.remove_unused_columns = False
        if args.ddp_find_unused_parameters is None:  # DDP would search what forward returns: no read-out is in it
            args.ddp_find_unused_parameters = False
        if peft_config is not None:
            peft_config = lora_config(model, peft_config)
        with warnings.catch_warnings():  # PEFT asks transformers for a name that it has renamed
            warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)
            super().__init__(
                model=model,
                args=args,
                data_collator=PixelCollator(processing_class.pad_token_id, args.pad_to_multiple_of),
                train_dataset=train_dataset,
                eval_dataset=eval_dataset,
                processing_class=processing_class,
                peft_config=peft_config,
                callbacks=callbacks,
                **kwargs,
            )
        self.pixel: PixelForCausalLM = model
        use_document_attention(self)
        self.set_up_objectives()
        self.pixel.fork = self.new_fork()
        self.follow_curriculum(curriculum_over(self.train_dataset, args.curriculum) if args.curriculum else None)
        self.probe = GramProbe(self) if args.gram_source == "lora" else None
        measure_held_out(self, held_out, processing_class)
        print_briefly(self)

    @staticmethod
    def _examples(dataset: Dataset, tokenizer, args: PixelTrainingArguments, name: str) -> Dataset:
        if "input_ids" not in dataset.column_names:
            dataset = encode_dataset(dataset, tokenizer, args.max_length, name=name, num_proc=args.dataset_num_proc)
        unpacked = "turn_index" in dataset.column_names
        if unpacked and args.packing and not args.curriculum:  # a packed row is neither easy nor hard
            dataset = pack_kinds(dataset, args.max_length, seed=args.seed)
        return dataset

    # ── the order of rows ──

    @property
    def _may_read_only(self) -> bool:
        return self.args.read_only_batches and self.accelerator.num_processes == 1

    def _get_train_sampler(self, train_dataset: Dataset | None = None):
        dataset = train_dataset if train_dataset is not None else self.train_dataset
        if self.curriculum is not None and dataset is self.train_dataset:
            kinds = None
            if self._may_read_only:
                kinds = [any(token != -100 for token in labels) for labels in dataset["labels"]]
            return CompetenceSampler(self.curriculum, self._train_batch_size, self.args.seed, kinds)
        shuffled = self.args.train_sampling_strategy == "random"
        if not (self._may_read_only and shuffled and isinstance(dataset, Dataset)):
            return super()._get_train_sampler(train_dataset)
        kinds = [any(token != -100 for token in labels) for labels in dataset["labels"]]
        if all(kinds):
            return super()._get_train_sampler(train_dataset)
        return KindSampler(kinds, self.args.per_device_train_batch_size, self.args.seed)

    # ── the loss ──

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The language loss of TRL plus the heads' losses, each weighted by `objective_weights`."""
        mode = "train" if self.model.training else "eval"
        inputs = dict(inputs)
        labels = {name: inputs.pop(name) for name in FIELDS if name in inputs}
        labels |= {"turn_mask": inputs["turn_mask"], "turn_roles": inputs.pop("turn_roles")}
        mine = label_counts(labels)
        shared = num_items_in_batch is not None and self._step_counts is not None
        counts = self._step_counts if shared else mine
        tokens_before = self._total_train_tokens
        language, cross_entropy, readouts = self._forward(model, inputs, num_items_in_batch)
        if mode == "train":
            self._count_tokens(tokens_before, inputs)
        objectives, components = objective_losses(readouts, labels, counts, self.args.field_weights)
        ranks = self.accelerator.num_processes if shared else 1  # gradients are averaged over ranks
        loss = self.weigh({name: ranks * part for name, part in objectives.items()} | {"language": language})
        learned = (inputs["labels"][:, 1:] != -100).sum()
        whole = learned
        if num_items_in_batch is not None:
            whole = torch.as_tensor(num_items_in_batch) / self.accelerator.num_processes
        self.record(mode, "language", cross_entropy * whole, learned)
        for name, mean in components.items():
            self.record(mode, name, mean * counts[name], mine[name])
        return (loss, {"readouts": readouts}) if return_outputs else loss

    def _forward(self, model: nn.Module, inputs: dict, num_items) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """
        The language loss, the same without the auxiliary loss (for the log), and the read-outs.

        Nothing runs above the readout layer where no token is learned.
        """
        if self._may_read_only and bool((inputs["labels"] == -100).all()):
            reading = {key: value for key, value in inputs.items() if key != "labels"}
            with self.accelerator.autocast():
                readouts = self.pixel.read(**reading)
            nothing = inputs["turn_mask"].new_zeros((), dtype=torch.float32)
            return nothing, nothing, readouts
        language = super().compute_loss(model, inputs, num_items_in_batch=num_items)
        cross_entropy = language.detach()
        if self.aux_loss_enabled:
            steps = self.current_gradient_accumulation_steps if num_items is not None else 1
            aux_loss = self._metrics["train" if self.model.training else "eval"]["aux_loss"][-1]
            cross_entropy = cross_entropy - self.router_aux_loss_coef * aux_loss / steps
        return language, cross_entropy, self.pixel.take_readouts()

    def _count_tokens(self, before: int, inputs: dict) -> None:
        """TRL counts one row of a packed batch, padding too, and does not see a batch that is only read."""
        real = inputs.get("attention_mask", inputs["input_ids"] != self.processing_class.pad_token_id)
        self._total_train_tokens = before + int(self.accelerator.gather(real.sum()).sum())
        self._metrics["train"]["num_tokens"] = [self._total_train_tokens]

    def training_step(self, model, inputs, num_items_in_batch=None):
        """Probes for conflicts first where it is time to."""
        if self.probe is not None:
            self.probe.before_step(model, inputs)
        return super().training_step(model, inputs, num_items_in_batch)

    # ── checkpoints ──

    def state_to_keep(self) -> dict:
        """TRL does not keep the number of tokens seen."""
        return super().state_to_keep() | {"tokens": self._total_train_tokens}

    def take_back(self, state: dict) -> None:
        """Go on from `state_to_keep`."""
        super().take_back(state)
        self._total_train_tokens = state["tokens"]

    @torch.no_grad()
    def read_batch(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the heads say of a collated batch without labels, as the network stands: logits by field."""
        training = self.pixel.training
        self.pixel.eval()
        try:
            return self.pixel.read(**{name: value.to(self.args.device) for name, value in batch.items()})
        finally:
            self.pixel.train(training)

    @property
    def can_assess(self) -> bool:
        """Whether the network can be read outside a training step: not while its weights are sharded."""
        return not (self.is_deepspeed_enabled or self.is_fsdp_enabled) and self.accelerator.is_main_process

    def merged_network(self) -> PixelForCausalLM:
        """The trained network, adapters merged into the trunk."""
        model = self.accelerator.unwrap_model(self.model)
        return model.merge_and_unload() if is_peft_model(model) else model

    def trained_fields(self) -> list[str]:
        """The label fields that the training set holds a label for and the model a head."""
        columns = self.train_dataset.column_names
        return [name for name in self.pixel.config.fields if name in columns]


def require_something_to_learn(dataset: Dataset) -> None:
    """
    Raises:
        SettingError: no token is learned and no turn labelled.
    """
    if any(name in dataset.column_names for name in FIELDS):
        return
    if not any(token != -100 for labels in dataset["labels"] for token in labels):
        raise SettingError(
            "the training set has no label for any objective and no assistant turn to learn. Mend: add label columns "
            "(pixel.data.schema.features()) or assistant messages"
        )
