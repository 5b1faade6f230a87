"""The card of a built corpus: what it is, how its labels came about, how many there are, and what it cannot tell."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pixel.models.labels import FIELDS

if TYPE_CHECKING:
    from pixel.data.builder import Corpus

_HUB_LICENCES = {
    "Apache-2.0": "apache-2.0", "CC-BY-4.0": "cc-by-4.0", "CC-BY-SA-4.0": "cc-by-sa-4.0",
    "CC-BY-NC-4.0": "cc-by-nc-4.0", "CC0-1.0": "cc0-1.0", "MIT": "mit", "GPL-3.0-only": "gpl-3.0",
}  # fmt: skip
_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"))


@dataclass
class Counts:
    """
    What a split holds: rows, groups, turns by role, and for each label field how many turns carry it.

    `labels[field]` counts labelled turns. `values[field]` counts turns of each class (class fields) or with a 1
    for each name (multi-label), or sums the scores. `known[field]` counts, for vector fields, turns where a name is
    known.
    """

    rows: int = 0
    groups: set[str] = field(default_factory=set)
    turns: Counter = field(default_factory=Counter)
    learnt: int = 0
    labels: Counter = field(default_factory=Counter)
    values: dict[str, Counter] = field(default_factory=dict)
    known: dict[str, Counter] = field(default_factory=dict)

    def add(self, row: Mapping[str, Any]) -> None:
        """Count one conversation."""
        self.rows += 1
        self.groups.add(row["group"])
        roles = [message["role"] for message in row["messages"]]
        self.turns.update(roles)
        learn = row["learn"] or [None] * len(roles)
        self.learnt += sum(
            flag if flag is not None else role == "assistant" for role, flag in zip(roles, learn, strict=True)
        )
        for name, label_field in FIELDS.items():
            for label in row[name] or ():
                if label is not None:
                    self._count(name, label_field.names, label_field.kind, label)

    def _count(self, name: str, names: tuple[str, ...], kind: str, label: Any) -> None:
        self.labels[name] += 1
        values, known = self.values.setdefault(name, Counter()), self.known.setdefault(name, Counter())
        if not isinstance(label, list):
            values[names[label]] += 1
            return
        for each, value in zip(names, label, strict=True):
            if value is not None:
                known[each] += 1
                values[each] += value if kind == "score" else value >= 0.5

    def row_of(self, name: str) -> str:
        """One cell of the card: how often each value of a label field occurs."""
        values, known = self.values[name], self.known[name]
        if FIELDS[name].kind == "score":
            return ", ".join(f"{each} mean {values[each] / known[each]:.2f} (n={known[each]})" for each in known)
        order = [each for each in FIELDS[name].names if values[each] or known[each]]
        return ", ".join(f"{each} {values[each]}" + (f"/{known[each]}" if known else "") for each in order)


def dataset_card(
    corpus: "Corpus", splits: Mapping[str, Counts], *, deidentified: bool, skipped: int = 0, how_split: str = ""
) -> str:
    """
    The README of a built corpus, with the YAML header the Hub reads.

    Args:
        corpus: what was built.
        splits: counts by split name.
        deidentified: whether the text went through `pixel.data.deidentify`.
        skipped: damaged rows left out.
        how_split: one sentence on how the splits were made.
    """
    from huggingface_hub import DatasetCardData

    licence = _HUB_LICENCES.get(corpus.licence, "other")
    total = sum(counts.rows for counts in splits.values())
    header = DatasetCardData(
        language=["en"],
        license=licence,
        license_name=re.sub(r"[^a-z0-9]+", "-", corpus.licence.lower()).strip("-") if licence == "other" else None,
        pretty_name=corpus.title,
        size_categories=[next((name for limit, name in _SIZES if total < limit), "n>1M")],
        tags=["pixel", "conversation", "emotion", "mental-health"],
        configs=[
            {
                "config_name": "default",
                "data_files": [{"split": name, "path": f"data/{name}-*.parquet"} for name in splits],
            }
        ],
    ).to_yaml()
    home = f" ([home page]({corpus.homepage}))" if corpus.homepage else ""
    parts = [
        f"---\n{header}\n---\n\n# {corpus.title}\n",
        f"Built by Pixel from the raw files `{'`, `'.join(corpus.files)}`{home}. "
        "Each row is a conversation in Pixel's schema; a label is null where nobody labelled the turn.\n",
        f"**Licence:** {corpus.licence}. **Please cite:** {corpus.citation}\n",
        f"## How labels map\n\n{corpus.mapping.strip()}\n",
        f"## Splits\n\n{how_split}\n\n{_split_table(splits)}\n",
        f"## Labels\n\nName and count; for multi-label fields count of 1 / turns where it is known.\n\n"
        f"{_label_table(splits)}\n",
        f"## Personal data\n\n{_DEIDENTIFIED if deidentified else _NOT_DEIDENTIFIED}\n",
        f"## Limits\n\n{_limits(corpus, skipped)}\n",
    ]
    return "\n".join(parts)


_DEIDENTIFIED = (
    "De-identified by rule: web and e-mail addresses, user names, IP addresses, telephone numbers (helplines too), "
    "street addresses and long numbers are placeholders such as `[URL]`. Names of people are replaced only after a "
    "title, after `my name is`, and where the corpus lists its authors; other names, places and rare events stay. "
    "Treat the text as personal data."
)
_NOT_DEIDENTIFIED = "The text was **not** de-identified. Treat it as personal data and do not publish it."


def _limits(corpus: "Corpus", skipped: int) -> str:
    lines = ["- Labels are those of the corpus's annotators, carried over by the mapping above and no better than it."]
    lines.append("- Not for diagnosis, triage or any decision about a person.")
    if skipped:
        lines.append(f"- {skipped} damaged rows were left out; `skipped.jsonl` lists them.")
    return "\n".join(lines + [f"- {limit}" for limit in corpus.limits])


def _split_table(splits: Mapping[str, Counts]) -> str:
    lines = ["| split | conversations | groups | user turns | assistant turns | turns learnt |", "|---" * 6 + "|"]
    for name, counts in splits.items():
        user, assistant = counts.turns["user"], counts.turns["assistant"]
        lines.append(f"| {name} | {counts.rows} | {len(counts.groups)} | {user} | {assistant} | {counts.learnt} |")
    return "\n".join(lines)


def _label_table(splits: Mapping[str, Counts]) -> str:
    lines = ["| field | split | labelled turns | values |", "|---|---|---|---|"]
    for name in FIELDS:
        for split, counts in splits.items():
            if counts.labels[name]:
                lines.append(f"| `{name}` | {split} | {counts.labels[name]} | {counts.row_of(name)} |")
    return "\n".join(lines)
