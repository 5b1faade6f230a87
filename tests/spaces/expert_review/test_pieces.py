"""The parts under the pages: strict answers, text that stays text, sign-ins that outlive a restart."""

import asyncio
import json

import pytest

from pixel.review import ReviewError


def test_an_answer_is_read_or_refused_without_repeating_it(space_path):
    from review_pages.answers import read_answer

    read = read_answer('{"ratings": {"empathy": 4, "safety": null}, "comment": "ok", "edits": {"3": "I see."}}')
    assert read.ratings == {"empathy": 4, "safety": None} and read.edits == {3: "I see."} and not read.missing_context
    bad = [
        "",
        "[]",
        '{"ratings": {"a": 1.5}}',
        '{"rating": {}}',
        '{"edits": {"x": "y"}}',
        '{"comment": ["secret"]}',
        None,
        5,
    ]
    for text in bad:
        with pytest.raises(ReviewError) as caught:
            read_answer(text)
        assert "secret" not in str(caught.value) and "\n" not in str(caught.value)


def test_limits_are_told_in_numbers(space_path):
    from review_pages.answers import read_answer

    assert len(read_answer(json.dumps({"comment": "é" * 10_000})).comment) == 10_000
    with pytest.raises(ReviewError, match="10,001"):
        read_answer(json.dumps({"comment": "é" * 10_001}))
    with pytest.raises(ReviewError, match="20,001"):
        read_answer(json.dumps({"edits": {"1": "x" * 20_001}}))


def test_text_becomes_text_in_elements_attributes_and_templates(space_path):
    from html import unescape

    from review_pages.showing import conversation, safe, table

    nasty = "</div><script>x</script> \" ' ${a} {{b}} `c` @children &amp;"
    assert not set(safe(nasty)) & set("<>\"'{}$`@")
    assert unescape(safe(nasty)) == nasty
    messages = [{"role": "assistant", "content": nasty}, {"role": "no such role", "content": nasty}]
    assert "<script" not in conversation(messages) + table([nasty], [[nasty]], nasty, nasty)


def test_replies_are_marked_and_can_be_rewritten_and_clients_words_cannot(space_path):
    from review_pages.showing import conversation

    page = conversation([{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}])
    assert page.count("judge this") == 1 and page.count("<textarea") == 1 and 'data-edit="1"' in page
    assert "<textarea" not in conversation([{"role": "assistant", "content": "b"}], editable=False)


def test_sign_ins_outlive_the_process_end_in_time_and_can_be_ended(space_path, tmp_path):
    from review_pages.sessions import Sessions

    now = [1000.0]
    first = Sessions(tmp_path / "s.json", life=60, clock=lambda: now[0])
    first["one"], first["two"] = "Ann", "bo"
    again = Sessions(tmp_path / "s.json", life=60, clock=lambda: now[0])
    assert again.get("one") == "Ann" and again.get(None) is None and again.get("") is None and "one" in again
    again.forget("ann")
    assert again.get("one") is None and again.get("two") == "bo"
    now[0] += 61
    assert again.get("two") is None
    assert (tmp_path / "s.json").stat().st_mode & 0o077 == 0
    assert "two" not in (tmp_path / "s.json").read_text(encoding="utf-8")


def test_signing_out_takes_every_sign_in_of_a_name_as_gradio_does_it(space_path, tmp_path):
    from review_pages.sessions import Sessions

    tokens = Sessions(tmp_path / "s.json")
    tokens["a"], tokens["b"], tokens["c"] = "ann", "ann", "bo"
    for token in list(tokens.keys()):
        if tokens[token] == "ann":
            del tokens[token]
    assert tokens.get("a") is None and tokens.get("b") is None and tokens.get("c") == "bo"


def test_a_damaged_file_of_sign_ins_means_signing_in_again(space_path, tmp_path):
    from review_pages.sessions import Sessions

    for text in ("", "{", "[]", '{"a": 1}', "\x00"):
        (tmp_path / "s.json").write_text(text, encoding="utf-8")
        assert len(Sessions(tmp_path / "s.json")) == 0


def shielded(method="POST", path="/gradio_api/run/next", headers=(), chunks=(b"",)):
    """Status and headers that an application behind the shield ends up with; it reads its whole body."""
    from review_pages.shield import Shield

    sent, waiting = [], list(chunks)

    async def app(scope, receive, send):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive():
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [(b"host", b"here:1"), *headers]}
    asyncio.run(Shield(app)(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"])


def test_a_body_over_the_limit_is_refused_with_and_without_a_length(space_path):
    assert shielded(headers=[(b"content-length", b"1000000")])[0] == 413
    assert shielded(headers=[(b"content-length", b"many")])[0] == 413
    assert shielded(headers=[(b"content-length", b"1000")])[0] == 200
    assert shielded(path="/gradio_api/upload", headers=[(b"content-length", b"1000000")])[0] == 200
    with pytest.raises(ConnectionError):
        shielded(chunks=[b"x" * 100_000] * 4)


def test_only_this_sites_pages_may_post(space_path):
    assert shielded(headers=[(b"origin", b"http://here:1")])[0] == 200
    for origin in (b"http://there:1", b"http://here:1.evil.example", b"null", b""):
        assert shielded(headers=[(b"origin", origin)])[0] == 403
    status, headers = shielded(method="GET", headers=[(b"origin", b"http://there:1")])
    assert status == 200 and headers[b"cache-control"] == b"no-store"


def test_readings_of_alpha_follow_krippendorffs_bands_and_the_interval(space_path):
    pytest.importorskip("gradio")
    from review_pages.agreement import agreement_table, reading

    assert reading(0.85, 0.80) == "reliable"
    assert "tentative" in reading(0.70, 0.68)
    assert "rate more" in reading(0.85, 0.5)
    assert "too low" in reading(0.3, 0.1) and "worse than chance" in reading(-0.2, -0.4)
    page = agreement_table({"safety": {"alpha": None, "n": 9, "raters": 3, "reason": "all the same"}})
    assert "undefined" in page and "all the same" in page


def test_first_admin_comes_from_the_environment_once(space_path, tmp_path, monkeypatch):
    from review_pages.settings import make_first_admin, settings

    from pixel.review import ReviewDatabase

    monkeypatch.setenv("PIXEL_REVIEW_ADMIN", "ann")
    monkeypatch.setenv("PIXEL_REVIEW_PASSWORD", "a long enough one")
    assert "long enough" not in repr(settings())
    with ReviewDatabase(tmp_path / "r.db") as store:
        make_first_admin(store, settings())
        assert store.reviewer("ann").role == "admin"
        monkeypatch.setenv("PIXEL_REVIEW_ADMIN", "eve")
        make_first_admin(store, settings())
        assert store.reviewer("eve") is None


def test_hugging_face_sign_in_is_for_spaces_only(space_path, monkeypatch):
    from review_pages.settings import settings

    monkeypatch.setenv("OAUTH_CLIENT_ID", "x")
    monkeypatch.delenv("SYSTEM", raising=False)
    assert not settings().oauth
    monkeypatch.setenv("SYSTEM", "spaces")
    monkeypatch.setenv("SPACE_ID", "org/space")
    assert settings().oauth


def test_a_hugging_face_session_counts_for_the_account_of_its_name_while_it_lasts(space_path, tmp_path):
    pytest.importorskip("gradio")
    import time
    from types import SimpleNamespace

    from review_pages.people import Desk

    from pixel.review import ReviewDatabase

    def request(name, ends):
        session = {"oauth_info": {"expires_at": ends, "userinfo": {"preferred_username": name}}}
        return SimpleNamespace(username="boss", request=SimpleNamespace(scope={"session": session}))

    with ReviewDatabase(tmp_path / "r.db") as store:
        store.add_reviewer("boss", "a long enough one", "admin")
        store.add_reviewer("ann", "a long enough one")
        desk = Desk(store, oauth=True)
        assert desk.person(request("ann", time.time() + 60)).name == "ann"
        for bad in (
            request("ann", time.time() - 1),
            request("stranger", time.time() + 60),
            SimpleNamespace(username="boss"),
        ):
            with pytest.raises(ReviewError, match="sign in"):
                desk.person(bad)


def test_signing_out_works_after_a_restart_and_beside_sign_ins_that_are_over(space_path, tmp_path):
    from review_pages.sessions import Sessions

    now = [1000.0]
    first = Sessions(tmp_path / "s.json", life=60, clock=lambda: now[0])
    first["old"] = "ann"
    now[0] += 40
    first["a"], first["b"] = "ann", "bo"
    now[0] += 40  # "old" is over, and still in the file
    tokens = Sessions(tmp_path / "s.json", life=60, clock=lambda: now[0])
    assert len(tokens) == 2
    for token in list(tokens.keys()):
        if tokens[token] == "ann":
            del tokens[token]
    assert tokens.get("a") is None and tokens.get("b") == "bo"
    assert Sessions(tmp_path / "s.json", life=60, clock=lambda: now[0]).get("a") is None


@pytest.mark.parametrize("odd", [5, "words", ["words"], [{"turns": 5}], [{"turns": ["words", {"role": ["x"]}]}]])
def test_a_request_that_a_run_wrote_oddly_hides_no_other(space_path, odd):
    from review_pages.gate import cards

    page = cards([{"id": "odd", "conversations": odd, "verdicts": 5}, {"id": "good", "policy": "stop after 60 s"}])
    assert page.count("<article") == 2 and "stop after 60 s" in page
    assert page.count("px-gate-go") == 2 * 3  # approve, roll back, reject


def test_a_bad_line_of_a_file_is_named_by_its_number_only(space_path, tmp_path):
    from review_pages.admin import read_rows

    file = tmp_path / "talk.jsonl"
    for line in (b"secret", b'["secret"]', b"\xff secret", b'{"secret": ' + b"1" * 5000 + b"}"):
        file.write_bytes(b"\xef\xbb\xbf" + b'{"id": "1"}\n\n' + line)
        with pytest.raises(ReviewError, match=r"Line 3 .*Nothing was loaded") as caught:
            read_rows(str(file))
        assert "secret" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    file.write_bytes(b'\xef\xbb\xbf{"id": "1"}\n')
    assert read_rows(str(file)) == [{"id": "1"}]
    with pytest.raises(ReviewError, match="cannot be read"):
        read_rows(str(tmp_path / "none.jsonl"))
