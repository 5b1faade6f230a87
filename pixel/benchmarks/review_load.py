"""The expert review under load: many at once, the server killed again and again, every rating counted."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from pixel.benchmarks.review_server import ReviewServer, await_port
from pixel.metrics.table import markdown
from pixel.review import ReviewDatabase

PASSWORD = "a long enough one"
PATIENCE = 60.0  # seconds after which a call counts as lost with the server
TRIES = 30  # of one call, before a reviewer gives up and the benchmark with it


def review_load(
    folder: str | Path, reviewers: int = 20, items: int = 1000, overlap: int = 3, kills: int = 5, seed: int = 0
) -> dict[str, Any]:
    """
    Rate everything by `gradio_client` against the real process and compare the store with what was acknowledged.

    The server gets SIGKILL at `kills` moments, evenly spread over the work, in the middle of calls. A reviewer whose
    call was cut off sends the same call again. Times are of calls that were answered at the first try.

    Args:
        folder: for database and log; must hold no `review.db`.

    Returns:
        `{"wanted", "acknowledged", "lost", "doubled", "changed", "unacknowledged", "over_assigned", "retried",
        "seconds", "down", "rate", "submit": {"n", "p50", "p95", "max"}, "next": {...}}`; times in seconds, `down` the
        seconds from each kill to the next answer, `rate` acknowledged ratings a second, down times included.
    """
    folder = Path(folder)
    names = [f"reviewer{number:02}" for number in range(reviewers)]
    prepare(folder / "review.db", names, items, overlap)
    server, work = ReviewServer(folder / "review.db", folder / "server.log"), Work(items * overlap)
    server.start()
    raters = [threading.Thread(target=rate, args=(server.url, name, work, seed), daemon=True) for name in names]
    began, down = time.perf_counter(), []
    for rater in raters:
        rater.start()
    try:
        for number in range(1, kills + 1):
            work.wait_for(number * work.wanted // (kills + 1))
            at = time.perf_counter()
            server.kill()
            server.start()
            down.append(time.perf_counter() - at)
        for rater in raters:
            rater.join()
        seconds = time.perf_counter() - began
    finally:
        work.over.set()
        server.stop()
    if work.failed:
        raise RuntimeError(work.failed[0])
    return {
        **compare(folder / "review.db", names, work.acknowledged, overlap),
        "wanted": work.wanted,
        "retried": work.retried,
        "seconds": seconds,
        "down": down,
        "rate": len(work.acknowledged) / seconds,
        "submit": times(work.submits),
        "next": times(work.nexts),
    }


class Work:
    """What the reviewers have done so far, and what was acknowledged to them."""

    def __init__(self, wanted: int):
        self.wanted, self.acknowledged, self.retried = wanted, {}, 0
        self.submits: list[float] = []
        self.nexts: list[float] = []
        self.failed: list[str] = []
        self.over = threading.Event()
        self._changed = threading.Condition()

    def keep(self, name: str, item_id: str, ratings: dict[str, int]) -> None:
        with self._changed:
            self.acknowledged[name, item_id] = ratings
            self._changed.notify_all()

    def again(self) -> None:
        with self._changed:
            self.retried += 1

    def fail(self, line: str) -> None:
        with self._changed:
            self.failed.append(line)
            self._changed.notify_all()

    def done(self) -> bool:
        return self.over.is_set() or bool(self.failed) or len(self.acknowledged) >= self.wanted

    def wait_for(self, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: len(self.acknowledged) >= count or self.failed)


def prepare(database: Path, names: list[str], items: int, overlap: int) -> None:
    """Accounts and made-up conversations."""
    with ReviewDatabase(database) as store:
        for name in names:
            store.add_reviewer(name, PASSWORD)
        store.add_items(
            (
                {
                    "id": f"item-{number:05}",
                    "messages": [
                        {"role": "user", "content": f"I could not sleep again, the {number}th night in a row."},
                        {"role": "assistant", "content": "That sounds exhausting. What goes through your mind then?"},
                    ],
                }
                for number in range(items)
            ),
            overlap=overlap,
        )


def rate(url: str, name: str, work: Work, seed: int) -> None:
    """One reviewer, until everything is rated."""
    try:
        chance = np.random.default_rng([seed, *name.encode()])
        client, lost = None, 0
        while not work.done():
            try:
                client = client or connected(url, name)
                began = time.perf_counter()
                _, item_id, token, _ = called(client, api_name="/next")
                work.nexts.append(time.perf_counter() - began)
                if not item_id:  # what is left is held by others just now
                    time.sleep(0.5)
                    continue
                given = {"clinical_accuracy": 5, "appropriateness": 5, "empathy": 5, "safety": 4}
                ratings = {dimension: int(chance.integers(1, most + 1)) for dimension, most in given.items()}
                client = submitted(client, url, name, work, (item_id, token, ratings))
                lost = 0
            except Lost:
                client, lost = None, lost + 1
                work.again()
                if lost > TRIES:
                    raise
                time.sleep(1.0)
    except Exception as error:
        work.fail(f"{name}: {type(error).__name__}: {str(error)[:300]}")


class Lost(RuntimeError):
    """The call was not answered: the server is away."""


def submitted(client: Any, url: str, name: str, work: Work, call: tuple[str, str, dict[str, int]]) -> Any:
    """Send a rating until it is acknowledged; returns the client that is connected now."""
    item_id, token, ratings = call
    for tries in range(TRIES):
        try:
            client = client or connected(url, name)
            began = time.perf_counter()
            called(client, item_id, token, json.dumps({"ratings": ratings}), api_name="/submit")
            if not tries:
                work.submits.append(time.perf_counter() - began)
            work.keep(name, item_id, ratings)
            return client
        except Lost:
            client = None
            work.again()
            time.sleep(1.0)
    raise Lost("the server did not come back")


def connected(url: str, name: str) -> Any:
    """A client, once the server listens again."""
    from gradio_client import Client

    await_port(url, 10 * PATIENCE)
    try:
        return Client(
            url,
            auth=(name, PASSWORD),
            verbose=False,
            analytics_enabled=False,
            ssl_verify=False,  # plain HTTP on this machine: reading certificates for every call would cost 70 ms
            httpx_kwargs={"timeout": PATIENCE},
        )
    except Exception as error:
        raise Lost(type(error).__name__) from None


def called(client: Any, *values: str, api_name: str) -> Any:
    """
    One call.

    Raises:
        Lost: no answer. `AppError`: the server's own refusal.
    """
    from gradio_client.exceptions import AppError

    try:
        return client.submit(*values, api_name=api_name).result(timeout=PATIENCE)
    except AppError:
        raise
    except Exception as error:
        raise Lost(type(error).__name__) from None


def compare(database: Path, names: list[str], acknowledged: dict, overlap: int) -> dict[str, int]:
    """The store beside what was acknowledged, after everything has ended."""
    with ReviewDatabase(database) as store:
        store.verify()
        kept = [(name, own.item_id, own.ratings, own.revision) for name in names for own in store.own_ratings(name)]
    pairs = Counter((name, item_id) for name, item_id, _, _ in kept)
    by_pair = {(name, item_id): ratings for name, item_id, ratings, _ in kept}
    seats = Counter(item_id for _, item_id, _, _ in kept)
    return {
        "acknowledged": len(acknowledged),
        "kept": len(kept),
        "lost": sum(pair not in by_pair for pair in acknowledged),
        "changed": sum(pair in by_pair and by_pair[pair] != ratings for pair, ratings in acknowledged.items()),
        "doubled": sum(count > 1 for count in pairs.values()) + sum(revision > 0 for _, _, _, revision in kept),
        "unacknowledged": sum(pair not in acknowledged for pair in by_pair),
        "over_assigned": sum(count > overlap for count in seats.values()),
    }


def times(seconds: list[float]) -> dict[str, float]:
    """`{"n", "p50", "p95", "max"}`."""
    values = np.asarray(seconds or [np.nan])
    p50, p95 = np.percentile(values, [50, 95])
    return {"n": len(seconds), "p50": float(p50), "p95": float(p95), "max": float(values.max())}


def load_markdown(result: dict[str, Any]) -> str:
    """Two tables: what happened to ratings, and how long calls took."""
    names = (
        "wanted",
        "acknowledged",
        "kept",
        "lost",
        "changed",
        "doubled",
        "unacknowledged",
        "over_assigned",
        "retried",
    )
    counts = markdown(["ratings", "count"], [[name, result[name]] for name in names])
    calls = markdown(
        ["call", "n", "p50 s", "p95 s", "max s"],
        [[name, *(result[name][key] for key in ("n", "p50", "p95", "max"))] for name in ("submit", "next")],
    )
    down = ", ".join(f"{seconds:.1f}" for seconds in result["down"]) or "none"
    return (
        f"{counts}\n\n{calls}\n\n{result['rate']:.1f} ratings a second over {result['seconds']:.0f} s; "
        f"killed {len(result['down'])} times, away for {down} s"
    )
