"""What an attacker sends, and how to tell whether any of it got in or ran."""

import json
from html.parser import HTMLParser
from urllib.parse import quote

SCRIPTS = (
    "<script>window.hit=1</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "${alert(1)} {{constructor.constructor('alert(1)')()}}",
    "</textarea><iframe srcdoc='<script>parent.hit=1</script>'>",
)
SQL = (
    "' OR '1'='1",
    "'; DROP TABLE ratings; --",
    '" UNION SELECT name, password FROM accounts --',
    "item-00'; UPDATE accounts SET role='admin' WHERE name='rev_a'; --",
    "%' ESCAPE '\\",
)
FORGED = (
    "item-99999",
    "../../etc/passwd",
    "item-00\x00",
    "item-00/../item-01",
    "ITEM-00",
    "0",
    "",
    "null",
    "x" * 201,
    "é" * 50,
)
ODD = (None, True, -1, 1e308, [], {}, [["item-00"]], {"path": "/etc/passwd"}, {"__type__": "update", "value": "x"})
ANSWERS = (
    "{",
    "[]",
    "null",
    '{"ratings": {"empathy": 6}}',
    '{"ratings": {"empathy": true}}',
    '{"ratings": {"empathy": 1e400}}',
    '{"ratings": {"empathy": "5"}}',
    '{"ratings": {"__proto__": 5}}',
    '{"ratings": {}, "role": "admin"}',
    '{"ratings": [], "edits": []}',
    json.dumps({"ratings": {"clinical_accuracy": 4, "appropriateness": 4, "empathy": 4, "safety": 99}}),
    json.dumps({"ratings": {"clinical_accuracy": 4, "appropriateness": 4, "empathy": 4, "safety": None}}),
    "[" * 100_000,
)
SECRETS = ("root:x:0:0", "SQLite format 3", "scrypt$", "CREATE TABLE", "PIXEL_REVIEW_DB", "reviewing as nobody")
BAD_TAGS = {"script", "img", "iframe", "svg", "object", "embed", "link", "meta", "base", "form"}


def file_routes(database, word: str) -> list[str]:
    """Addresses that try to reach the database, what lies beside it, and files of the machine."""
    files = [
        str(database),
        f"{database}.sessions.json",
        f"{database}.lock",
        f"{database.with_suffix('.journal')}/events.jsonl",
    ]
    files += ["/etc/passwd", "/proc/self/environ", "/proc/self/cmdline", str(database.with_name("server.log"))]
    files += ["review.db", "./review.db", "../../../../etc/passwd", "app.py", "review_pages/people.py", "..", "/"]
    routes = []
    for file in files:
        for spelled in (file, quote(file, safe=""), quote(quote(file, safe=""), safe=""), file.replace("/", "//")):
            for root in ("/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/", "/export/"):
                routes.append(root + spelled)
            routes.append(f"/gradio_api/custom_component/1/client/component/{spelled}")
        for step in ("..%2f", "%2e%2e/", "....//", "..%5c", "..%c0%af"):
            routes += [f"{root}{step * 8}{file.lstrip('/')}" for root in ("/static/", "/assets/", "/export/")]
    for away in (
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/",
        "file:///etc/passwd",
        "http://localhost/",
    ):
        routes += [f"/gradio_api/proxy={away}", f"/gradio_api/file={away}"]
    routes += ["/config", "/gradio_api/info", "/gradio_api/openapi.json", "/openapi.json", "/docs", "/redoc"]
    routes += ["/monitoring", "/monitoring/summary", "/monitoring/x", "/gradio_api/runs", "/gradio_api/deep_link"]
    routes += ["/gradio_api/mcp/", "/gradio_api/mcp/sse", "/gradio_api/vibe-code", "/gradio_api/queue/status"]
    routes += [
        "/gradio_api/queue/data?session_hash=test",
        f"/?deep_link={word}",
        "/gradio_api/token",
        "/gradio_api/user",
    ]
    routes += ["/gradio_api/call/next/0", "/gradio_api/upload_progress?upload_id=1", "/gradio_api/profiling/traces"]
    routes += [
        "/export/",
        f"/export/{word}",
        "/export/..%2freview.db",
        f"/export/{'A' * 32}.zip",
        "/.env",
        "/.git/config",
    ]
    return routes


class Active(HTMLParser):
    """Collects what would run or load something."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attributes):
        if tag in BAD_TAGS:
            self.found.append(tag)
        for name, value in attributes:
            if name.startswith("on") or "javascript:" in (value or "").lower() and name in ("href", "src", "action"):
                self.found.append(f"{tag} {name}")


def active_parts(html: str) -> list[str]:
    """Elements and attributes of a piece of HTML that could run."""
    parser = Active()
    parser.feed(html)
    return parser.found
