"""
Runs the stages of a pipeline, each where it has not yet been done with the same inputs.

A stage is skipped when it ended well before, and its command, the content of its inputs (files that its command names
among them), the content of its code and its outputs are what they were then. Content, and not times: touching a file
changes nothing, and a stage whose new outputs equal the old ones does not wake those after it. Of the code the whole
of pixel/, recipes/ and datasets_scripts/ counts, unless a stage names less under `code`; the git revision does not,
since a tree may be dirty.

The state is in FOLDER/pipeline.json, written in one step after every change: after a kill at any moment the next run
goes on, and a stage that was cut off is run again (training, index and evaluation go on by themselves where they
were). What it would go on from is set aside first where its inputs are others now: see `Stage.anew`. One stage runs at
a time. One that fails stops those that need it, and no other.
"""

import argparse
import json
import os
import random
import time
from pathlib import Path
from typing import Any

from pixel.data.whole_files import write_in_one_step
from pixel.monitoring.alert_sinks import build_sinks
from pixel.monitoring.alerts import Alert, Alerts
from pixel.orchestration.attempt import Attempt, environment
from pixel.orchestration.changes import asked, other_work, reason_to_run, set_aside
from pixel.orchestration.content import Hashes
from pixel.orchestration.failures import PREEMPTED, classify
from pixel.orchestration.locks import FolderLock
from pixel.orchestration.pipeline_file import PipelineError, PipelineFile, Stage, read_pipeline
from pixel.orchestration.processes import heard, kill_all, marked

STATE = "pipeline.json"


class Pipeline:
    """
    Args:
        plan: from `read_pipeline`.
        force: stages that run whether changed or not.
        only: stages that are looked at; by default all.
        alerts: who hears of failures and of the end.
        echo: also show what stages say.
        seed: of the waits between tries.
    """

    def __init__(
        self,
        plan: PipelineFile,
        *,
        force: set[str] | None = None,
        only: set[str] | None = None,
        alerts: Alerts | None = None,
        echo: bool = True,
        seed: int = 0,
    ):
        self.plan, self.force, self.only = plan, force or set(), only
        self.alerts, self.echo = alerts if alerts is not None else Alerts(), echo
        self.hashes = Hashes(plan.folder / ".cache" / "hashes.json")
        self.state: dict[str, dict[str, Any]] = read_state(plan.folder)
        self._random, self._stops = random.Random(seed), 0

    # ── what has to be done ──

    def why(self, stage: Stage) -> str:
        """Why a stage has to run, in a few words; `""`: it has not."""
        if stage.name in self.force:
            return "forced"
        return reason_to_run(stage, self.state.get(stage.name, {}), self.hashes)

    def dry_run(self) -> list[tuple[str, str]]:
        """Stage and what would happen to it; those that need one that runs may run too."""
        said, runs = [], set()
        for stage in self._looked_at():
            why = self._left_out(stage) or self.why(stage)
            first = sorted(self.plan.before(stage.name) & runs)
            if self._left_out(stage):
                said.append((stage.name, f"left out: {why}"))
            elif why or first:
                runs.add(stage.name)
                said.append((stage.name, f"runs: {why}" if why else f"runs if {', '.join(first)} changes its outputs"))
            else:
                said.append((stage.name, "skipped: unchanged"))
        return said

    def _looked_at(self) -> list[Stage]:
        return [stage for stage in self.plan.stages if self.only is None or stage.name in self.only]

    @staticmethod
    def _left_out(stage: Stage) -> str:
        return f"{stage.when} is not set" if stage.when and not os.environ.get(stage.when) else ""

    # ── doing it ──

    def run(self) -> int:
        """
        Returns:
            0: every stage is done or left out; 1: one failed; 75: stopped by SIGTERM, to be continued.

        Raises:
            InUseError: the pipeline is running.
        """
        mark = f"{self.plan.folder.absolute()}#pipeline"
        with FolderLock(self.plan.folder / "pipeline.lock", "pipeline"), heard(self.stop):
            kill_all(lambda: marked(mark))
            self.state = read_state(self.plan.folder)
            failed: set[str] = set()
            for stage in self._looked_at():
                if self._stops:
                    return PREEMPTED
                if blocking := sorted(self.plan.before(stage.name) & failed):
                    failed.add(stage.name)
                    self._note(stage, state="blocked", reason=f"{', '.join(blocking)} failed")
                elif reason := self._left_out(stage):
                    self._note(stage, state="left out", reason=reason)
                elif why := self.why(stage):
                    self._say(f"{stage.name}: {why}")
                    if not self._try(stage, why, mark):
                        failed.add(stage.name)
                else:
                    self._say(f"{stage.name}: unchanged, skipped")
                self.hashes.keep()
            if self._stops:
                return PREEMPTED
            verdict = f"failed: {', '.join(sorted(failed))}" if failed else "every stage is done"
            kind = "pipeline_failed" if failed else "pipeline_finished"
            self.alerts.send(Alert(kind, "error" if failed else "info", 0, f"{self.plan.name}: {verdict}"))
            return 1 if failed else 0

    def stop(self) -> None:
        """Let the stage that runs save and end; asked again, kill it."""
        self._stops += 1

    def _try(self, stage: Stage, why: str, mark: str) -> bool:
        for number in range(1, stage.retries + 2):
            now, began = asked(stage, self.hashes), time.time()
            if number == 1 and (stage.name in self.force or other_work(self.state.get(stage.name, {}), now)):
                for old, new in set_aside(stage.anew):
                    self._say(f"{stage.name}: {old} is now {new}; remove it when it is not wanted")
            log = self.plan.folder / "logs" / f"{stage.name}.{number}.log"
            log.unlink(missing_ok=True)
            # what it is begun with, so that after a kill it is known whether it goes on or begins anew
            begun = {"asked": now, "why": why, "started": began, "tries": number, "log": str(log), "reason": ""}
            self._note(stage, state="running", **begun)
            words = environment(number, mark, stage.environment)
            attempt = Attempt(stage.run, words, log.absolute(), self.echo)
            try:
                reason = self._watch(attempt, stage)
            finally:
                attempt.end()
            seconds, status = round(attempt.seconds, 1), attempt.status
            outputs = self.hashes.of_all(stage.outputs)
            missing = [path for path, found in outputs.items() if not found]
            if status == 0 and not reason and missing:
                reason = f"it ended with 0 and left no {missing[0]}"
            if status == 0 and not reason:
                done = {"outputs": outputs, "seconds": seconds, "status": 0}
                self._note(stage, state="done", **done)
                return True
            if not reason:
                failure = classify(status, attempt.tail())
                reason = f"{failure.kind}: {failure.reason}. Mend: {failure.mend}"
            self._note(stage, state="failed", status=status, seconds=seconds, reason=reason)
            if self._stops:
                return False
            again = number <= stage.retries
            wait = stage.backoff * 2 ** (number - 1) * (0.5 + self._random.random())
            after = f"again in {wait:.1f} s" if again else f"those that need it do not run. Log: {log}"
            severity = "warning" if again else "error"
            self.alerts.send(Alert("stage_failed", severity, 0, f"{stage.name}, try {number}: {reason}; {after}"))
            until = time.monotonic() + wait
            while again and not self._stops and time.monotonic() < until:
                time.sleep(0.05)
        return False

    def _watch(self, attempt: Attempt, stage: Stage) -> str:
        """Until it has ended; why it was ended, if it was."""
        told, deadline = 0, time.monotonic() + stage.timeout
        reason = ""
        while not attempt.poll(0.1):
            if self._stops > told:
                deadline = time.monotonic() + (stage.grace if told == 0 else 0)
                reason, told = "stopped", self._stops
                attempt.ask("lead")
            if time.monotonic() > deadline:
                reason = (
                    reason or f"not done after {stage.timeout:g} s. Mend: raise its timeout, or see why it is slow"
                )
                attempt.end()
        return reason

    def _note(self, stage: Stage, **what: Any) -> None:
        self.state[stage.name] = {**self.state.get(stage.name, {}), **what}
        content = {"name": self.plan.name, "updated": time.time(), "stages": self.state}
        write_in_one_step(self.plan.folder / STATE, json.dumps(content, indent=1) + "\n")

    def _say(self, text: str) -> None:
        print(f"── {text}", flush=True)


def read_state(folder: Path) -> dict[str, dict[str, Any]]:
    """What is known of each stage; what cannot be read is forgotten, and the stages run again."""
    try:
        return dict(json.loads((folder / STATE).read_bytes())["stages"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def run_pipeline(chosen: argparse.Namespace) -> int:
    """What `recipes/launch.py run` does."""
    plan = read_pipeline(chosen.pipeline)
    names = [stage.name for stage in plan.stages]
    for name in [*(chosen.only or []), *([chosen.start] if chosen.start else [])]:
        if name not in names:
            raise PipelineError(f"{chosen.pipeline}: no stage {name!r}. Mend: one of {', '.join(names)}")
    force = set(names) if chosen.force else plan.after(chosen.start) if chosen.start else set()
    options = {"file": plan.folder / "alerts.jsonl", "run": plan.name} | plan.alerts
    options |= {"webhook": chosen.webhook} if chosen.webhook else {}
    pipeline = Pipeline(
        plan, force=force, only=set(chosen.only) if chosen.only else None, echo=not chosen.quiet,
        seed=chosen.seed,
    )  # fmt: skip
    if chosen.dry_run:
        for name, said in pipeline.dry_run():
            print(f"{name:16} {said}")
        return 0
    try:
        pipeline.alerts = Alerts(build_sinks(**options))
    except (TypeError, ValueError) as error:
        raise PipelineError(f"{chosen.pipeline}: alerts: {error}. Mend: see alert_sinks.build_sinks") from None
    return pipeline.run()
