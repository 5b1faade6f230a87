"""
The gate: requests of training runs come in through the mailbox, verdicts go out through it.

A run and the review server are two processes, often on two machines, and the database has one writer: the server. So
a run never opens the database. It writes its request into the folder beside it (`review.gate` of `review.db`), and
whoever has the database open reads it in, keeps it as an event, offers its conversations to raters, and writes the
verdict back into the folder, where the run looks every few seconds. If the server dies between keeping a verdict and
writing it out, the verdict is written at the next opening.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pixel.review.adjudication import Adjudicating
from pixel.review.errors import ReviewError
from pixel.review.gate_policy import GatePolicy
from pixel.review.mailbox import VERDICTS, FileReviewStore, VerdictError, mailbox_folder
from pixel.review.records import Assignment
from pixel.review.said import plain_text

LOOK = 5.0
_UNANSWERED = "NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.gate = g.id)"


class Gate(Adjudicating):
    """The part of `ReviewDatabase` that holds and frees training runs."""

    policy: GatePolicy
    _looked = 0.0

    def request(self, content: dict[str, Any]) -> str:
        """
        Keep a request of a run in this very process (another process writes to the mailbox) and return its id.
        Conversations of it whose words may be shown become items for raters. Asking again keeps the first.

        Raises:
            ReviewError: an id that cannot be one.
        """
        try:
            id = self._mailbox.request(content)
        except ValueError as error:
            raise ReviewError(f"{error}. Mend: leave the id out") from None
        self.read_mailbox()
        return id

    def next_item(self, name: str) -> Assignment | None:
        """As in `Assigning`; looks into the mailbox every `LOOK` seconds, so that a waiting run finds its raters."""
        if abs(self.clock() - self._looked) >= LOOK:
            self._looked = self.clock()
            with suppress(ReviewError):
                self.read_mailbox()
        return super().next_item(name)

    def verdict(self, id: str) -> dict[str, Any] | None:
        """`{"verdict": "approve" | "reject" | "rollback", "reviewer", "comment", "at"}`, or `None`: none yet."""
        row = self._row("SELECT content FROM verdicts WHERE gate = ?", id)
        return json.loads(row[0]) if row else None

    def pending(self) -> list[dict[str, Any]]:
        """
        Requests without a verdict, oldest first; reads the mailbox before.

        Returns:
            what the run wrote (`id`, `run`, `step`, `reason`, `checkpoint`, `verdicts`, `policy`, `conversations`),
            with `at`, when it was read in (`None`: not yet, and this is open to read only), and `panel`: `{"item_id",
            "complete", "veto", "ratings", "dimensions", ...}` for each of its conversations that is up for rating.
        """
        unread: list[dict[str, Any]] = []
        if not self.read_only:
            self.read_mailbox()
        elif (folder := mailbox_folder(self.path)).is_dir():
            known, box = {row[0] for row in self._rows("SELECT id FROM gates")}, FileReviewStore(folder)
            unread = [one | {"at": None, "panel": []} for one in box.requests(known)]
        rows = self._rows(f"SELECT g.id, g.content, g.at FROM gates g WHERE {_UNANSWERED} ORDER BY g.at, g.id")
        return [
            json.loads(content) | {"id": id, "at": at, "panel": self._panel(id)} for id, content, at in rows
        ] + unread

    def give_verdict(self, name: str, id: str, verdict: str, comment: str = "") -> None:
        """
        Decide about a waiting run; it hears of it at its next look. The first verdict stands.

        Raises:
            ReviewError: neither adjudicator nor admin, no such request or verdict, decided already, or the verdict is
                kept and could not be written to the mailbox.
        """
        comment = plain_text(comment, "comment", 2_000).strip()
        if verdict not in VERDICTS:
            raise ReviewError(f"there is no such verdict. Mend: use one of {', '.join(VERDICTS)}")
        with self._change():
            person = self._adjudicator(name)
            self._read_in()
            if not isinstance(id, str) or self._row("SELECT 1 FROM gates WHERE id = ?", id) is None:
                raise ReviewError("there is no such request. Mend: see those that wait")
            if (there := self.verdict(id)) is not None:
                if (there["verdict"], there["reviewer"]) == (verdict, person.pseudonym):
                    return
                raise ReviewError(f"there is a verdict already: {there['verdict']}. Mend: see the audit trail")
            self._answer(person.name, id, verdict, person.pseudonym, comment)
        self._deliver()

    def read_mailbox(self) -> None:
        """Take in what runs have asked since, answer what the policy can answer, and write out verdicts."""
        with self._change():
            self._read_in()
        self._deliver()

    def _read_in(self) -> None:
        known = {row[0] for row in self._rows("SELECT id FROM gates")}
        for content in self._mailbox.requests(known):
            id = content["id"]
            self._record("", "gate_asked", id=id, content=content)
            self._offer(id, content.get("conversations"))
        for (id,) in self._rows(f"SELECT id FROM gates g WHERE {_UNANSWERED}"):
            try:
                written = self._mailbox.verdict(id)
            except (VerdictError, ValueError):
                continue  # the run says so itself
            if written is not None:  # by hand, or before this database was lost
                said = [str(written.get(name, "")) for name in ("reviewer", "comment")]
                self._answer("", id, written["verdict"], *said)

    def _offer(self, id: str, conversations: Any) -> None:
        """Put those conversations of a request up for rating whose every turn may be read."""
        for number, one in enumerate(conversations if isinstance(conversations, list) else (), start=1):
            turns = one.get("turns") if isinstance(one, Mapping) else None
            turns = turns if isinstance(turns, list) else []
            if not turns or not all(isinstance(turn, Mapping) and turn.get("text") for turn in turns):
                continue
            row = {
                "id": f"{id}:{number}",
                "messages": [{"role": turn.get("role"), "content": turn["text"]} for turn in turns],
                "readouts": [turn.get("readouts") for turn in turns],
                "source": one.get("source"),
            }
            with suppress(ReviewError):  # a person still decides, by the read-outs
                self.add_items([row], rubric=self.policy.rubric, overlap=self.policy.overlap, gate=id)

    def _panel(self, id: str) -> list[dict[str, Any]]:
        found = []
        for item_id, overlap in self._rows("SELECT id, overlap FROM items WHERE gate = ? ORDER BY place", id):
            one = self.consensus(item_id)
            found.append(one | {"complete": one["adjudicated"] or one["ratings"] >= overlap})
        return found

    def _after_rating(self, item: Mapping[str, Any]) -> None:
        id = item["gate"]
        if id is None or self.verdict(id) is not None:
            return
        decided = self.policy.decide(self._panel(id))
        if decided is not None:
            self._answer("", id, decided[0], "policy", decided[1])
            self._then.append(self._deliver_quietly)

    def _answer(self, who: str, id: str, verdict: str, reviewer: str, comment: str) -> None:
        content = {"verdict": verdict, "reviewer": reviewer, "comment": comment, "at": self.clock()}
        self._record(who, "gate_answered", id=id, content=content)

    def _deliver(self) -> None:
        """Write out every verdict that is not in the mailbox yet."""
        try:
            for id, content in self._rows("SELECT gate, content FROM verdicts"):
                if id not in self._delivered:
                    if self._unwritten(id):
                        self._mailbox.give(id, **json.loads(content))
                    self._delivered.add(id)
        except OSError as error:
            raise ReviewError(
                f"the verdict is kept but not delivered ({error.strerror}). Mend: make {self._mailbox.folder.name} "
                "writable; it is delivered at the next look"
            ) from None

    def _deliver_quietly(self) -> None:
        """For raters, who cannot mend a mailbox; whoever looks at the gate next is told."""
        with suppress(ReviewError):
            self._deliver()

    def _unwritten(self, id: str) -> bool:
        try:
            return self._mailbox.verdict(id) is None
        except VerdictError:
            return True
