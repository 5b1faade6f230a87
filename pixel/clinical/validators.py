"""The appropriateness rules as a validator for the monitor: each reply judged once, under the message before it."""

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from pixel.clinical.observation import Flag

logger = logging.getLogger(__name__)


class ReplyValidator:
    """
    Which rules the helper's replies break.

    Args:
        detector: with `judge(pairs)`, such as `pixel.clinical.appropriateness.violations.ViolationDetector`.
        remembered: verdicts kept, under a digest of the words.
    """

    def __init__(self, detector: Any, remembered: int = 5_000):
        self.detector, self.remembered = detector, remembered
        self._verdicts: OrderedDict[bytes, Any] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, messages: Sequence[Mapping[str, str]]) -> list[Flag]:
        """A flag for each rule that a turn breaks, in the order of the turns; reasons may quote the reply."""
        from pixel.clinical.appropriateness.pair_features import Pair

        pairs, client = {}, ""
        for turn, message in enumerate(messages):
            if message["role"] == "user":
                client = message["content"]
            elif message["role"] == "assistant":
                pairs[turn] = Pair(client, message["content"])
        keys = {turn: _key(pair) for turn, pair in pairs.items()}
        with self._lock:
            new = {keys[turn]: pair for turn, pair in pairs.items() if keys[turn] not in self._verdicts}
            if new:
                self._verdicts |= dict(zip(new, self.detector.judge(list(new.values())), strict=True))
            verdicts = {turn: self._verdicts[key] for turn, key in keys.items()}
            while len(self._verdicts) > self.remembered:
                self._verdicts.popitem(last=False)
        return [Flag(one.rule, turn, one.reason) for turn, verdict in verdicts.items() for one in verdict.violations]


def _key(pair: tuple[str, str]) -> bytes:
    words = "\0".join(pair).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(words, digest_size=16).digest()


@lru_cache(maxsize=1)
def default_validators() -> dict[str, ReplyValidator]:
    """The validators that ship with Pixel; none where their weights or the sentence encoder are not there."""
    try:
        from pixel.clinical.appropriateness.violations import ViolationDetector

        detector = ViolationDetector()
        _ = detector.encoder
        return {"appropriateness": ReplyValidator(detector)}
    except (ImportError, OSError, ValueError) as error:
        logger.warning("no appropriateness rules: %s", error)
        return {}
