"""People who call the Space as a browser does, and what they find there."""

import json
from typing import Any

PASSWORD = "a long enough one"
PEOPLE = {"rev_a": "reviewer", "rev_b": "reviewer", "rev_c": "reviewer", "adj_d": "adjudicator", "adm_e": "admin"}
MARK = "MARK-7f3a"  # stands in every conversation: nobody who is not signed in may ever see it
ITEMS = [
    {
        "id": f"item-{number:02}",
        "messages": [
            {"role": "user", "content": f"{MARK} <script>window.hit=1</script> ${{hit}} {{{{value}}}} & more"},
            {"role": "assistant", "content": '"><img src=x onerror="window.hit=1"> That is a lot to carry.'},
        ],
    }
    for number in range(30)
]
GOOD = {"clinical_accuracy": 4, "appropriateness": 4, "empathy": 4, "safety": 3}


def answer(**more: Any) -> str:
    """A filled-in form as the page sends it."""
    return json.dumps({"ratings": GOOD} | more)


class Caller:
    """
    Calls endpoints by plain HTTP.

    Args:
        url: of the server.
        name: signs in under this name with `PASSWORD`; `None` does not.
    """

    def __init__(self, url: str, name: str | None):
        import httpx

        self.http, self.name = httpx.Client(base_url=url, timeout=120), name
        if name:
            reply = self.http.post("/login", data={"username": name, "password": PASSWORD})
            assert reply.json() == {"success": True}

    def config(self) -> dict:
        return self.http.get("/config").json()

    def call(self, endpoint: str | int, *values: Any):
        """The reply of one endpoint, by name or by its number."""
        body = {"data": list(values), "session_hash": "test"}
        if isinstance(endpoint, int):
            return self.http.post("/gradio_api/run/predict", json=body | {"fn_index": endpoint})
        return self.http.post(f"/gradio_api/run/{endpoint}", json=body)

    def data(self, endpoint: str | int, *values: Any) -> list:
        """What an endpoint gives back to somebody who may call it."""
        reply = self.call(endpoint, *values)
        assert reply.status_code == 200, reply.text
        return reply.json()["data"]

    def next(self) -> tuple[str, str, str]:
        """(page, item, token)"""
        page, item_id, token, _ = self.data("next")
        return page, item_id, token
