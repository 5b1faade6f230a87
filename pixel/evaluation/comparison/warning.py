"""Who is told of a regression: `pixel.monitoring` alerts, one a flagged metric and one a jump for the worse."""

from collections.abc import Sequence

from pixel.evaluation.comparison.trend import Trend
from pixel.evaluation.comparison.versions import Comparison
from pixel.monitoring.alerts import Alert, Alerts


def send_alerts(comparison: Comparison, trends: Sequence[Trend], alerts: Alerts) -> None:
    """
    Tell of everything that got worse.

    Args:
        comparison: its flagged regressions become alerts `evaluation_regression`, severity `error`; `step` is the
            candidate's place, from 1.
        trends: a jump for the worse becomes `evaluation_jump`, a steady way down `evaluation_slope`, severity
            `warning`; `step` is the version's place in the row of versions, the baseline being 0.
        alerts: where to.
    """
    place = {name: number for number, name in enumerate((comparison.baseline, *comparison.candidates))}
    for change in comparison.regressions:
        alerts.send(
            Alert(
                "evaluation_regression",
                "error",
                place[change.candidate],
                f"{change.candidate}: {change.task} {change.metric} went from {change.before:.4g} to "
                f"{change.after:.4g} (p {change.p_holm:.2g} after Holm, {change.n} pairs) "
                f"beside {comparison.baseline}. Mend: look at the items that changed most in comparison.html",
                {
                    "before": change.before,
                    "after": change.after,
                    "difference": change.difference,
                    "p_holm": change.p_holm,
                },
            )
        )
    for trend in trends:
        if trend.slope and trend.slope["worse"]:
            alerts.send(
                Alert(
                    "evaluation_slope",
                    "warning",
                    place[trend.versions[-1]],
                    f"{trend.task} {trend.metric} gets worse by {abs(trend.slope['per_version']):.3g} a version, from "
                    f"{trend.values[0]:.4g} to {trend.values[-1]:.4g}. Mend: look at the trend in comparison.html",
                    {"per_version": trend.slope["per_version"]},
                )
            )
        for jump in trend.change_points:
            if jump["worse"]:
                alerts.send(
                    Alert(
                        "evaluation_jump",
                        "warning",
                        place[jump["at"]],
                        f"{trend.task} {trend.metric} has been at {jump['after']:.4g} instead of "
                        f"{jump['before']:.4g} since {jump['at']}. Mend: compare that version with the one before it",
                        {"before": jump["before"], "after": jump["after"]},
                    )
                )
