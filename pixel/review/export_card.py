"""The card of an export: what it is, how it came about, how far reviewers agree, and what it must not be used for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pixel.metrics.table import markdown


def export_card(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    agreement: Mapping[str, Mapping[str, Any]],
    progress: Mapping[str, Any],
) -> str:
    """
    The README, with the YAML header that the Hub reads.

    Args:
        rows: kind -> exported rows.
        agreement, progress: of the database.
    """
    from huggingface_hub import DatasetCardData

    configs = [{"config_name": kind, "data_files": f"{kind}.jsonl"} for kind, made in rows.items() if made]
    header = DatasetCardData(
        pretty_name="Expert review of Pixel's conversations",
        license="other",
        tags=["pixel", "expert-review", "preference", "mental-health"],
        configs=configs or None,
    ).to_yaml()
    licences = Counter(str(row["provenance"]["licence"]) for row in rows["ratings"])
    counts = markdown(["file", "rows"], [[f"`{kind}.jsonl`", str(len(made))] for kind, made in rows.items()])
    parts = [
        f"---\n{header}\n---\n\n# Expert review of Pixel's conversations\n",
        f"{progress['ratings']} ratings of {progress['items']} items by "
        f"{sum(person['rated'] > 0 for person in progress['reviewers'])} people, each blind to the others; "
        f"{progress['adjudicated']} items were adjudicated by somebody who had not rated them.\n",
        f"## Files\n\n{counts}\n{_FILES}\n",
        f"## Agreement\n\n{_agreement(agreement)}\n",
        "## Licences\n\nOf the conversations, by number of ratings; each row names its own: "
        + (", ".join(f"{name} ({count})" for name, count in licences.most_common()) or "none yet")
        + ".\n",
        f"## Personal data\n\n{_PRIVACY}\n",
        f"## Limits\n\n{_LIMITS}\n",
    ]
    return "\n".join(parts)


def _agreement(found: Mapping[str, Mapping[str, Any]]) -> str:
    if not found:
        return "Nothing was rated yet."
    rows = []
    for name, one in found.items():
        value = one["reason"] if one["alpha"] is None else f"{one['alpha']:.3f}"
        between = "-" if one["low"] is None else f"{one['low']:.3f} to {one['high']:.3f}"
        rows.append([name, value, between, str(one["n"]), str(one["raters"])])
    table = markdown(["question", "Krippendorff's alpha", "95% interval", "items", "raters"], rows)
    return f"Ordinal, before adjudication; interval by items drawn with replacement.\n\n{table.rstrip()}"


_FILES = """- `sft.jsonl`: Pixel's schema; the last message is the reply as a reviewer rewrote it, and alone is learnt.
- `preferences.jsonl`: `prompt`, `chosen` (rewritten), `rejected` (the model's).
- `labels.jsonl`: Pixel's schema; scaled ratings as labels of the heads, carried to every reply of the conversation.
- `ratings.jsonl`: each rating, with the consensus of its item: the median, an adjudicator's word, or, for safety, the
  worst rating."""

_PRIVACY = """Reviewers appear under pseudonyms. Messages, rewritten replies and comments were de-identified by rule:
web and e-mail addresses, user names, telephone numbers, street addresses, long numbers, names after a title or `my
name is`, and account names of reviewers. Other names, places and rare events stay. Treat the text as personal data."""

_LIMITS = """- A rating of a whole conversation is carried to each of its replies; it does not say which one it meant.
- `rejected` replies may be unsafe. Do not train a model to say them.
- Not for diagnosis, triage or any decision about a person."""
