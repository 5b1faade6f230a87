"""
Hold versions of a model against a baseline, item by item.

    python recipes/compare.py --baseline outputs/eval_v1 --candidates outputs/eval_v2 --output outputs/comparison
    python recipes/compare.py --baseline eval1 --candidates eval2 eval3 eval4 --output comparison --fail_on_regression

The folders are those of recipes/evaluate.py, candidates in the order they were made. Written are comparison.json and
comparison.html: every metric paired by item, with an interval, a p-value corrected over all tests, what regressed and
what improved, the items that changed most, jumps over the versions, and the settings in which the versions differ.

Exit status with --fail_on_regression: 2 where a regression was flagged.
"""

import argparse
import sys
from pathlib import Path


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--baseline", required=True, type=Path, help="folder of the version to compare with")
    parser.add_argument("--candidates", required=True, type=Path, nargs="+", help="folders of later ones, in order")
    parser.add_argument("--output", required=True, type=Path, help="folder for comparison.json and comparison.html")
    parser.add_argument("--alpha", type=float, default=0.05, help="chance of any false flag (default: 0.05)")
    parser.add_argument("--least", type=float, default=0.0, help="smallest difference flagged, in the metric's unit")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alerts", type=Path, help="also append alerts to this file, one line of JSON each")
    parser.add_argument("--webhook", help="also POST alerts to this address")
    parser.add_argument("--fail_on_regression", action="store_true", help="exit with status 2 if anything regressed")
    chosen = parser.parse_args(arguments)
    if not 0 < chosen.alpha < 1 or chosen.least < 0:
        parser.error("--alpha lies between 0 and 1, --least is not negative")
    return chosen


def main(chosen: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from pixel.evaluation.comparison.configuration import differing
    from pixel.evaluation.comparison.page import write_page
    from pixel.evaluation.comparison.trend import trend_of
    from pixel.evaluation.comparison.version import read_version
    from pixel.evaluation.comparison.versions import compare_versions
    from pixel.evaluation.comparison.warning import send_alerts
    from pixel.metrics.table import markdown
    from pixel.monitoring.alert_sinks import WebhookSink, build_sinks
    from pixel.monitoring.alerts import Alerts
    from pixel.training.keeping import write_json

    # ── read ──
    versions = [read_version(folder) for folder in (chosen.baseline, *chosen.candidates)]

    # ── compare ──
    comparison = compare_versions(versions[0], versions[1:], alpha=chosen.alpha, least=chosen.least, seed=chosen.seed)
    keys = sorted(set().union(*(version.rows for version in versions))) if len(versions) > 2 else []
    trends = [trend_of(versions, key) for key in keys]

    # ── keep ──
    data = {
        "schema": 1,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "comparison": comparison.as_dict(),
        "trends": [trend.as_dict() for trend in trends],
        "configuration": differing(versions),
    }
    chosen.output.mkdir(parents=True, exist_ok=True)
    write_json(chosen.output / "comparison.json", data)
    page = write_page(chosen.output / "comparison.html", data)

    # ── tell ──
    flagged = [change for change in comparison.changes if change.verdict in ("regressed", "improved", "changed")]
    rows = [[c.verdict, c.candidate, c.task, c.metric, c.before, c.after, c.low, c.high, c.p_holm] for c in flagged]
    if rows:
        print(markdown(["", "version", "task", "metric", "before", "after", "low", "high", "p Holm"], rows))
    print(
        f"{comparison.tests} tests: {len(comparison.regressions)} regressed, {len(comparison.improvements)} improved, "
        f"{comparison.tests - len(flagged)} without a shown difference. {page}"
    )
    sinks = build_sinks(file=chosen.alerts, webhook=chosen.webhook, run=comparison.baseline)
    send_alerts(comparison, trends, Alerts(sinks))
    for sink in sinks:
        webhook = getattr(sink, "sink", None)
        if isinstance(webhook, WebhookSink):
            webhook.close()
    return 2 if chosen.fail_on_regression and comparison.regressions else 0


if __name__ == "__main__":
    chosen = options()
    from pixel.training.command_line import explain

    with explain():
        sys.exit(main(chosen))
