"""Authenticity: does the model sound like one speaker throughout?"""

import numpy as np

from pixel.evaluation.context import Context
from pixel.evaluation.conversation.authenticity import default_authenticity
from pixel.evaluation.conversation.exchanges import Exchange
from pixel.evaluation.conversation.measured import standing
from pixel.evaluation.conversation.places import answered
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.task import TaskResult
from pixel.text.style_vector import LEAST_WORDS
from pixel.voice.personality.fingerprint.ami import cut

PIECES = 4
SPLITS = 8
"""Ways of dealing the replies out into pieces: which reply falls where should not decide."""


class ConversationAuthenticity:
    """
    Row `replies/one_speaker`: pieces of 300 words of the model's replies to different conversations, and the
    probability that two of them are by one speaker. Row `people/one_speaker`: the same for people's replies, which
    are by many: what several speakers look like. The interval is over ways of dealing replies into pieces.
    """

    name, group, needs = "conversation_authenticity", "conversation", ("generation",)
    about = "whether the model's replies sound like one speaker (style fingerprint, 300 words)"

    def run(self, context: Context) -> TaskResult:
        said, reader, found = answered(context), default_authenticity(), standing("authenticity")
        rows, items = [], []
        for some, metric in ((said.model, "replies/one_speaker"), (said.people, "people/one_speaker")):
            values = one_speaker(some, reader, context.seed)
            ends = np.quantile(values, (0.025, 0.975)) if len(values) else (None, None)
            rows.append(
                Row(
                    task=self.name,
                    group=self.group,
                    metric=metric,
                    value=float(np.mean(values)) if len(values) else None,
                    low=ends[0],
                    high=ends[1],
                    n=sum(len(one.reply.split()) for one in some) // LEAST_WORDS,
                    majority=0.5,
                    reference="interval: over ways of dealing the same replies into pieces, not over replies",
                    validated=found.validated,
                    against=found.against,
                    reason=None if len(values) else f"fewer than {2 * LEAST_WORDS} words",
                )  # fmt: skip
            )
            if some is said.model:  # of one group: the same replies dealt otherwise are no further evidence
                items += [Item(f"split:{number}", metric, value, "replies") for number, value in enumerate(values)]
        return TaskResult(rows, items, ["n of one_speaker: pieces of 300 words; both pieces are as likely before"])


def one_speaker(some: list[Exchange], reader, seed: int) -> list[float]:
    """
    For each of eight ways of dealing replies into pieces of 300 words, the mean probability that two pieces are by
    one speaker; empty where there are not two pieces.
    """
    generator, out = np.random.default_rng(seed), []
    for _ in range(SPLITS):
        text = " ".join(some[place].reply for place in generator.permutation(len(some)))
        pieces = cut(text, LEAST_WORDS, PIECES)
        found = [
            reader.same_speaker([other], reader.profile([one]))
            for number, one in enumerate(pieces)
            for other in pieces[number + 1 :]
        ]
        if found:
            out.append(float(np.mean(found)))
    return out
