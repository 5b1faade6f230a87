"""All turns of a dataset as tables: their cached states and their labels, ready to be cut into batches."""

from collections.abc import Sequence

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor, nn

from pixel.data.collator import IGNORE, PixelCollator
from pixel.models import PixelForCausalLM
from pixel.models.labels import FIELDS
from pixel.training.turn_cache import turn_states


class TurnTable:
    """
    States and labels of every turn of a dataset of examples, conversation by conversation.

    Attributes:
        states: bfloat16 `[all turns, config.turn_state_size]`.
        starts: int `[conversations + 1]`, where each conversation begins in `states`.
        roles: int `[all turns]`, indices into `pixel.data.schema.ROLES`.
        labels: field -> float `[all turns, size]`, NaN for unknown, or int `[all turns]`, -100 for unknown.
        groups: the person or thread of each conversation.
    """

    def __init__(self, states: Tensor, starts: Tensor, roles: Tensor, labels: dict[str, Tensor], groups: np.ndarray):
        self.states, self.starts, self.roles, self.labels, self.groups = states, starts, roles, labels, groups

    @classmethod
    def of(cls, network: PixelForCausalLM, examples: Dataset, pad_token_id: int) -> "TurnTable":
        """
        The table of a dataset.

        Args:
            network: whose trunk is frozen.
            examples: of `pixel.data.examples.encode_dataset`, not packed.
            pad_token_id: of the tokenizer.
        """
        states = turn_states(network, examples, pad_token_id)
        return cls(
            torch.cat(states),
            torch.tensor([0, *(len(part) for part in states)]).cumsum(0),
            torch.cat([torch.tensor(roles) for roles in examples["turn_roles"]]),
            {name: _column(examples, name) for name in network.config.fields if name in examples.column_names},
            np.array(examples["group"]).astype(str),
        )

    def select(self, rows: Sequence[int]) -> "TurnTable":
        """The table of some of the conversations."""
        batch = self.batch(rows)
        sizes = self.starts[1:][list(rows)] - self.starts[:-1][list(rows)]
        return TurnTable(
            batch.pop("turn_states")[0].to(self.states.dtype),
            nn.functional.pad(sizes.cumsum(0), (1, 0)),
            batch.pop("turn_roles")[0],
            {name: value[0] for name, value in batch.items() if name in FIELDS},
            self.groups[list(rows)],
        )

    @classmethod
    def join(cls, tables: Sequence["TurnTable"]) -> "TurnTable":
        """Several tables as one; a field that one of them lacks is unknown there."""
        sizes = torch.cat([table.starts[1:] - table.starts[:-1] for table in tables])
        fields = {name: labels for table in tables for name, labels in table.labels.items()}
        return cls(
            torch.cat([table.states for table in tables]),
            nn.functional.pad(sizes.cumsum(0), (1, 0)),
            torch.cat([table.roles for table in tables]),
            {name: torch.cat([table.labels.get(name, _unknown(table, like)) for table in tables])
             for name, like in fields.items()},
            np.concatenate([table.groups for table in tables]),
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.starts) - 1

    def objectives(self) -> dict[str, np.ndarray]:
        """For each objective, bool `[conversations]`: which hold a label of one of its fields."""
        marks: dict[str, np.ndarray] = {}
        for name, labels in self.labels.items():
            known = ~labels.isnan().all(-1) if FIELDS[name].is_vector else labels != IGNORE
            seen = np.add.reduceat(known.numpy().astype(int), self.starts[:-1].numpy()) > 0
            objective = FIELDS[name].objective
            marks[objective] = marks.get(objective, np.zeros(len(self), dtype=bool)) | seen
        return marks

    def batch(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """
        Some conversations, packed into one row without padding.

        Returns:
            `turn_states` float `[1, turns, inputs]`; `turn_mask` int `[1, turns]`, the number (1, 2, ...) of each
            turn's conversation; `turn_roles`; and each field that is labelled anywhere in these rows, as
            `PixelCollator` gives it.
        """
        rows = torch.as_tensor(list(rows))
        sizes = self.starts[rows + 1] - self.starts[rows]
        number = torch.repeat_interleave(torch.arange(len(rows)), sizes)
        within = torch.arange(len(number)) - (sizes.cumsum(0) - sizes)[number]
        places = self.starts[rows][number] + within
        out = {
            "turn_states": self.states[places].float(),
            "turn_mask": number + 1,
            "turn_roles": self.roles[places],
        }
        for name, labels in self.labels.items():
            part = labels[places]
            if not bool(part.isnan().all() if FIELDS[name].is_vector else (part == IGNORE).all()):
                out[name] = part
        return {name: value.unsqueeze(0) for name, value in out.items()}


def _unknown(table: TurnTable, like: Tensor) -> Tensor:
    """Labels of a field that nobody gave, shaped and typed as `like`."""
    return like.new_full((len(table.states), *like.shape[1:]), torch.nan if like.is_floating_point() else IGNORE)


def _column(examples: Dataset, name: str) -> Tensor:
    """One field's labels over all turns."""
    field = FIELDS[name]
    return torch.cat(
        [
            PixelCollator.labels(field, [labels], len(spans))[0]
            for spans, labels in zip(examples["turn_spans"], examples[name], strict=True)
        ]
    )
