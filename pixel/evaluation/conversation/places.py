"""Where the model is asked to reply, and what people and a constant answer said there: shared by the tasks here."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from pixel.evaluation.conversation.exchanges import BEFORE, Exchange

if TYPE_CHECKING:
    from pixel.evaluation.context import Context
    from pixel.evaluation.prompts import Moment

NEUTRAL = "I hear you. Can you tell me more about that?"
"""The constant answer that a model's replies are set beside."""
TALKS = 12
"""Whole conversations that the model is put into at most."""
REPLIES = 8
"""Replies of a conversation that are the model's at most."""


class Said(NamedTuple):
    """The same places with three answers: the model's, the person's who was there, and a constant one."""

    model: list[Exchange]
    people: list[Exchange]
    constant: list[Exchange]


def answered(context: "Context") -> Said:
    """
    One place a conversation (`pixel.evaluation.prompts.moments`); places where the model says nothing are left out of
    its own list.

    Raises:
        TaskSkipped: the model does not generate, or there is no conversation.
    """
    from pixel.evaluation.prompts import MAX_NEW_TOKENS, moments

    chosen = moments(context)
    said = context.generate([moment.prompt for moment in chosen], max_new_tokens=MAX_NEW_TOKENS)
    return Said(
        [_exchange(one, text.strip()) for one, text in zip(chosen, said, strict=True) if text.strip()],
        [_exchange(one, one.people) for one in chosen],
        [_exchange(one, NEUTRAL) for one in chosen],
    )


def _exchange(moment: "Moment", reply: str) -> Exchange:
    before = tuple(message["content"] for message in moment.messages[-BEFORE:])
    return Exchange(moment.id, moment.group, before, reply, tuple(moment.messages))


def flattered(groups: Sequence[str]) -> list[str]:
    """
    A note where the readers that ship were fitted on some of the people whose replies stand beside the model's.

    Args:
        groups: `source:group`, one a conversation; of the sources only ESConv was fitted on.
    """
    from pixel.empathy.mechanisms import unseen

    parts = [group.partition(":") for group in groups]
    known = sum(source == "esconv" and not unseen(name) for source, _, name in parts)
    if not known:
        return []
    return [f"people's figures flatter people: the readers were fitted on {known} of these {len(parts)} conversations"]


class Talk(NamedTuple):
    """
    A conversation twice: as it was, and with the model's words for the helper's.

    Attributes:
        id, group: of the item.
        people: messages as they were.
        model: the same client's messages; at each place the model answered what was really said until then, so its
            replies do not build on each other.
    """

    id: str
    group: str
    people: list[dict[str, str]]
    model: list[dict[str, str]]


def talked(context: "Context", least: int = 4) -> list[Talk]:
    """
    Held-out conversations with the model's replies in the helper's places.

    Raises:
        TaskSkipped: the model does not generate, or no conversation is long enough.
    """
    from pixel.evaluation.prompts import CONTEXT_TURNS, MAX_NEW_TOKENS, talks
    from pixel.evaluation.task import TaskSkipped
    from pixel.models.persona_state import PERSONA_PROMPTS

    found = []
    for source, row, said in talks(context):
        places = reply_places(said)
        if len(places) >= least:
            found.append((f"{source}:{row['id']}", f"{source}:{row.get('group') or row['id']}", said, places))
    if not found:
        raise TaskSkipped("no held-out conversation is long enough. Mend: give --data_root with esconv in it")
    chosen = context.sample(found, TALKS)
    system = {"role": "system", "content": PERSONA_PROMPTS["therapy"]}
    prompts = [[system, *said[max(0, p - CONTEXT_TURNS) : p]] for _, _, said, places in chosen for p in places]
    replies = iter(context.generate(prompts, max_new_tokens=MAX_NEW_TOKENS))
    out = []
    for name, group, said, places in chosen:
        own = {place: text for place in places if (text := next(replies).strip())}
        if len(own) < least:
            continue
        kept = [
            place for place, message in enumerate(said) if message["role"] == "user" or place in own
        ]  # a helper's message that the model was not asked for is in neither
        people = [said[place] for place in kept]
        model = [{"role": "assistant", "content": own[place]} if place in own else said[place] for place in kept]
        out.append(Talk(name, group, people, model))
    if not out:
        raise TaskSkipped("the model said nothing")
    return out


def reply_places(said: Sequence[dict[str, str]], most: int = REPLIES) -> list[int]:
    """Where the helper answers the client: at most so many places, spread evenly from first to last."""
    places = [
        place
        for place in range(1, len(said))
        if said[place]["role"] == "assistant" and said[place - 1]["role"] == "user"
    ]
    if len(places) <= most:
        return places
    return [places[round(number * (len(places) - 1) / (most - 1))] for number in range(most)]
