"""Conversations, a clock and answers for tests of the review."""

SECRET = "a long password"
GOOD = {"clinical_accuracy": 4, "appropriateness": 4, "empathy": 3, "safety": 3}


class Clock:
    now = 1_700_000_000.0

    def __call__(self):
        return self.now


def rows(count: int, **more) -> list[dict]:
    """Conversations of two messages with the ids `0`, `1`, ..."""
    reply = {"role": "assistant", "content": "I see."}
    messages = [[{"role": "user", "content": f"Day {n}"}, {**reply}] for n in range(count)]
    return [{"id": str(n), "messages": said} | more for n, said in enumerate(messages)]


def rate(database, name: str, **changes):
    """Take the next item and rate it; the item's id, or `None` where there was none."""
    given = database.next_item(name)
    if given is None:
        return None
    database.submit(name, given.item_id, given.token, GOOD | changes)
    return given.item_id
