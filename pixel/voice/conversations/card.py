"""The card of a dataset of voices: licences, consent, how the user's turns came about, what was dropped and why."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from pixel.data.builder import Corpus
from pixel.data.dataset_card import Counts, dataset_card
from pixel.data.deidentify import deidentify
from pixel.voice.conversations.consent import lacks
from pixel.voice.conversations.dataset import SOURCE, Assembled
from pixel.voice.conversations.metadata import licence_of, people, playlist_of

MAPPING = """
Nobody labelled these turns: every label column is null. `voice` holds, a row, a JSON string: `kind` (`interview` or
`talk`), `speaker` and `file` (hashes: pseudonyms), `start` and `end` (seconds), `likeness` (cosine of the stretch's
fingerprint with the rest of the same speaker, null below two stretches of 350 words), `markers` (numbers of the
speaker's profile; both are null where the recorded consent leaves `personality` out), `source` (licence, playlist,
scope of consent), `coherence` (best cosine of a reply with one of the three messages before it, mean), and what it
was made of: `question` (`posed` by the talk itself, or `written` by the model in `written_by`), `alike` (cosine of
question and passage), `crisis_answered_by` (`safety guide`: the voice's own words were replaced). `read_out` is what a
model reads in the last exchange: never a label.
"""
LIMITS = (
    "Made from automatic transcripts: they hold errors, and no fillers or hesitations.",
    "A written question was never asked. It retrieves its passage among the talk's; nobody checked that it fits.",
    "Who asks and who answers is read from the shares of questions; in 7 of 109 AnnoMI sessions that is wrong.",
    "Safety is checked by rules and small models with the error rates of their cards, not by a clinician.",
)
_ATTRIBUTION = re.compile(r"\bCC[ -]BY\b|creativecommons\.org/licenses/by\b|creative commons attribution", re.I)
NAMED = (
    "Named because their licence asks for it. Whoever reads these can find out which rows are theirs: the hashes in "
    "the rows are of such names and hide them from nobody who tries them."
)


def corpus(assembled: Assembled) -> Corpus:
    """What the dataset is: its licence is the one licence of its files, or their list."""
    licences = sorted({row["licence"] for row in assembled.rows})
    return Corpus(
        name=SOURCE,
        folder="",
        files=("segments.jsonl", "files.jsonl"),
        licence=licences[0] if len(licences) == 1 else "; ".join(licences),
        homepage="",
        citation="the recordings named below, and the project itself",
        mapping=MAPPING,
        title="Pixel: conversations from voices",
        limits=LIMITS,
    )


def card(assembled: Assembled, counts: Mapping[str, Counts], *, how_split: str, audio: bool, command: str) -> str:
    """
    The README.

    Args:
        assembled: rows and what was left out.
        counts: by split.
        how_split: one sentence.
        audio: whether the sound is there too.
        command: that built it.
    """
    text = dataset_card(corpus(assembled), counts, deidentified=True, how_split=how_split)
    text = text.replace(
        "- Labels are those of the corpus's annotators, carried over by the mapping above and no better than it.",
        "- There are no labels.",
    )
    # A local folder whose README names its files is cached by its name alone (datasets 5.2): a dataset that was built
    # anew would be read as the old one. The files' names say their splits.
    text = re.sub(r"^configs:\n(?:(?:- | ).*\n)+", "", text, count=1, flags=re.M)
    sound = (
        "The column `audio` holds the voices themselves: 16 kHz WAV as bytes (`Audio(decode=False)`). A voice points "
        "at a person whatever its words; rows in whose stretch the rules replace something that was heard have no "
        "sound. What the transcriber did not hear no rule has read.\n"
        if audio
        else ""
    )
    sources = f"## Sources and consent\n\n{_sources(assembled)}\n\n{sound}"
    made = f"## What was made, and what was left out\n\n{_counts(assembled.counts)}\n\nBuilt with `{command}`.\n"
    return f"{text.rstrip()}\n\n{sources}\n{made}"


def _sources(assembled: Assembled) -> str:
    lines = ["| licence | playlist | consent for | files | may be pushed |", "|---" * 5 + "|"]
    groups: Counter = Counter()
    for facts in assembled.files.values():
        consent = facts.get("consent")
        scope = ", ".join(sorted(consent.get("scope") or [])) if isinstance(consent, Mapping) else ""
        refused = lacks(facts)
        groups[(licence_of(facts), playlist_of(facts) or "-", scope or "not recorded",
                f"no: {refused}" if refused else "yes")] += 1  # fmt: skip
    for (licence, playlist, scope, may), count in sorted(groups.items()):
        cells = (one.replace("|", "\\|") for one in (licence, playlist, scope, str(count), may))
        lines.append(f"| {' | '.join(cells)} |")
    named = sorted({f"- {name}" for facts in assembled.files.values() if (name := _credit(facts))})
    return "\n".join(lines) + (f"\n\n{NAMED}\n\n" + "\n".join(named) if named else "")


def built_with(recipe: str, words: Iterable[str]) -> str:
    """A command line for a card that others read: of an absolute path its last name, the rest says who wrote it."""
    parts = (word.rpartition("=") for word in words)
    short = [f"{a}{b}{Path(path).name if Path(path).is_absolute() else path}" for a, b, path in parts]
    return shlex.join([recipe, *short])


def _credit(facts: Mapping) -> str | None:
    """What a licence that asks for it wants named: the address, which says the rest; else title and channel."""
    if not _ATTRIBUTION.search(str(facts.get("licence") or "")):
        return None
    if facts.get("url"):
        return "".join(str(facts["url"]).split())
    told = [deidentify(str(facts["title"]), people(facts))] if facts.get("title") else []
    told += [str(facts["channel"])] if facts.get("channel") else []
    return " ".join(", ".join(told).split()) or None


def _counts(counts: Counter) -> str:
    lines = ["| what | how many |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {count} |" for name, count in sorted(counts.items()) if count)])
