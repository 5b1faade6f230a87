"""The real-time monitor: reads a conversation as it grows, and says what it calls for."""

import hashlib
import logging
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from pixel.clinical.ethics import check_ethics
from pixel.clinical.observation import Flag, Observation, as_flag
from pixel.clinical.resources import ResourceFile, resources_for
from pixel.clinical.risk_reading import URGENCIES, Detector, Reading, kind_of, level_of, more_urgent
from pixel.clinical.safe_t import formulate
from pixel.clinical.safety_guide import SafetyGuide, safety_guide
from pixel.clinical.validators import default_validators

logger = logging.getLogger(__name__)

Messages = Sequence[Mapping[str, str]]
Validator = Callable[[Messages], Iterable[Any]]


class ClinicalMonitor:
    """
    Watches conversations: risk in what the person says, breaches in what the helper says, and what to do.

    Every message is read once: readings are kept under a digest of the words (never the words), so a growing
    conversation costs one message a turn, and one monitor serves many conversations and threads. What fails does not
    stop the talk: a message that could not be read is an abstention, counted and logged by the error's kind alone.

    Args:
        detector: reads the person's messages.
        validators: name -> function of the messages that gives findings (see `as_flag`), besides the ethics check.
        region: country or locale for crisis lines; `None`: those that hold everywhere.
        hold: the person's messages for which a crisis stays one, so that a "just kidding" does not end it.
        remembered: readings kept at most.
        guide, resources: other than those that ship with Pixel.

    Raises:
        ValueError: `hold` or `remembered` below 1.

    Example:
        >>> monitor = ClinicalMonitor(CrisisDetector(), region="GB")
        >>> seen = monitor.observe([{"role": "user", "content": "..."}])
        >>> seen.urgency, seen.escalate
        ('none', False)
    """

    def __init__(
        self,
        detector: Detector,
        validators: Mapping[str, Validator] | None = None,
        *,
        region: str | None = None,
        hold: int = 3,
        remembered: int = 10_000,
        guide: SafetyGuide | None = None,
        resources: ResourceFile | None = None,
    ):
        if hold < 1 or remembered < 1:
            raise ValueError(f"hold is {hold}, remembered {remembered}. Mend: give 1 or more")
        self.detector, self.validators, self.region, self.hold = detector, dict(validators or {}), region, hold
        self.guide, self.resources, self.remembered = guide or safety_guide(), resources, remembered
        self._readings: OrderedDict[bytes, Reading] = OrderedDict()
        self._counts: Counter[str] = Counter()
        self._seconds: deque[float] = deque(maxlen=1000)
        self._lock = threading.Lock()

    def observe(self, messages: Messages) -> Observation:
        """
        How the conversation stands.

        Args:
            messages: `{"role", "content"}` from its beginning. Roles other than `user` and `assistant` are passed by.
        """
        began = time.perf_counter()
        readings = self.readings(messages)
        persons = [n for n, message in enumerate(messages) if message["role"] == "user"]
        last = readings[persons[-1]] if persons else None
        recent = [readings[n] for n in persons[-self.hold :] if readings[n] is not None]
        urgencies = [self._urgency(reading) for reading in recent]
        urgency = more_urgent(*urgencies)
        fresh = self._urgency(last) if last is not None else "none"
        fresh_kind = self._kind([last], [fresh]) if last is not None else "none"
        kind = self._kind(recent, urgencies)
        abstain = bool(persons) and (last is None or last.abstain)
        escalate = URGENCIES.index(urgency) >= URGENCIES.index("urgent")
        flags = self._flags(messages, readings)
        levels = [level_of(readings[n]) for n in persons if readings[n] is not None]
        about = kind if fresh == "none" else fresh_kind
        shown = None if urgency == "none" else resources_for(self.region, about, known=self.resources)
        seen = Observation(
            tuple(float(p) for p in last.severity) if last is not None else (),
            level_of(last) if last is not None else 0, max(levels, default=0), kind, urgency, fresh, fresh_kind,
            escalate, abstain, flags, shown, self._steps(messages, readings, recent, kind, abstain), _reasons(last),
            time.perf_counter() - began,
        )  # fmt: skip
        with self._lock:
            self._seconds.append(seen.seconds)
            counted = {"flagged": bool(flags), "escalated": escalate, "abstained": abstain, urgency: urgency != "none"}
            self._counts.update(observed=1, **{name: 1 for name, true in counted.items() if true})
        return seen

    def readings(self, messages: Messages) -> list[Reading | None]:
        """The detector's reading of each of the person's messages; `None` for others, blank ones and failures."""
        keys = {n: _key(m["content"]) for n, m in enumerate(messages) if m["role"] == "user" and m["content"].strip()}
        with self._lock:  # one reader at a time: detectors need not be thread-safe
            new = {key: messages[n]["content"] for n, key in keys.items() if key not in self._readings}
            if new:
                try:
                    self._readings |= dict(zip(new, self.detector.read(list(new.values())), strict=True))
                except Exception as error:  # the talk goes on; the reading is missing and says so
                    self._counts["unread"] += len(new)
                    logger.warning("the crisis detector failed: %s", type(error).__name__)
                else:
                    self._counts["read"] += len(new)
            self._counts["remembered"] += len(keys) - len(new)
            found = [self._readings.get(keys.get(n)) for n in range(len(messages))]
            for key in keys.values():
                if key in self._readings:
                    self._readings.move_to_end(key)
            while len(self._readings) > self.remembered:
                self._readings.popitem(last=False)
        return found

    def summary(self) -> dict[str, float]:
        """Counts since the start; milliseconds an observation (`p50_ms`, `p95_ms`, `max_ms`, of the last 1,000)."""
        with self._lock:
            found, times = dict(self._counts), np.array(self._seconds) * 1000.0
        if len(times):
            p50, p95 = np.percentile(times, [50, 95])
            found |= {"p50_ms": float(p50), "p95_ms": float(p95), "max_ms": float(times.max())}
        return found

    def _urgency(self, reading: Reading) -> str:
        """Of one message. What the detector did not flag is worth a watch at most: its flag has the error rates."""
        level = level_of(reading)
        if not reading.flag:
            return "watch" if level else "none"
        crisis = self.guide.kind(kind_of(reading))
        least = "urgent" if getattr(reading, "high", False) else "soon"
        return more_urgent(self.guide.rung(level).urgency, crisis.urgency if crisis else "none", least)

    def _kind(self, recent: list[Reading], urgencies: list[str]) -> str:
        """The kind of the most urgent reading that names one, the latest of equals."""
        named = [(URGENCIES.index(u), n) for n, u in enumerate(urgencies) if kind_of(recent[n]) != "none"]
        named = [(urgency, n) for urgency, n in named if urgency]
        if named:
            return kind_of(recent[max(named)[1]])
        return "suicide" if any(level_of(reading) for reading in recent) else "none"

    def _steps(self, messages, readings, recent: list[Reading], kind: str, abstain: bool) -> tuple[str, ...]:
        level = max((level_of(reading) for reading in recent), default=0)
        crisis = self.guide.kind(kind)
        steps = [*(crisis.respond if crisis and kind != "suicide" else ())]
        steps += self.guide.rung(level).respond if level else ()
        steps += formulate(messages, readings, guide=self.guide).next_questions[:2] if level else ()
        if abstain and steps:
            steps.insert(0, "The last message could not be read. Ask in plain words how safe the person is.")
        return tuple(dict.fromkeys(steps))

    def _flags(self, messages: Messages, readings: list[Reading | None]) -> tuple[Flag, ...]:
        checks = {"ethics": lambda said: check_ethics(said, readings)} | self.validators
        flags: list[Flag] = []
        for name, check in checks.items():
            try:
                flags += [as_flag(name, finding) for finding in check(messages)]
            except Exception as error:  # as above
                with self._lock:
                    self._counts["failed_checks"] += 1
                logger.warning("validator %s failed: %s", name, type(error).__name__)
        return tuple(flags)


def _key(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _reasons(reading: Reading | None) -> tuple[str, ...]:
    return tuple(str(getattr(reason, "text", reason)) for reason in getattr(reading, "reasons", ()) or ())


@lru_cache(maxsize=1)
def default_detector() -> Detector | None:
    """
    The crisis detector that ships with Pixel, loaded once; `None` where its weights are not there.

    Without the sentence encoder's package its other voices speak alone.
    """
    for encoder in (True, False):
        try:
            from pixel.clinical.crisis import CrisisDetector

            detector = CrisisDetector(encoder=encoder)
            detector.read(["It was a quiet day."])
            return detector
        except (ImportError, OSError, ValueError) as error:
            logger.warning("no crisis detector%s: %s", " with the sentence encoder" * encoder, error)
    return None


def default_monitor(region: str | None = None) -> ClinicalMonitor | None:
    """A monitor with the detector that ships with Pixel; `None` where that is not there."""
    detector = default_detector()
    return ClinicalMonitor(detector, default_validators(), region=region) if detector is not None else None
