"""Every endpoint of the running app, taken from its own configuration, under attack: nothing gets in, nothing runs."""

import itertools
import json

import pytest

from tests.spaces.expert_review.attacks import (
    ANSWERS,
    FORGED,
    ODD,
    SCRIPTS,
    SECRETS,
    SQL,
    active_parts,
    file_routes,
)
from tests.spaces.expert_review.people import GOOD, MARK, answer

FOR_EVERYONE = {
    "first",
    "next",
    "following",
    "following_1",
    "submit",
    "skip",
    "list_own",
    "open_own",
    "revise",
    "hello",
}
FOR_ADMINS = {"load", "export", "standing", "list_standing"}
FOR_ADMINS |= {"list_accounts", "add_account", "set_password", "close_account"}
COUNT = {"attacks": 0, "got in": 0}


@pytest.fixture(scope="module")
def endpoints(callers):
    """Everything that the server runs for an event: whatever is added to the page later is in here by itself."""
    found = [one for one in callers["adm_e"].config()["dependencies"] if one["backend_fn"]]
    assert len(found) >= 20
    return found


@pytest.fixture(scope="module", autouse=True)
def count():
    yield
    print(f"\nattacks on the expert review: {COUNT['attacks']}, answered and not refused: {COUNT['got in']}")


def events(server) -> int:
    """How many changes the store has seen, sign-ins apart; the chain of all of them is checked on the way."""
    from pixel.review import ReviewDatabase

    with ReviewDatabase(server.database, read_only=True) as store:
        store.verify()
        return sum(event["kind"] != "signed_in" for event in store.audit(100_000))


def refused(reply) -> bool:
    """Whether nothing was given back; and whatever was said is one line without anything from inside."""
    COUNT["attacks"] += 1
    text = reply.text
    assert not any(secret in text for secret in SECRETS) and "Traceback" not in text and 'File "' not in text
    error = (reply.json() if reply.headers.get("content-type", "").startswith("application/json") else {}).get("error")
    assert error is None or (len(error) < 400 and "\n" not in error)
    COUNT["got in"] += reply.status_code < 400
    return reply.status_code >= 400


def values_for(endpoint, payload):
    return [payload] * len(endpoint["inputs"])


def test_nobody_gets_anything_without_signing_in(callers, server, endpoints):
    before, nobody = events(server), callers[None]
    for endpoint in endpoints:
        for cookies in (
            {},
            {"access-token-pixel-review": "forged"},
            {"access-token-unsecure-pixel-review": "' OR 1=1"},
        ):
            for payload in ("x", None, SQL[0]):
                nobody.http.cookies.clear()
                nobody.http.cookies.update(cookies)
                values = values_for(endpoint, payload)
                body = {"data": values, "fn_index": endpoint["id"], "session_hash": "s", "username": "adm_e"}
                for path in (
                    "run/predict",
                    f"run/{endpoint['api_name']}",
                    "queue/join",
                    f"call/{endpoint['api_name']}",
                ):
                    reply = nobody.http.post(f"/gradio_api/{path}", json=body)
                    assert refused(reply) and reply.status_code == 401 and MARK not in reply.text
    nobody.http.cookies.clear()
    assert events(server) == before


def test_an_account_does_only_what_its_role_may(callers, server, endpoints):
    before = events(server)
    for endpoint, name in itertools.product(endpoints, ("rev_a", "rev_b", "adj_d")):
        allowed = FOR_EVERYONE if name != "adj_d" else {one["api_name"] for one in endpoints} - FOR_ADMINS
        if endpoint["api_name"] in allowed:
            continue
        for payload in ("x", "item-00", None):
            reply = callers[name].call(endpoint["id"], *values_for(endpoint, payload))
            assert refused(reply), endpoint["api_name"]
            said = reply.json()["error"]
            assert said is None or "may not" in said  # None: no such file, found before anybody's role was looked at
            joined = callers[name].http.post(
                f"/gradio_api/call/{endpoint['api_name']}", json={"data": values_for(endpoint, payload)}
            )
            if joined.status_code == 200:  # the queue takes the call; what comes out of it is the refusal
                stream = callers[name].http.get(f"/gradio_api/call/{endpoint['api_name']}/{joined.json()['event_id']}")
                assert "event: error" in stream.text and MARK not in stream.text
            COUNT["attacks"] += 1
    assert events(server) == before


def test_nobody_acts_on_anothers_item(callers, server):
    own, other = callers["rev_a"], callers["rev_b"]
    _, item_id, token = own.next()
    _, others_item, others_token = other.next()
    before = events(server)
    pairs = [(item_id, token), (item_id, ""), (item_id, token[:-1]), (others_item, others_token.swapcase())]
    pairs += [(item, key) for item, key in ((item_id, others_token), (others_item, token)) if others_item != item_id]
    for item, key in pairs:
        assert refused(other.call("submit", item, key, answer()))
        assert refused(other.call("skip", item, key, ""))
    for name in ("rev_b", "rev_c"):
        mine = {part.split('"')[0] for part in callers[name].data("list_own")[0].split('data-v0="')[1:]}
        for place in range(30):
            if f"item-{place:02}" not in mine:
                assert refused(callers[name].call("open_own", f"item-{place:02}"))
                assert refused(callers[name].call("revise", f"item-{place:02}", answer()))
    assert events(server) == before


@pytest.mark.parametrize("kind", ["scripts", "sql", "forged", "odd", "answers", "huge"])
def test_no_payload_gets_in_through_any_input(callers, server, endpoints, kind):
    payloads = {"scripts": SCRIPTS, "sql": SQL, "forged": FORGED, "odd": ODD, "answers": ANSWERS}.get(
        kind, ("x" * 1_000_000, "x" * 200_000)
    )
    before = events(server)
    for endpoint in endpoints:
        if not endpoint["inputs"]:
            continue
        name = (
            "adm_e"
            if endpoint["api_name"] in FOR_ADMINS
            else "adj_d"
            if endpoint["api_name"] not in FOR_EVERYONE
            else "rev_c"
        )
        for payload in payloads:
            reply = callers[name].call(endpoint["id"], *values_for(endpoint, payload))
            assert refused(reply), (endpoint["api_name"], str(payload)[:60])
            assert reply.status_code == 413 or len(str(payload)) < 1_000_000
            assert str(payload)[:40] not in reply.text or len(str(payload)) < 15
    assert events(server) == before


def test_a_real_item_with_a_bad_answer_is_not_rated(callers, server):
    rev = callers["rev_c"]
    _, item_id, token = rev.next()
    before = events(server)
    bad = [
        *ANSWERS,
        answer(comment="x" * 10_001),
        answer(edits={"0": "the client's words"}),
        answer(edits={"99": "x"}),
    ]
    bad += [
        answer(edits={"1": "x" * 20_001}),
        answer(missing_context="yes"),
        answer(comment=5),
        answer(edits={"-1": "x"}),
    ]
    for one in bad:
        assert refused(rev.call("submit", item_id, token, one))
    for wrong in FORGED:
        if wrong != item_id:
            assert refused(rev.call("submit", wrong, token, answer()))
        assert refused(rev.call("submit", item_id, wrong, answer()))
    assert events(server) == before


def test_what_people_write_is_shown_as_text_wherever_it_comes_up(callers):
    words = " ".join(SCRIPTS + SQL)
    for name, value in (("rev_a", 1), ("rev_b", 5), ("rev_c", 3)):
        for _ in range(6):
            page, item_id, token = callers[name].next()
            if not item_id:
                break
            assert active_parts(page) == []
            filled = answer(ratings=GOOD | {"empathy": value}, comment=words, edits={"1": words})
            callers[name].data("submit", item_id, token, filled)
            COUNT["attacks"] += 2
        pages = callers[name].data("list_own")[0] + callers[name].data("open_own", item_id or "item-00")[1]
        assert "window.hit" in pages and active_parts(pages) == []
    adjudicator = callers["adj_d"]
    waiting = adjudicator.data("list_disagreements")[0]
    opened = [part.split('"')[0] for part in waiting.split('data-v0="')[1:]]
    assert opened
    for item_id in opened:
        page = adjudicator.data("open_disagreement", item_id)[1]
        assert active_parts(page) == [] and "${" not in page and "{{" not in page
    for page in (*adjudicator.data("gate"), *callers["adm_e"].data("standing"), *adjudicator.data("agreement")):
        assert active_parts(page) == []


def test_the_checker_of_pages_finds_what_it_looks_for():
    assert active_parts(SCRIPTS[0]) and active_parts(SCRIPTS[1]) and active_parts(SCRIPTS[2])
    assert active_parts('<a href="javascript:x">') and not active_parts("<p class='a'>&lt;script&gt;</p>")


@pytest.mark.parametrize("name", [None, "rev_a", "adm_e"])
def test_no_file_of_the_machine_is_served(callers, server, name):
    httpx, http = pytest.importorskip("httpx"), callers[name].http
    for route in file_routes(server.database, "WORD"):
        if "queue/data" in route and name:
            continue  # an open stream of one's own session
        COUNT["attacks"] += 1
        try:
            reply = http.get(route, follow_redirects=False)
        except httpx.RemoteProtocolError:  # a stream that the server broke off
            continue
        body = reply.content.decode("latin-1")
        assert not any(secret in body for secret in SECRETS), route
        assert MARK not in body, route
        if any(
            word in route for word in ("file=", "file/", "proxy=", "/export", "passwd", "review.db", "events.jsonl")
        ):
            assert reply.status_code >= 400 or reply.request.url.path == "/", (route, reply.status_code)
        if name is None:
            assert not any(person in body for person in ("rev_a", "adj_d", "adm_e")), route


def test_uploads_are_taken_from_people_only_and_not_read_from_elsewhere(callers, server):
    before = events(server)
    assert refused(callers[None].http.post("/gradio_api/upload", files={"files": ("a.jsonl", "{}")}))
    for path in (str(server.database), "/etc/passwd", "/proc/self/environ", str(server.database) + ".sessions.json"):
        for more in ({}, {"meta": {"_type": "gradio.FileData"}}, {"url": f"file://{path}"}, {"is_stream": True}):
            assert refused(callers["adm_e"].call("load", {"path": path, **more}, "conversation", 2))
    for rubric in ("../../../etc/passwd", "/etc/passwd", str(server.database), "conversation.yaml"):
        mine = callers["adm_e"].http.post("/gradio_api/upload", files={"files": ("a.jsonl", '{"id": "z"}')}).json()[0]
        given = {"path": mine, "meta": {"_type": "gradio.FileData"}}
        assert refused(callers["adm_e"].call("load", given, rubric, 2))
        assert refused(callers["adm_e"].call("load", given, "conversation", 0))
        assert refused(callers["adm_e"].call("load", given, "conversation", "3; --"))
    assert events(server) == before


def test_another_sites_page_cannot_act_with_a_reviewers_cookie(callers, server, endpoints):
    before = events(server)
    for endpoint in endpoints:
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
            body = {"data": values_for(endpoint, "x"), "fn_index": endpoint["id"], "session_hash": "s"}
            reply = callers["rev_a"].http.post("/gradio_api/run/predict", json=body, headers={"Origin": origin})
            assert refused(reply) and reply.status_code == 403
    assert events(server) == before


def test_other_routes_that_change_something_are_closed(callers):
    bodies = ({}, {"data": ["x"]}, {"session_hash": "s", "fn_index": 0, "event_id": "e"}, {"prompt": "import os"})
    for route in (
        "vibe-edit",
        "undo-vibe-edit",
        "vibe-code",
        "vibe-starter-queries",
        "process_recording",
        "component_server",
    ):
        for name, body in itertools.product((None, "rev_a"), bodies):
            reply = callers[name].http.post(f"/gradio_api/{route}/", content=json.dumps(body))
            COUNT["attacks"] += 1
            assert reply.status_code >= 400 or route not in ("vibe-edit", "vibe-code"), (route, reply.status_code)
            assert not any(secret in reply.text for secret in SECRETS) and MARK not in reply.text


def test_guessing_a_password_is_slowed_down(callers):
    codes = [
        callers[None].http.post("/login", data={"username": "adm_e", "password": f"guess number {number}"}).status_code
        for number in range(12)
    ]
    COUNT["attacks"] += len(codes)
    assert set(codes) == {400}
    assert (
        callers[None].http.post("/login", data={"username": "adm_e", "password": "a long enough one"}).status_code
        == 400
    )


def test_deactivated_people_are_out_at_once_and_a_sign_in_without_account_is_nothing(callers, tmp_path, space_path):
    from types import SimpleNamespace

    from pixel.review import ReviewDatabase, ReviewError

    people = pytest.importorskip("review_pages.people")
    with ReviewDatabase(tmp_path / "small.db") as store:
        store.add_reviewer("boss", "a long enough one", "admin")
        store.add_reviewer("gone", "a long enough one", "reviewer")
        desk = people.Desk(store)
        assert desk.person(SimpleNamespace(username="gone")).role == "reviewer"
        store.deactivate("gone")
        for name in ("gone", "stranger", "", None):
            with pytest.raises(ReviewError, match="sign in"):
                desk.person(SimpleNamespace(username=name))


def test_nothing_that_anybody_sent_was_printed(server, callers):
    printed = server.log.read_text(encoding="utf-8")
    assert not any(
        word in printed for word in (MARK, "window.hit", "DROP TABLE", "UNION SELECT", "guess number", "x" * 50)
    )
