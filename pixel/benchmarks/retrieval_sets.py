"""Three sets of queries whose passages are known: ICD-10-CM terms, MedQuAD mental health, CounselChat."""

import csv
import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RetrievalSet:
    """
    Args:
        passages: texts, each once.
        queries: texts.
        relevant: rows of `passages` that answer each query, at least one.
    """

    name: str
    passages: list[str]
    queries: list[str]
    relevant: list[list[int]]


def icd_terms() -> RetrievalSet:
    """
    Inclusion terms of chapter F (mental disorders) as queries; the description of the code they belong to answers.

    Categories and subcategories are passages, those of the same description one.

    Raises:
        ImportError: `simple-icd-10-cm` is not installed.
    """
    import simple_icd_10_cm as icd

    codes = [code for code in icd.get_all_codes() if code.startswith("F") and icd.is_category_or_subcategory(code)]
    pairs = [(term, icd.get_description(code)) for code in codes for term in icd.get_inclusion_term(code)]
    return _collected("ICD-10-CM terms", pairs, [icd.get_description(code) for code in codes])


def medquad(data_root: str | Path) -> RetrievalSet:
    """Questions of `medquad_mh/medquad_mh.jsonl`; every answer to the same question counts."""
    with (Path(data_root) / "medquad_mh" / "medquad_mh.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return _collected("MedQuAD mental health", [(row["question"], row["answer"]) for row in rows])


def counselchat(data_root: str | Path) -> RetrievalSet:
    """Title and text of a question of `counselchat/counselchat.csv`; the counsellors' answers to it count."""
    csv.field_size_limit(1 << 27)
    with (Path(data_root) / "counselchat" / "counselchat.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    pairs = [(f"{row['questionTitle']}. {_plain(row['questionText'])}", _plain(row["answerText"])) for row in rows]
    return _collected("CounselChat", pairs)


def retrieval_sets(data_root: str | Path) -> list[RetrievalSet]:
    """All that can be had; a set whose package or folder is not there is left out and named."""
    makers: list[Callable[[], RetrievalSet]] = [icd_terms, lambda: medquad(data_root), lambda: counselchat(data_root)]
    sets = []
    for maker in makers:
        try:
            sets.append(maker())
        except (ImportError, FileNotFoundError) as error:
            print(f"Left out: {error}")
    return sets


def off_topic(data_root: str | Path, count: int) -> list[str]:
    """Remarks about anything (`goemotions/dev.tsv`), which no passage of these sets answers; [] without the folder."""
    file = Path(data_root) / "goemotions" / "dev.tsv"
    if not file.is_file():
        return []
    return [line.split("\t")[0] for line in file.read_text(encoding="utf-8").splitlines()[:count]]


def _collected(name: str, pairs: list[tuple[str, str]], more: list[str] | None = None) -> RetrievalSet:
    passages: dict[str, int] = {}
    relevant: dict[str, set[int]] = {}
    for text in more or []:
        passages.setdefault(text.strip(), len(passages))
    for query, passage in pairs:
        if query.strip(" .") and passage.strip():
            row = passages.setdefault(passage.strip(), len(passages))
            relevant.setdefault(query.strip(), set()).add(row)
    return RetrievalSet(name, list(passages), list(relevant), [sorted(rows) for rows in relevant.values()])


def _plain(text: str) -> str:
    return " ".join(html.unescape(html.unescape(re.sub(r"<[^>]+>", " ", text))).split())
