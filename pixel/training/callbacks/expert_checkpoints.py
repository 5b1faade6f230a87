"""Expert checkpoints: a run that stops and asks, and goes on, ends or goes back as a person says."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers.trainer_callback import ExportableState

from pixel.monitoring.alerts import Alerts
from pixel.review.mailbox import VERDICTS
from pixel.training.arguments import SettingError
from pixel.training.callbacks.probing import ProbingCallback
from pixel.training.probe_set import ProbeSet
from pixel.training.ranks import first_error, is_first, shared
from pixel.training.review_desk import ReviewDesk
from pixel.training.review_request import ReviewText, review_conversations
from pixel.training.review_store import ReviewStore
from pixel.training.rollback import RollbackError, keep_weights, restore_weights

APPROVED = "approved"
LATE_EVERY = 10


class ExpertCheckpoints(ProbingCallback, ExportableState):
    """
    Every `every` steps, at the last step and wherever `ask` was called: saves a checkpoint, writes a review request
    for it, and holds the run until there is a verdict or the time is over.

    `approve`: goes on; the checkpoint's weights are kept in `OUTPUT/approved`. `reject`: the run ends. `rollback`: the
    weights last approved are put back in place, optimizer moments dropped (see `restore_weights`), and the run goes
    on; where none were approved, or they cannot be read, it ends. No verdict in time: `continue` goes on unapproved,
    and a verdict that comes later still counts; `stop` ends the run, and resumed it asks on under the same id. A
    verdict that cannot be read is an alert, and the run keeps waiting.

    Requests hold ids, roles and read-outs; words only of rows that `text` allows. Of several processes the first
    speaks with the store and all do as it hears; all must see the output folder.

    Args:
        probe, alerts: see `ProbingCallback`.
        store: where requests and verdicts are. In a YAML, `store: review.db` or a folder: see `review_store`.
        every: steps between requests; 0: only when asked.
        on_timeout: `continue` or `stop`.
        conversations: shown in a request.
        fields, offsets, text: see `review_conversations`. In a YAML, `show: [seed]` names the corpora whose words may
            be read; only conversations with words can be rated by others than the adjudicator.
        desk: `timeout`, `poll`, `clock`, `sleep` of `ReviewDesk`.

    Attributes:
        outcome: what was acted on last (`approve`, `reject`, `rollback`, `timeout`), or `None`.
        approved: `{"step", "folder"}` of the weights last approved, or `None`.

    Raises:
        SettingError: an unknown policy.
    """

    prefix = "expert"

    def __init__(
        self,
        probe: ProbeSet,
        alerts: Alerts,
        store: ReviewStore,
        every: int = 500,
        *,
        on_timeout: str = "stop",
        conversations: int = 8,
        fields: Sequence[str] | None = None,
        offsets: Mapping[str, list[float]] | None = None,
        text: ReviewText | None = None,
        **desk: Any,
    ):
        super().__init__(probe, alerts, max(every, 1))
        if on_timeout not in ("continue", "stop"):
            raise SettingError(f"on_timeout: there is no {on_timeout!r}. Mend: use continue or stop")
        self.desk = ReviewDesk(store, lambda kind, line: self._say(kind, "error", line), **desk)
        self.scheduled, self.on_timeout = every > 0, on_timeout
        self.shown = {"count": conversations, "fields": fields, "offsets": offsets, "text": text}
        self.run: str | None = None
        self.asked: str | None = None
        self.outcome: str | None = None
        self.approved: dict[str, Any] | None = None
        self.waiting: list[dict[str, Any]] = []  # requests that nobody answered in time
        self._step = 0

    def ask(self, reason: Any = "asked") -> None:
        """Ask for a review after this step; takes words, or a milestone as `EQMilestones` hands it out."""
        self.asked = f"milestone {reason['name']}" if isinstance(reason, Mapping) else str(reason)

    def on_train_begin(self, args, state, control, **kwargs):
        self.run = shared(self.run or uuid.uuid4().hex[:12])
        if self.asked and state.global_step:  # cut off while it waited for this checkpoint's verdict
            self._hold(args, state, control)

    def on_step_end(self, args, state, control, **kwargs):
        self._step = step = state.global_step
        if self.waiting and step % LATE_EVERY == 0:
            for entry in list(self.waiting):
                if (verdict := self.desk.answer(entry["id"])) is not None:
                    self.waiting.remove(entry)
                    self._act(verdict, entry, args, control)
        if self.scheduled and (step % self.every == 0 or step >= state.max_steps):
            self.asked = self.asked or f"every {self.every} steps"
        control.should_save = control.should_save or bool(self.asked)

    def on_save(self, args, state, control, **kwargs):
        if self.asked:
            self._hold(args, state, control)

    def on_train_end(self, args, state, control, **kwargs):
        """Nothing: the last step was asked about when it was saved."""

    def _hold(self, args, state, control) -> None:
        self._step = step = state.global_step
        reason, self.asked = self.asked, None
        entry = {"step": step, "checkpoint": str(Path(args.output_dir) / f"checkpoint-{step}")}
        shown = review_conversations(self.probe.at(step), turn_index=self.probe.examples["turn_index"], **self.shown)
        about = {"id": f"{self.run}-step-{step}", "run": self.run, "reason": reason, "verdicts": list(VERDICTS)}
        about["policy"] = f"{self.on_timeout} after {self.desk.timeout:g} s"
        entry["id"] = self.desk.request(about | entry | {"conversations": shown})
        verdict, waited = self.desk.wait(entry["id"])
        if verdict is None:
            self.outcome, going = "timeout", self.on_timeout == "continue"
            self.waiting.append(entry)
            then = "The run goes on unapproved" if going else "The run ends; resumed, it asks again"
            self._say("timeout", "warning", f"no verdict on {entry['id']} in {waited:.0f} s. {then}")
            control.should_training_stop = control.should_training_stop or not going
        else:
            self._act(verdict, entry, args, control)
        numbers = {"waited": float(waited), "approved": float(self.outcome == "approve")}
        self.history.append({"step": step, "outcome": self.outcome, "id": entry["id"]} | numbers)
        if self.trainer is not None:
            self.trainer.log({f"{self.prefix}_{name}": value for name, value in numbers.items()})

    def _act(self, verdict: Mapping[str, Any], entry: Mapping[str, Any], args, control) -> None:
        """Do as the verdict says; what goes wrong on one process goes wrong on all."""
        if self.approved is not None and entry["step"] <= self.approved["step"]:
            self._say("superseded", "info", f"{verdict['verdict']} on {entry['id']}: a later one was approved since")
            return
        self.outcome, failed = verdict["verdict"], None
        kept = Path(args.output_dir) / APPROVED
        try:
            if self.outcome == "approve" and is_first():
                getattr(self.trainer, "wait_for_checkpoint", lambda: None)()  # it may still be sealed in a thread
                keep_weights(entry["checkpoint"], kept)
            elif self.outcome == "rollback":
                if self.approved is None or self.trainer is None:
                    raise RollbackError("no checkpoint was approved yet. Mend: start again, or approve one first")
                restore_weights(self.trainer, self.approved["folder"])
        except (RollbackError, OSError) as error:
            failed = str(error)
        failed = first_error(failed)
        if failed is not None:
            self._say(f"{self.outcome}_failed", "error", f"{entry['id']}: {failed}")
        else:
            if self.outcome == "approve":
                self.approved = {"step": entry["step"], "folder": str(kept)}
            back = f" to step {self.approved['step']}" if self.outcome == "rollback" else ""
            severity = "info" if self.outcome == "approve" else "warning"
            self._say(self.outcome, severity, f"{self.outcome}{back}: {entry['id']}")
        ends = self.outcome == "reject" or (self.outcome == "rollback" and failed is not None)
        control.should_training_stop = control.should_training_stop or ends

    def _say(self, kind: str, severity: str, message: str) -> None:
        if is_first():
            self.alert(f"{self.prefix}_{kind}", severity, self._step, message)

    def report(self) -> dict[str, Any]:
        """For the training report: every request with its outcome and wait, and what was approved last."""
        return {"requests": self.history, "approved": self.approved, "unanswered": [e["id"] for e in self.waiting]}

    def state(self) -> dict[str, Any]:
        names = ("run", "asked", "outcome", "approved", "waiting", "history")
        return {"args": {}, "attributes": {name: getattr(self, name) for name in names}}
