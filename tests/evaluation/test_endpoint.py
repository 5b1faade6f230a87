import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pixel.evaluation.endpoint import Endpoint, EndpointError


@pytest.fixture
def server():
    """`server(answers)`: on the loopback; `answers(body, number)` gives `(status, JSON)`. Returns url and requests."""
    running = []

    def start(answers):
        requests = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                requests.append((self.path, self.headers.get("Authorization"), body))
                status, answer = answers(body, len(requests))
                content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=made.serve_forever, daemon=True).start()
        running.append(made)
        return f"http://127.0.0.1:{made.server_address[1]}", requests

    yield start
    for made in running:
        made.shutdown()
        made.server_close()


def said(text):
    return {"choices": [{"message": {"role": "assistant", "content": text}}]}


def ask(url, count=1, **options):
    talks = [[{"role": "user", "content": f"number {n}"}] for n in range(count)]
    return Endpoint(url, "served", pause=0.01, **options).generate(talks, max_new_tokens=7, temperature=0.5, seed=3)


def test_replies_come_in_the_order_of_the_conversations(server):
    url, requests = server(lambda body, _: (200, said("to " + body["messages"][0]["content"])))
    assert ask(url, 20) == [f"to number {n}" for n in range(20)]
    path, _, body = requests[0]
    assert path == "/v1/chat/completions"
    assert (body["model"], body["max_tokens"], body["temperature"], body["seed"]) == ("served", 7, 0.5, 3)


@pytest.mark.parametrize("end", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_the_address_may_end_in_any_usual_way(end):
    assert Endpoint(f"http://here:1{end}", "m").url == "http://here:1/v1/chat/completions"


def test_a_server_that_is_busy_is_asked_again(server):
    url, requests = server(lambda _, number: (503, {}) if number < 3 else (200, said("here")))
    assert ask(url) == ["here"] and len(requests) == 3


def test_a_server_that_stays_away_is_named_without_what_was_sent(server):
    url, requests = server(lambda *_: (500, {"error": "number 0 is secret"}))
    with pytest.raises(EndpointError, match="answered 500, 3 times. Mend") as error:
        ask(url, tries=3)
    assert len(requests) == 3 and "number 0" not in str(error.value)
    with pytest.raises(EndpointError, match="not reached"):
        ask("http://127.0.0.1:9", tries=2)


def test_a_refusal_is_not_repeated_and_says_the_mend(server):
    url, requests = server(lambda *_: (401, {}))
    with pytest.raises(EndpointError, match="set OPENAI_API_KEY"):
        ask(url)
    assert len(requests) == 1


@pytest.mark.parametrize("answer", [b"<html>", {"choices": []}, [], {"choices": [{"message": None}]}])
def test_an_answer_that_is_no_completion_is_an_error(server, answer):
    url, _ = server(lambda *_: (200, answer))
    with pytest.raises(EndpointError, match="no chat completion"):
        ask(url)


def test_the_key_comes_from_the_environment(server, monkeypatch):
    url, requests = server(lambda *_: (200, said("x")))
    monkeypatch.setenv("OPENAI_API_KEY", "k1")
    ask(url)
    monkeypatch.delenv("OPENAI_API_KEY")
    ask(url)
    assert [request[1] for request in requests] == ["Bearer k1", None]


@pytest.mark.parametrize("url", ["http://me:secret@here:1/v1", "http://here:1/v1?api_key=secret", "me:secret@here"])
def test_a_key_in_the_address_is_refused_and_not_repeated(url):
    with pytest.raises(EndpointError) as error:
        Endpoint(url, "m")
    assert "Mend" in str(error.value) and "secret" not in str(error.value)


def test_an_address_must_be_http():
    with pytest.raises(EndpointError, match="no http address"):
        Endpoint("localhost:8000", "m")
