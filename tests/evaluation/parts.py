"""A model that costs nothing and counts what it is asked, and conversations to ask it about."""

from pixel.data.schema import conversation
from pixel.evaluation.context import Context


class MadeModel:
    """
    Reads `risk` and `eq` out of a message's words, and replies with how many messages it was given.

    A message "risk 4 eq 0.5" is read as severity 4 and 0.5 in every domain; others as 0 and 0.
    """

    name = path = "made"
    fingerprint = "f" * 64

    def __init__(self, kind="pixel", abilities=("readouts", "generation"), reply=None):
        self.kind, self.abilities, self.reply = kind, set(abilities), reply
        self.asked: list[list[dict]] = []

    def read(self, conversations):
        self.asked += conversations
        return [
            [{"index": index, "role": m["role"], **_record(m["content"])} for index, m in enumerate(messages)]
            for messages in conversations
        ]

    def generate(self, conversations, *, max_new_tokens, temperature, seed):
        self.asked += conversations
        if self.reply is not None:
            return [self.reply] * len(conversations)
        return [f"reply to {len(messages)}, draw {seed if temperature else 0}" for messages in conversations]


def _record(text):
    from pixel.models.labels import EQ_DOMAINS

    words = text.split()
    told = {name: float(words[words.index(name) + 1]) for name in ("risk", "eq") if name in words[:-1]}
    severity = [0.0] * 7
    severity[int(told.get("risk", 0))] = 1.0
    eq = told.get("eq", 0.0)
    return {"risk": {"severity": severity}, "eq": dict.fromkeys(EQ_DOMAINS, eq) | {"total": eq}}


def talk(name, *texts, source="made", **labels):
    """A row of the schema: user and assistant in turn."""
    messages = [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]
    return conversation(messages, id=name, source=source, licence="CC0-1.0", **labels)


def context(model=None, corpora=None, **options):
    """A context in which `corpora` is a dictionary: name -> splits."""
    from pixel.data.errors import ConversationError

    def load(name):
        if name not in corpora:
            raise ConversationError("file not found", file=name, mend="check --data_root")
        return corpora[name]

    return Context(model or MadeModel(), corpora=None if corpora is None else load, resamples=50, **options)
