"""How objectives share one trunk: loss weights, the fork where gradients meet, Gram matrices, weightings, measures."""

from importlib import import_module

_HOME = {
    "Balancer": "balancer",
    "Fidelity": "exact",
    "Fork": "fork",
    "ForkSweep": "probe_fork",
    "LossWeights": "loss_weights",
    "NormWatch": "norm_watch",
    "SCHEDULES": "schedules",
    "WEIGHTINGS": "weighting",
    "exact_gram": "exact",
    "fidelity": "exact",
    "gradient_gram": "gram",
    "installed_weightings": "weighting",
    "lora_b_modules": "probe_sweep",
    "replicated_gram": "probe_replicated",
    "summary": "conflicts",
    "sweep_gram": "probe_sweep",
}

__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
