"""Heads alone, on turn states that the frozen trunk computed once."""

import time
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import torch
from datasets import Dataset
from torch import Tensor, nn
from tqdm.auto import tqdm
from transformers import set_seed

from pixel.data.collator import PixelCollator
from pixel.data.examples import encode_dataset
from pixel.metrics.operating_point import fit_offsets
from pixel.models import PixelForCausalLM
from pixel.models.head_layers import FieldHeads, ReadoutMLP
from pixel.models.head_persona import PersonaHead
from pixel.models.labels import EQ_DOMAINS, FIELDS
from pixel.training.arguments import SettingError
from pixel.training.closed_form import Problem, fit_problem
from pixel.training.lexical_fit import fit_lexical
from pixel.training.sharding import require_one_process
from pixel.training.trainer import require_something_to_learn
from pixel.training.turn_cache import turn_states

LEAST = 20
"""Labelled turns a head needs before it is fitted."""


@dataclass
class _Job:
    """One linear map of the heads: its module, the field it reads, and which of the field's columns."""

    module: ReadoutMLP
    field: str
    columns: slice


class FrozenTrainer:
    """
    Fits the heads of a network whose trunk stays as it is, each to the optimum of its convex problem.

    Turn states are computed once and kept on disk. The penalty of every head, and whether it reads all poolings or the
    means alone, are chosen by held-out loss over grouped folds; the same folds give out-of-fold logits, from which the
    operating points (`PixelConfig.offsets`) are fitted without touching validation data. There is nothing for
    gradients to conflict about: the heads share no weight.

    Stands where `PixelTrainer` stands in `recipes/train.py`.

    Args:
        network: with linear heads (`head_hidden_size: 0`), no emotion attention, no learned pooling.
        args: see `PixelTrainingArguments`; `lexical_fields` also get a lexical expert.
        train_dataset: conversations, or examples (not packed, without repeats).
        processing_class: the tokenizer.
        peft_config: must be `None`.

    Raises:
        SettingError: heads that are not linear, learned pooling, several processes, or nothing to learn from.
    """

    can_assess = True
    is_deepspeed_enabled = is_fsdp_enabled = False

    def __init__(
        self, network: PixelForCausalLM, args, train_dataset: Dataset, processing_class=None, peft_config=None
    ):
        config = network.config
        if config.head_hidden_size or config.emotion_attention or network.pooling.query is not None:
            raise SettingError(
                "frozen_trunk fits linear heads. Mend: set head_hidden_size: 0, emotion_attention: false and "
                "readout_pooling to mean or mean+last"
            )
        require_one_process("frozen_trunk fits heads")
        if "input_ids" not in train_dataset.column_names:
            train_dataset = encode_dataset(train_dataset, processing_class, args.max_length)
        require_something_to_learn(train_dataset)
        set_seed(args.seed)
        self.pixel, self.args, self.processing_class = network.requires_grad_(False), args, processing_class
        self.train_dataset = train_dataset
        self.state = SimpleNamespace(log_history=[], global_step=0)
        self.offsets: dict[str, list[float]] = {}
        self.fitted: set[str] = set()

    def train(self, resume_from_checkpoint=None) -> None:
        """Fit every head that has labels. Turn states found on disk are not computed again."""
        started = time.time()
        examples, network = self.train_dataset, self.pixel
        by_example = turn_states(network, examples, self.processing_class.pad_token_id)
        sizes = torch.tensor([len(part) for part in by_example])
        states = torch.cat(by_example)  # [turns, inputs]
        conversation = torch.repeat_interleave(torch.arange(1, len(sizes) + 1), sizes)  # [turns]
        network.eval()
        held_out: dict[str, Tensor] = {}
        labelled = [name for name in network.config.fields if name in examples.column_names]
        targets = {name: _targets(examples, name) for name in labelled}
        groups = np.repeat(np.array(examples["group"]), sizes.numpy())
        jobs = [job for job in jobs_of(network.heads) if job.field in targets]
        for job in (bar := tqdm(jobs, desc="Heads")):
            bar.set_postfix_str(job.field)
            self._fit(job, states, conversation, targets[job.field], groups, held_out)
        if "eq_total" in targets:
            self._fit_total(states, targets["eq_total"])
            self.fitted.add("eq_total")
        words = fit_lexical(network, examples, self.args.lexical_fields, groups=groups, seed=self.args.seed)
        for name, logits in held_out.items():
            mixed = (logits + words[name]) / 2 if name in words else logits
            known = ~torch.isnan(mixed).any(-1)
            target = targets[name][known] if FIELDS[name].is_vector else targets[name][known].nan_to_num(-100)
            offsets = fit_offsets(name, mixed[known].numpy(), target.numpy())
            if offsets is not None:
                self.offsets[name] = offsets
        self.state.global_step = len(jobs)
        self.state.log_history.append({"train_runtime": time.time() - started, "step": len(jobs)})

    def _fit(
        self, job: _Job, states: Tensor, conversation: Tensor, target: Tensor, groups: np.ndarray, held_out
    ) -> None:
        field = FIELDS[job.field]
        target = target[:, job.columns] if field.is_vector else target
        known = ~target.isnan().all(-1) if field.is_vector else ~target.isnan()
        if int(known.sum()) < LEAST:
            return
        features = self._features(job.module, states, conversation, known)
        labels = target[known]
        if field.kind == "ordinal":
            labels = (labels.unsqueeze(1) >= torch.arange(1, field.size)).float()
        fit = fit_problem(
            Problem(
                features,
                labels,
                groups[known.numpy()],
                softmax=field.kind == "categorical",
                classes=job.module.out.out_features,
                masks=_masks(self.pixel, features.size(1)),
            ),
            seed=self.args.seed,
        )
        self.fitted.add(job.field)
        with torch.no_grad():
            job.module.norm.weight.copy_(1 / fit.scale)
            job.module.norm.bias.copy_(-fit.mean / fit.scale)
            job.module.out.weight.copy_(fit.weight.T)
            job.module.out.bias.copy_(fit.bias)
        whole = held_out.setdefault(job.field, torch.full((len(target), field.logits), torch.nan))
        whole[known.nonzero().squeeze(1).unsqueeze(1), torch.arange(field.logits)[job.columns]] = fit.held_out
        for number, loss in enumerate((fit.loss_prior, fit.loss)):
            self.state.log_history.append({"loss": loss, f"loss_{job.field}": loss, "step": number})

    def _features(self, module: ReadoutMLP, states: Tensor, conversation: Tensor, known: Tensor) -> Tensor:
        """What a linear map reads of the labelled turns, layer-normalised: float32 `[labelled turns, inputs]`."""
        width = module.norm.normalized_shape[0]
        if width == states.size(1):
            read = states[known]
        else:  # the persona head's maps that look at the turn before
            read = PersonaHead.with_change(states[None], conversation[None])[0][known]
        return nn.functional.layer_norm(read.float(), (width,))

    def _fit_total(self, states: Tensor, target: Tensor) -> None:
        """The non-negative weights of the EQ domains in the total, by L-BFGS on the labelled totals."""
        head = self.pixel.heads["eq"]
        known = ~target[:, 0].isnan()
        flat = states[known].float().unsqueeze(0)
        with torch.no_grad():
            scores = head(flat)["eq"][0].sigmoid()
        raw = torch.zeros(1, len(EQ_DOMAINS), requires_grad=True)
        optimizer = torch.optim.LBFGS([raw], max_iter=50, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimizer.zero_grad()
            total = (scores * raw.softmax(-1)).sum(-1)
            loss = (total - target[known, 0]).square().mean() + 1e-3 * raw.square().sum()
            loss.backward()
            return loss

        optimizer.step(closure)
        with torch.no_grad():
            head.weighting.weight.copy_(raw)

    def trained_fields(self) -> list[str]:
        """The label fields whose heads were fitted."""
        return [name for name in self.pixel.config.fields if name in self.fitted]

    def merged_network(self) -> PixelForCausalLM:
        """The network with its trained heads."""
        return self.pixel


def jobs_of(heads: nn.Module) -> list[_Job]:
    """Every linear map of the heads, with the field and the columns it reads."""
    jobs = []
    for head in heads.modules():
        if isinstance(head, FieldHeads):
            jobs += [_Job(module, name, slice(None)) for name, module in head.fields.items()]
    if "eq" in heads:
        jobs += [_Job(heads["eq"].domains[name], "eq", slice(i, i + 1)) for i, name in enumerate(EQ_DOMAINS)]
    return jobs


def _masks(network: PixelForCausalLM, inputs: int) -> Tensor:
    """Candidates: all features; and, where there is a `last` pooling, all but it."""
    hidden, size = network.config.text_config.hidden_size, network.config.turn_state_size
    everything = torch.ones(inputs)
    if "last" not in network.pooling.kinds or len(network.pooling.kinds) == 1:
        return everything[None]
    without = everything.clone()
    place = network.pooling.kinds.index("last") * hidden
    for copy in range(inputs // size):
        without[copy * size + place : copy * size + place + hidden] = 0.0
    return torch.stack([without, everything])


def _targets(examples: Dataset, name: str) -> Tensor:
    """A field's labels for every turn of every example: float, NaN for unknown; `[turns, size]` or `[turns]`."""
    collate = PixelCollator(0)
    field, out = FIELDS[name], []
    for spans, labels in zip(examples["turn_spans"], examples[name], strict=True):
        out.append(collate.labels(field, [labels], len(spans))[0].float())
    whole = torch.cat(out)
    return whole if field.is_vector else whole.masked_fill(whole == -100, torch.nan)
