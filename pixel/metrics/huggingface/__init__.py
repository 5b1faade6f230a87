"""Every metric as an `evaluate` metric: made on the spot, saved as a folder, pushed to the Hub as a Space."""

from typing import TYPE_CHECKING, Any

from pixel.metrics.huggingface.folder import push_metric, save_metric

if TYPE_CHECKING:
    import evaluate

__all__ = ["as_metric", "demo", "push_metric", "save_metric"]


def as_metric(name: str, **options: Any) -> "evaluate.Metric":
    """
    An `evaluate.Metric` of one of our metrics. Needs no network; the first call imports `evaluate` (seconds).

    Args:
        name: in `pixel.metrics.catalogue.SHEETS`.
        options: of `evaluate.Metric`, such as `cache_dir`, `num_process`, `experiment_id`.

    Returns:
        a metric whose `compute(references=..., predictions=...)` answers `{name: value, "reason": reason}`.

    Raises:
        ValueError: no such metric.
        ModuleNotFoundError: `evaluate` is not installed; says how to mend it.

    Example:
        >>> as_metric("accuracy").compute(references=[0, 1], predictions=[0, 0])
        {'accuracy': 0.5, 'reason': None}
    """
    from pixel.metrics.catalogue import sheet

    sheet(name)  # names the metrics that there are
    try:
        from pixel.metrics.huggingface.metric import metric_class
    except ModuleNotFoundError as error:
        if error.name != "evaluate":
            raise
        mend = 'Mend: pip install -e ".[eval]"'
        raise ModuleNotFoundError(f"this needs the library evaluate. {mend}", name=error.name) from None
    if options.get("num_process", 1) == 1:
        options.setdefault("keep_in_memory", True)
    return metric_class(name)(**options)


def demo(name: str) -> Any:
    """The page of a metric's Space, a `gradio.Interface`; see `pixel.metrics.huggingface.page`."""
    from pixel.metrics.huggingface.page import page

    return page(name)
