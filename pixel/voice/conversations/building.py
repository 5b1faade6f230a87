"""The conversations of one recording: turns, roles, questions, then every check; what was left out is counted."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from pixel.data.deidentify import deidentify
from pixel.voice.conversations import interview, monologue, questions
from pixel.voice.conversations.empathetic import read_out
from pixel.voice.conversations.flow import measure_flow, why_it_halts
from pixel.voice.conversations.interview import Spoken, as_dialogue, find_roles, topic_windows, voice_of
from pixel.voice.conversations.metadata import people
from pixel.voice.conversations.therapeutic import TherapeuticGate
from pixel.voice.conversations.turns import to_turns
from pixel.voice.segment import Segment

VERSION = 3
"""Of what is built from the same input; another one makes cached work worthless."""


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        voice: whose words the assistant learns in an interview: `auto`, `answers`, `asks` or a speaker's name.
        most_turns: messages of a conversation cut from an interview.
        tries: questions that a model may write for a passage.
        least_words, most_words: of a passage of a talk.
        region: for crisis lines.
        empathetic_only: keep only what the reader takes for empathetic.
        seed: of a model's candidates.
    """

    voice: str = "auto"
    most_turns: int = 8
    tries: int = questions.TRIES
    least_words: int = monologue.LEAST_WORDS
    most_words: int = monologue.MOST_WORDS
    region: str | None = None
    empathetic_only: bool = False
    seed: int = 0


@dataclass
class Tools:
    """What the work needs: an encoder, a gate, and, where wanted, a writer of questions and a reader of turns."""

    encoder: Any
    gate: TherapeuticGate | None = None
    writer: Any = None
    reader: Any = None
    names: tuple[str, ...] = ()
    identity: Mapping[str, Any] = field(default_factory=dict)


def fingerprint_of(segments: Sequence[Segment], facts: Mapping[str, Any], settings: Settings, tools: Tools) -> str:
    """A digest of all that a file's conversations depend on, to know cached ones by."""
    told = {name: facts.get(name) for name in ("file", "sha256", "channel", "speakers", "kind", "format")}
    names = (*tools.names, *people(facts))
    content = [VERSION, asdict(settings), dict(tools.identity), names, told, [one.as_row() for one in segments]]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def build_file(segments: Sequence[Segment], facts: Mapping[str, Any], settings: Settings, tools: Tools) -> dict:
    """
    Conversations of one file.

    Returns:
        JSON: `rows`, each `{"kind": "interview" | "talk", "start", "end", "speaker", "messages", "own" (the voice's
        words), "clear" (whether nothing was de-identified in it), "segments", "about" (what the checks found)}`, and
        `counts`, of everything that was made or left out, by name.
    """
    from pixel.text.sentence_encoder import RememberingEncoder

    tools = replace(tools, encoder=RememberingEncoder(tools.encoder))  # for this file alone: it depends on no other
    if facts.get("speakers") == "monologue":  # the source knows better than a diarization
        segments = [replace(one, speaker=None) for one in segments]
    found = to_turns(segments)
    counts: Counter = Counter(turns=len(found.turns), backchannels=found.backchannels, cuts=found.interruptions)
    roles = find_roles(found.turns, voice_of(settings.voice, facts))
    if roles is None:
        counts["file left out: nobody speaks, or not the speaker that was named"] += 1
        return {"rows": [], "counts": dict(counts)}
    if roles.asks is None and facts.get("speakers") == "interview":
        counts["file left out: an interview in which one speaker was heard (transcribe with --diarize)"] += 1
        return {"rows": [], "counts": dict(counts)}
    if all(one.speaker is None for one in segments) and facts.get("speakers") != "monologue":
        counts["files in which nobody looked who speaks: taken for talks"] += 1
    if roles.asks is None:
        own = [turn for turn in found.turns if turn.speaker == roles.voice]
        drafts = _talk(own, facts, settings, tools, counts)
    else:
        drafts = _interview(found.turns, roles, settings, tools, counts)
    counts["drafts"] += len(drafts)
    names = (*tools.names, *people(facts))
    rows = [row for draft in drafts if (row := _checked(draft, names, tools, counts)) is not None]
    if tools.reader is not None and rows:
        for row, read in zip(rows, read_out([row["messages"] for row in rows], tools.reader), strict=True):
            row["about"]["read_out"] = read
        if settings.empathetic_only:
            kept = [row for row in rows if (row["about"]["read_out"] or {}).get("empathetic")]
            counts["left out: not empathetic by the reader"] += len(rows) - len(kept)
            rows = kept
    counts["conversations"] += len(rows)
    return {"rows": rows, "counts": dict(counts)}


def _interview(turns, roles: interview.Roles, settings: Settings, tools: Tools, counts: Counter) -> list[dict]:
    counts["interviews"] += 1
    drafts = []
    for stretch in as_dialogue(turns, roles.voice):
        for window in topic_windows(stretch, tools.encoder, settings.most_turns):
            about = {"asks": "user" if roles.asks != roles.voice else "assistant", "margin": round(roles.margin, 3)}
            drafts.append(_draft("interview", roles.voice, window, about))
    return drafts


def _talk(turns, facts: Mapping[str, Any], settings: Settings, tools: Tools, counts: Counter) -> list[dict]:
    counts["talks"] += 1
    given = monologue.passages(turns, tools.encoder, settings.least_words, settings.most_words)
    file_seed = int(hashlib.sha256(f"{settings.seed} {facts['file']}".encode()).hexdigest()[:7], 16)
    found = questions.ask(given, tools.encoder, tools.writer, tries=settings.tries, seed=file_seed)
    counts["passages"] += found.passages
    counts["passages with a question"] += len(found.asked)
    counts["candidates"] += found.candidates
    counts.update({f"question {reason}": count for reason, count in found.reasons.items()})
    drafts = []
    for one in found.asked:
        counts[f"questions {one.origin}"] += 1
        answer = one.answer
        user = Spoken("user", one.question, answer.start, answer.start)
        said = Spoken("assistant", answer.text, answer.start, answer.end, answer.segments)
        about = {"question": one.origin, "alike": round(one.alike, 4)}
        if one.origin == "written":
            about["written_by"] = tools.writer.name
        drafts.append(_draft("talk", answer.speaker, [user, said], about))
    return drafts


def _draft(kind: str, speaker: str, spoken: Sequence[Spoken], about: dict) -> dict:
    return {
        "kind": kind,
        "start": round(min(one.start for one in spoken), 3),
        "end": round(max(one.end for one in spoken), 3),
        "speaker": speaker,
        "messages": [one.as_message() for one in spoken],
        "segments": sorted({id for one in spoken for id in one.segments}),
        "about": about,
    }


def _checked(draft: dict, names: Sequence[str], tools: Tools, counts: Counter) -> dict | None:
    """A draft that passes every check, de-identified; `None`, counted, for one that does not."""
    clean = [one | {"content": deidentify(one["content"], names)} for one in draft["messages"]]
    clear = all(one["content"] == other["content"] for one, other in zip(clean, draft["messages"], strict=True))
    flow = measure_flow(clean, tools.encoder)
    if reason := why_it_halts(flow):
        counts[f"refused: {reason}"] += 1
        return None
    own = [one["content"] for one in clean if one["role"] == "assistant"]
    about = draft["about"] | {"coherence": round(flow.coherence, 4)}
    if tools.gate is not None:
        checked = tools.gate.check(clean)
        if checked.messages is None:
            counts[f"refused: {checked.refused}"] += 1
            return None
        counts.update(checked.notes)
        clean = checked.messages
        if checked.crisis is not None:
            own = [one["content"] for one in clean[:-1] if one["role"] == "assistant"]
            about["crisis_answered_by"], clear = "safety guide", False
    counts["de-identified"] += not clear and "crisis_answered_by" not in about
    return draft | {"messages": clean, "own": " ".join(own), "clear": clear, "about": about}
