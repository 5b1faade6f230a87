"""
Expert review: accounts, conversations to rate, agreement, export, and verdicts for training runs that wait.

    python recipes/review.py account add ann --role admin --credentials "clinical psychologist"
    python recipes/review.py load --input conversations.jsonl --overlap 3
    python recipes/review.py status
    python recipes/review.py agreement
    python recipes/review.py export --output outputs/review_export
    python recipes/review.py verdict RUN-step-500 approve --by ann
    python recipes/review.py restore --journal events.jsonl
    python recipes/review.py demo-gate --output outputs/gate_demo

Passwords are asked for, or taken from PIXEL_REVIEW_PASSWORD; never from the command line. The database is
$PIXEL_REVIEW_DB, or review.db. It has one writer: while the review page runs, status, agreement and export work here,
and accounts, conversations and verdicts are changed there.
Input of `load`: a JSON object a line, {"id", "messages": [{"role", "content"}], "speciality"?, "source"?, "licence"?}.
"""

import argparse
import os
import sys
from contextlib import contextmanager
from pathlib import Path

VERDICTS = ("approve", "reject", "rollback")
ROLES = ("reviewer", "adjudicator", "admin")


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    where = {"type": Path, "default": Path(os.environ.get("PIXEL_REVIEW_DB") or "review.db"), "metavar": "FILE"}
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, says: str, among=commands) -> argparse.ArgumentParser:
        made = among.add_parser(name, help=says)
        made.add_argument("--db", help="the database", **where)
        return made

    account = commands.add_parser("account", help="who may sign in").add_subparsers(dest="account", required=True)
    add = command("add", "make an account", account)
    add.add_argument("name")
    add.add_argument("--role", choices=ROLES, default="reviewer")
    add.add_argument("--credentials", default="", help='such as "clinical psychologist, 12 years"')
    add.add_argument("--specialities", nargs="+", default=[], help="of conversations this person is offered first")
    command("list", "all accounts", account)
    for name, says in (("deactivate", "close an account; its ratings stay"), ("password", "give it another password")):
        command(name, says, account).add_argument("name")

    load = command("load", "put conversations up for review")
    load.add_argument("--input", required=True, help="conversations, JSON lines")
    load.add_argument("--readouts", help="what recipes/predict.py read of them, shown beside the messages")
    load.add_argument("--rubric", default="conversation", help="name of a shipped one, or a YAML file")
    load.add_argument("--overlap", type=int, default=3, help="people for each conversation")
    load.add_argument("--skip_bad_rows", action="store_true", help="name bad rows and load the others")
    command("status", "how far the review is, and which runs wait")
    command("agreement", "Krippendorff's alpha for each question")
    export = command("export", "corrections, preferences, labels and ratings, de-identified")
    export.add_argument("--output", type=Path, required=True, metavar="DIR")
    export.add_argument("--push_to_hub", metavar="REPO", help="as a private dataset")
    verdict = command("verdict", "answer a training run that waits")
    verdict.add_argument("id")
    verdict.add_argument("verdict", choices=VERDICTS)
    verdict.add_argument("--by", required=True, help="an adjudicator or admin, whose password is asked for")
    verdict.add_argument("--comment", default="")
    restore = command("restore", "rebuild a lost database from its journal")
    restore.add_argument("--journal", type=Path, help="a copy of events.jsonl; default: the one beside the database")
    restore.add_argument("--repo", help="or the dataset on the Hub that has it")
    demo = commands.add_parser("demo-gate", help="training runs that are approved, rolled back, vetoed, timed out")
    demo.add_argument("--output", type=Path, default=Path("outputs/gate_demo"), metavar="DIR")
    demo.add_argument("--config", type=Path, default=Path(__file__).parent / "configs" / "tiny_cpu.yaml")
    return parser.parse_args(arguments)


def password(name: str, twice: bool = False) -> str:
    """From the environment, or asked for."""
    if (given := os.environ.get("PIXEL_REVIEW_PASSWORD")) is not None:
        return given
    from getpass import getpass

    from pixel.review import ReviewError

    if not sys.stdin.isatty():
        raise ReviewError("there is no terminal to ask for a password. Mend: set PIXEL_REVIEW_PASSWORD")
    typed = getpass(f"Password of {name}: ")
    if twice and getpass("Again: ") != typed:
        raise ReviewError("the two are not the same. Mend: try again")
    return typed


@contextmanager
def opened(chosen: argparse.Namespace, read_only: bool = False, make: bool = False):
    """The database; made only where `make` says so, so that a mistyped path makes none."""
    from pixel.review import ReviewDatabase, ReviewError

    if not make and not chosen.db.is_file():
        raise ReviewError(f"{chosen.db}: there is no database. Mend: check --db, or make an account first")
    with ReviewDatabase(chosen.db, read_only=read_only) as database:
        yield database


def account(chosen: argparse.Namespace) -> None:
    if chosen.account == "list":
        with opened(chosen, read_only=True) as database:
            for one in database.reviewers():
                areas = ", ".join(one.specialities) or "-"
                state = "" if one.active else " (closed)"
                print(f"{one.pseudonym}  {one.name}{state}  {one.role}  {one.credentials or '-'}  {areas}")
        return
    with opened(chosen, make=chosen.account == "add") as database:
        if chosen.account == "add":
            secret = password(chosen.name, twice=True)
            made = database.add_reviewer(chosen.name, secret, chosen.role, chosen.credentials, chosen.specialities)
            print(f"{made.name} is a new {made.role} of {chosen.db}.")
        elif chosen.account == "password":
            database.set_password(chosen.name, password(chosen.name, twice=True))
            print(f"{chosen.name} has another password.")
        else:
            database.deactivate(chosen.name)
            print(f"{chosen.name} is closed; the ratings stay.")


def load(chosen: argparse.Namespace) -> None:
    from pixel.review.loading import review_rows

    bad = []
    rows = list(review_rows(chosen.input, chosen.readouts, bad=bad if chosen.skip_bad_rows else None))
    with opened(chosen, make=True) as database:
        added = database.add_items(rows, rubric=chosen.rubric, overlap=chosen.overlap)
        there = len(rows) - added
    for error in bad:
        print(f"skipped: {error}", file=sys.stderr)
    known = f", {there} were there" if there else ""
    skipped = f", {len(bad)} bad rows skipped" if bad else ""
    print(f"{added} conversations are up for review, {chosen.overlap} people each{known}{skipped}.")


def status(chosen: argparse.Namespace) -> None:
    with opened(chosen, read_only=True) as database:
        said, waiting = database.progress(), database.pending()
        print(f"{said['finished']} of {said['items']} items finished, {said['ratings']} of {said['wanted']} ratings, "
              f"{said['disagreements']} to be decided, {said['adjudicated']} decided, "
              f"{said['missing_context']} ratings without enough context.")  # fmt: skip
        for one in said["reviewers"]:
            print(f"  {one['name']} ({one['role']}{'' if one['active'] else ', closed'}): {one['rated']} rated")
        for request in waiting:
            print(f"waits: {request['id']}, step {request.get('step')}, {request.get('reason')}")
        print(f"{database.verify()} events, chain whole.")


def agreement(chosen: argparse.Namespace) -> None:
    with opened(chosen, read_only=True) as database:
        found = database.agreement()
    if not found:
        print("Nothing was rated yet.")
    for name, one in found.items():
        about = f"{one['n']} items, {one['raters']} raters"
        if one["alpha"] is None:
            print(f"{name}: undefined ({one['reason']}); {about}")
        else:
            low_high = "no interval" if one["low"] is None else f"{one['low']:.3f} to {one['high']:.3f}"
            print(f"{name}: alpha {one['alpha']:.3f} ({low_high}); {about}")


def export(chosen: argparse.Namespace) -> None:
    from pixel.review import push_export

    with opened(chosen, read_only=True) as database:
        for kind, file in database.export(chosen.output).items():
            print(f"{kind}: {file}")
    if chosen.push_to_hub:
        print(push_export(chosen.output, chosen.push_to_hub))


def verdict(chosen: argparse.Namespace) -> None:
    from pixel.review import ReviewError

    with opened(chosen) as database:
        if database.sign_in(chosen.by, password(chosen.by)) is None:
            raise ReviewError("name and password do not go together, or too many tries. Mend: try again in a while")
        database.give_verdict(chosen.by, chosen.id, chosen.verdict, chosen.comment)
    print(f"{chosen.verdict}: {chosen.id}")


def restore(chosen: argparse.Namespace) -> None:
    from pixel.review.backup import restore_review

    with restore_review(chosen.db, journal=chosen.journal, repo_id=chosen.repo) as database:
        said = database.progress()
        print(f"{chosen.db}: {database.verify()} events, {said['items']} items, {said['ratings']} ratings.")


def demo_gate(chosen: argparse.Namespace) -> None:
    import yaml

    from pixel.benchmarks.gate_demo import gate_demo, gate_markdown

    config = yaml.safe_load(chosen.config.read_text(encoding="utf-8"))
    played = gate_demo([str(Path(__file__).with_name("train.py"))], config, chosen.output)
    print(gate_markdown(played))
    if not all(one["as_expected"] for one in played):
        sys.exit("error: a run did not do as the reviewers said. Mend: see its run.log")


DO = {
    "account": account, "load": load, "status": status, "agreement": agreement, "export": export,
    "verdict": verdict, "restore": restore, "demo-gate": demo_gate,
}  # fmt: skip


def main(chosen: argparse.Namespace) -> None:
    from pixel.data.errors import ConversationError
    from pixel.hub import PushError
    from pixel.review import ReviewError

    try:
        DO[chosen.command](chosen)
    except (ReviewError, ConversationError, PushError, OSError, RuntimeError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(options())
