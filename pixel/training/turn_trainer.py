"""Heads, and the layer they share, trained by gradient on turn states that the frozen trunk computed once."""

import torch
from datasets import Dataset
from torch import Tensor, nn
from torch.utils.data import Dataset as Rows
from transformers import Trainer, set_seed

from pixel.balancing import Fork
from pixel.data.competence_sampler import CompetenceSampler
from pixel.data.examples import encode_dataset
from pixel.models import PixelForCausalLM
from pixel.models.head_persona import PersonaHead
from pixel.models.heads import PixelHeads
from pixel.models.modeling_pixel import HEAD_OBJECTIVES
from pixel.objectives import label_counts, objective_losses
from pixel.training.arguments import SettingError
from pixel.training.callbacks.brief_log import print_briefly
from pixel.training.curriculum import Curriculum
from pixel.training.curriculum_rows import curriculum_over
from pixel.training.objective_training import ObjectiveTraining
from pixel.training.read_dataset import FieldReadings
from pixel.training.sharding import require_one_process
from pixel.training.turn_table import TurnTable
from pixel.training.validation import measure_held_out


class TurnReader(nn.Module):
    """
    What a Pixel network has above its turn states: the shared layer, the fork, the heads.

    The fork stands after the shared layer: it is all that the objectives have in common on a frozen trunk.
    """

    def __init__(self, heads: PixelHeads, fork: Fork | None = None):
        super().__init__()
        self.heads, self.fork = heads, fork

    def forward(self, turn_states: Tensor, turn_mask: Tensor) -> dict[str, Tensor]:
        """`[batch, turns, inputs]` and `[batch, turns]` to logits by field, `[batch, turns, width]`."""
        shared = self.heads.share(dict.fromkeys(HEAD_OBJECTIVES, turn_states))
        if self.fork is not None and torch.is_grad_enabled():
            one = shared[HEAD_OBJECTIVES[0]]
            itself = torch.eye(one.size(1), device=one.device).expand(len(one), -1, -1)
            shared = self.fork(one, itself)[1]
        return self.heads.read_out(shared, turn_mask)


class _Conversations(Rows):
    """Rows of a table, handed out a batch at a time."""

    def __init__(self, table: TurnTable, rows: list[int] | None = None):
        self.table, self.rows = table, list(range(len(table))) if rows is None else list(rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitems__(self, indices: list[int]) -> dict[str, Tensor]:
        return self.table.batch([self.rows[index] for index in indices])


def _as_it_is(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return batch


class TurnTrainer(ObjectiveTraining, Trainer):
    """
    Trains the heads and their shared layer on cached turn states, a few milliseconds a step.

    Everything that `PixelTrainer` does with objectives holds here too; there is no language loss, since the trunk
    stays as it is. Stands where `PixelTrainer` stands in `recipes/train.py`.

    Args:
        network: with fixed pooling and no emotion attention.
        args: see `PixelTrainingArguments`.
        train_dataset: conversations, or examples (not packed), or a `TurnTable` of them.
        eval_dataset: likewise.
        processing_class: the tokenizer.
        rows: which conversations an epoch goes through, repeats allowed (default: each once).
        curriculum: over these rows; by default the one that `args.curriculum` says, which needs examples and no table.

    Raises:
        SettingError: learned pooling, whose states cannot be cached; several processes, or sharding.
    """

    can_assess = True

    def __init__(
        self,
        network: PixelForCausalLM,
        args,
        train_dataset: Dataset | TurnTable,
        eval_dataset: Dataset | TurnTable | None = None,
        processing_class=None,
        rows: list[int] | None = None,
        curriculum: Curriculum | None = None,
        callbacks=None,
    ):
        if network.pooling.query is not None:
            raise SettingError(
                "a frozen trunk's turn states are cached, and learned pooling changes. "
                "Mend: set readout_pooling to mean or mean+last"
            )
        require_one_process("frozen_trunk trains heads")
        set_seed(args.seed)
        pixel = network.requires_grad_(False).eval()
        pixel.heads.requires_grad_(True)

        if curriculum is None and args.curriculum and isinstance(train_dataset, Dataset):
            examples = self._examples(train_dataset, processing_class, args)
            curriculum = curriculum_over(examples if rows is None else examples.select(rows), args.curriculum)

        def table(data):
            if data is None or isinstance(data, TurnTable):
                return data
            return TurnTable.of(pixel, self._examples(data, processing_class, args), processing_class.pad_token_id)

        self.table, eval_table = table(train_dataset), table(eval_dataset)
        standardise(pixel.heads, self.table, args.seed)
        args.remove_unused_columns = False
        args.label_names = []
        super().__init__(
            model=TurnReader(pixel.heads),
            args=args,
            data_collator=_as_it_is,
            train_dataset=_Conversations(self.table, rows),
            eval_dataset=None if eval_table is None else _Conversations(eval_table),
            processing_class=processing_class,
            callbacks=callbacks,
        )
        self.pixel = pixel
        self._probed: dict[bytes, Tensor] = {}
        self.set_up_objectives()
        if "shared" in pixel.heads:
            self.model.fork = self.new_fork()
        self.follow_curriculum(curriculum)
        measure_held_out(self, eval_dataset, processing_class)
        print_briefly(self)

    @staticmethod
    def _examples(dataset: Dataset, tokenizer, args) -> Dataset:
        if "input_ids" in dataset.column_names:
            return dataset
        return encode_dataset(dataset, tokenizer, args.max_length)

    def _get_train_sampler(self, train_dataset=None):
        if self.curriculum is not None:
            return CompetenceSampler(self.curriculum, self._train_batch_size, self.args.seed)
        return super()._get_train_sampler(train_dataset)

    # ── the loss ──

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        """The heads' losses, each weighted as the moment asks."""
        training = model.training
        labels = {name: value for name, value in inputs.items() if name != "turn_states"}
        mine = label_counts(labels)
        counts = self._step_counts if training and self._step_counts is not None else mine
        readouts = model(inputs["turn_states"], inputs["turn_mask"])
        objectives, components = objective_losses(readouts, labels, counts, self.args.field_weights)
        mode = "train" if training else "eval"
        for name, mean in components.items():
            self.record(mode, name, mean * counts[name], mine[name])
        loss = self.weigh(objectives) * (self.accelerator.num_processes if training else 1)
        return (loss, {"readouts": readouts}) if return_outputs else loss

    def prediction_step(self, model, inputs, prediction_loss_only, ignore_keys=None):
        """The loss alone: read-outs are measured by `read`."""
        with torch.no_grad():
            return self.compute_loss(model, self._prepare_inputs(inputs)).detach(), None, None

    # ── reading ──

    @torch.no_grad()
    def read_batch(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """What the heads say of a collated batch without labels: logits by field. Its turn states are kept."""
        key = batch["input_ids"].numpy().tobytes()
        if key not in self._probed:
            self._probed[key] = self.pixel.turn_states(**{n: x for n, x in batch.items() if n != "turn_mask"})
        training = self.pixel.heads.training
        self.pixel.heads.eval()
        try:
            return TurnReader(self.pixel.heads)(self._probed[key], batch["turn_mask"])
        finally:
            self.pixel.heads.train(training)

    @torch.no_grad()
    def read(self, table: TurnTable, batch_size: int = 256) -> dict[str, FieldReadings]:
        """The heads' logits on every labelled turn of a table, beside the labels."""
        training = self.pixel.heads.training
        self.pixel.heads.eval()
        readings: dict[str, FieldReadings] = {}
        reader = TurnReader(self.pixel.heads)
        for start in range(0, len(table), batch_size):
            rows = range(start, min(start + batch_size, len(table)))
            batch = {name: value.to(self.args.device) for name, value in table.batch(rows).items()}
            logits = reader(batch["turn_states"], batch["turn_mask"])
            groups = table.groups[rows.start + batch["turn_mask"][0].cpu().numpy() - 1]  # [turns]
            for name in set(batch) & set(logits):
                into = readings.setdefault(name, FieldReadings())
                into.add(logits[name][0].unsqueeze(1), batch[name][0].unsqueeze(1), groups)
        self.pixel.heads.train(training)
        return readings

    def trained_fields(self) -> list[str]:
        """The label fields that the training set holds a label for and the model a head."""
        return [name for name in self.pixel.config.fields if name in self.table.labels]

    def merged_network(self) -> PixelForCausalLM:
        """The network with its trained heads."""
        return self.pixel


@torch.no_grad()
def standardise(heads: PixelHeads, table: TurnTable, seed: int, sample: int = 4000) -> None:
    """
    Start the norms of the heads so that each dimension has mean 0 and variance 1 over the training set.

    A few dimensions of a language model's states are a hundred times as large as the rest; plain layer norm leaves
    that, and gradient descent then learns along these few alone.
    """
    draw = torch.Generator().manual_seed(seed)
    batch = table.batch(torch.randperm(len(table), generator=draw)[:sample].tolist())
    states, mask = batch["turn_states"], batch["turn_mask"]
    seen = {part.size(-1): part[mask > 0] for part in (states, PersonaHead.with_change(states, mask))}
    for module in heads.modules():
        if isinstance(module, nn.LayerNorm) and module.normalized_shape[0] in seen:
            plain = nn.functional.layer_norm(seen[module.normalized_shape[0]], module.normalized_shape)
            scale = plain.std(0).clamp_min(1e-3)
            module.weight.copy_(1 / scale)
            module.bias.copy_(-plain.mean(0) / scale)
