"""
Several processes do what their launcher was asked for, or the run stops at once and says why.

Three ways in which a launch silently becomes something else (accelerate 1.15): `distributed_type: MULTI_CPU` starts a
single process; `FSDP` on CPUs, and `DEEPSPEED` with ACCELERATE_USE_CPU set, run plain data parallel.
"""

import os
import warnings
from pathlib import Path

from accelerate.state import PartialState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from torch import nn

from pixel.models import PixelForCausalLM
from pixel.training.arguments import SettingError

_PARALLEL = "PARALLELISM_CONFIG_"  # what `accelerate launch` sets from `parallelism_config`


class ShardedTraining:
    """
    A mixin before `transformers.Trainer`: its ranks are what the launcher's configuration says.

    FSDP2 on CPUs is made real here: accelerate knows FSDP on accelerators only, although `fully_shard` and gloo do all
    that it needs.
    """

    def create_accelerator_and_postprocess(self) -> None:
        """
        As `Trainer`, then FSDP on CPUs.

        Raises:
            SettingError: what was launched is not what was asked for, or cannot hold with turn spans.
        """
        refuse_split_sequences(getattr(self.args, "parallelism_config", None))
        refuse_deaf_launch()
        if self.args.activation_offloading and self.args.device.type == "cpu":
            raise SettingError(
                "activation_offloading moves activations from an accelerator to the host, and this run has no "
                "accelerator. Mend: leave it out; activation_checkpointing saves memory on a CPU too"
            )
        super().create_accelerator_and_postprocess()
        state = self.accelerator.state
        if _asked("FSDP") and state.distributed_type == DistributedType.MULTI_CPU:
            state.fsdp_plugin = FullyShardedDataParallelPlugin()  # reads what the launcher left in the environment
            if state.mixed_precision != "no":
                state.fsdp_plugin.set_mixed_precision(state.mixed_precision)
            state.distributed_type = DistributedType.FSDP
            PartialState._shared_state["distributed_type"] = DistributedType.FSDP  # each new state copies this one
            self.is_fsdp_enabled = True
        require_as_asked(state.distributed_type, self.accelerator.num_processes)
        refuse_disagreement(getattr(self.args, "hf_deepspeed_config", None))

    def _load_from_checkpoint(self, resume_from_checkpoint, model=None):
        """
        Whole networks are read as `from_pretrained` reads them: a checkpoint names each expert, and transformers
        5.23 itself takes such a file with a mere warning and leaves the experts as they were at the start.
        """
        network = self.model if model is None else model
        whole_file = list(Path(resume_from_checkpoint).glob("model*.safetensors"))
        if not isinstance(network, PixelForCausalLM) or self.is_fsdp_enabled or not whole_file:
            return super()._load_from_checkpoint(resume_from_checkpoint, model)
        kept = PixelForCausalLM.from_pretrained(resume_from_checkpoint, config=network.config, dtype=network.dtype)
        network.load_state_dict(kept.state_dict())

    def _prepare_for_training(self, *args, **kwargs):
        # The readout layer's output is a view, made by the fork; nothing after it works in place.
        warnings.filterwarnings("ignore", message=r"FSDP2-wrapped module .* returned a view", category=UserWarning)
        prepared = super()._prepare_for_training(*args, **kwargs)
        if self.is_fsdp_enabled:
            require_shards(self.model_wrapped, "FSDP2")
        elif self.is_deepspeed_enabled and self.accelerator.state.deepspeed_plugin.zero_stage == 3:
            require_shards(self.model_wrapped, "ZeRO-3")
        return prepared


def _asked(what: str) -> bool:
    return os.environ.get(f"ACCELERATE_USE_{what}", "false").lower() == "true"


def refuse_deaf_launch() -> None:
    """
    Raises:
        SettingError: several processes were asked for and this is the only one, by no fault of this process.
    """
    single = "LOCAL_RANK" not in os.environ and "PMI_SIZE" not in os.environ
    if single and "MASTER_PORT" in os.environ and os.environ.get("ACCELERATE_USE_CPU", "").lower() == "true":
        raise SettingError(
            "the launcher was asked for several CPU processes and started one (accelerate does so with "
            "distributed_type MULTI_CPU or --cpu). Mend: use accelerate_configs/ddp.yaml with --num_processes N and "
            "use_cpu among the training arguments, or unset MASTER_PORT if one process is meant"
        )


def require_one_process(what: str) -> None:
    """
    Args:
        what: cannot be trained by several processes.

    Raises:
        SettingError: this is one of several, or shards by DeepSpeed or FSDP.
    """
    refuse_deaf_launch()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 or _asked("DEEPSPEED") or _asked("FSDP"):
        raise SettingError(
            f"{what} in one process only: the trunk is read once, and the heads take milliseconds a step. "
            "Mend: start it without accelerate launch, or with accelerate_configs/cpu.yaml"
        )


def require_as_asked(got: DistributedType, processes: int) -> None:
    """
    Args:
        got: what accelerate made of the launch.
        processes: how many it counts.

    Raises:
        SettingError: FSDP or DeepSpeed was asked for and something else runs, or ranks do not know of each other.
    """
    launched = int(os.environ.get("WORLD_SIZE", "1"))
    if launched != processes:
        raise SettingError(
            f"{launched} processes were launched and each takes the world for {processes}. "
            "Mend: add use_cpu: true to the training arguments where there is no accelerator"
        )
    for what, name in (("FSDP", "FSDP2"), ("DEEPSPEED", "ZeRO")):
        if _asked(what) and got != DistributedType[what]:
            raise SettingError(
                f"{name} was asked for and {got.value} would run: every process would hold the whole model. "
                "Mend: unset ACCELERATE_USE_CPU, launch at least two processes, and use a file of accelerate_configs"
            )


def refuse_split_sequences(config) -> None:
    """
    Args:
        config: `ParallelismConfig` of the training arguments, or None.

    Raises:
        SettingError: one sequence over several processes, which turn spans do not allow.
    """
    for name, words in (("cp", "context parallel"), ("sp", "Ulysses sequence parallel"), ("tp", "tensor parallel")):
        told = int(os.environ.get(f"{_PARALLEL}{name.upper()}_SIZE", "1") or 1)
        size = max(getattr(config, f"{name}_size", None) or 1, told)
        if size > 1 and name == "tp":
            raise SettingError(
                f"tp_size is {size}: the heads have no tensor-parallel plan. "
                "Mend: shard with ZeRO-3 or FSDP2 (accelerate_configs/zero3_8gpu.yaml, fsdp2.yaml)"
            )
        if size > 1:
            raise SettingError(
                f"{name}_size is {size}: {words} training splits a sequence over processes, and a turn that lies on "
                "two of them can neither be pooled nor have its gradients weighed at the fork. Mend: leave it out; "
                "for long rows lower per_device_train_batch_size to 1, then max_length, and use "
                "activation_checkpointing with ZeRO-3 or FSDP2"
            )


def refuse_disagreement(config) -> None:
    """
    Args:
        config: `HfTrainerDeepSpeedConfig`, or None.

    Raises:
        SettingError: the launcher's file and the training arguments differ; transformers says so after preparation.
    """
    if config is not None and config.mismatches:
        said = "; ".join(text.removeprefix("- ") for text in config.mismatches)
        raise SettingError(
            f"the accelerate config and the training arguments do not agree: {said}. "
            "Mend: write auto in deepspeed_config, or the same number in both"
        )


def require_shards(model: nn.Module, name: str) -> None:
    """
    Raises:
        SettingError: a parameter lies whole on this process.
    """
    from torch.distributed.tensor import DTensor

    for parameter_name, parameter in model.named_parameters():
        if not (isinstance(parameter, DTensor) or hasattr(parameter, "ds_id")):
            raise SettingError(
                f"{name} was asked for and {parameter_name} is not sharded. Mend: use a file of accelerate_configs, "
                "and build the training arguments before the model"
            )
