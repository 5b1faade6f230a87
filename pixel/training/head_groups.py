"""Parameter groups of their own for what is not the backbone."""

import torch
from torch import nn


def split_head_groups(optimizer: torch.optim.Optimizer, model: nn.Module, learning_rate: float) -> None:
    """Move what is not the backbone's into parameter groups with their own learning rate."""
    trunk = ("model.", "lm_head.")
    heads = set()
    for name, parameter in model.named_parameters():
        plain = name.removeprefix("module.").removeprefix("base_model.model.")
        if not plain.startswith(trunk):
            heads.add(parameter)
    for group in list(optimizer.param_groups):
        own = [parameter for parameter in group["params"] if parameter in heads]
        if own:
            group["params"] = [parameter for parameter in group["params"] if parameter not in heads]
            options = {key: value for key, value in group.items() if key not in ("params", "lr", "initial_lr")}
            optimizer.add_param_group({**options, "params": own, "lr": learning_rate})
    optimizer.param_groups[:] = [group for group in optimizer.param_groups if group["params"]]
