"""Expert review: store, assignment, agreement, consensus, and the gate that holds a training run."""

from importlib import import_module

_HOME = {
    "Assignment": "records",
    "FileReviewStore": "mailbox",
    "GatePolicy": "gate_policy",
    "OwnRating": "records",
    "Receipt": "records",
    "ReviewDatabase": "store",
    "ReviewError": "errors",
    "Reviewer": "records",
    "VerdictError": "mailbox",
    "load_rubric": "rubric",
    "open_review": "backup",
    "push_export": "export",
    "restore_review": "backup",
    "review_rows": "loading",
}
__all__ = list(_HOME)


def __getattr__(name: str):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
