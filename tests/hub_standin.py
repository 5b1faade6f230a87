"""
A Hub on the loopback: enough of huggingface.co to push models and datasets and load them back, held in memory.

`huggingface_hub`, `transformers` and `datasets` read `HF_ENDPOINT` when they are imported, so `tests/conftest.py`
starts one of these before any of them and points the whole session at it: no test can reach the real Hub.
"""

import base64
import fnmatch
import functools
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TOKEN = "hf_standin"
LARGE = ("*.safetensors", "*.parquet", "*.bin", "*.gguf", "*.arrow")
PREFIX = {"model": "", "dataset": "datasets/", "space": "spaces/"}
REPO = r"(?P<repo>[^/]+/[^/]+)"
WEB = rf"/(?P<type>datasets/|spaces/|){REPO}"
API = rf"/api/(?P<type>model|dataset|space)s/{REPO}"


class HubStandIn:
    """
    Start with `HubStandIn()`, stop with `close()`; `url` is the endpoint.

    Attributes:
        repos: `(type, id)` -> `{"private": bool, "commits": int, "files": {path: bytes}}`.
        fail: `None`, or `(part of the path, status)`: requests whose path holds that part are answered so.
        log: `(method, path)` of every request since `reset`.
    """

    def __init__(self):
        self.reset()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self}))
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def reset(self) -> None:
        self.repos, self.large, self.fail, self.log = {}, {}, None, []

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def files(self, repo: str, type: str = "model") -> dict[str, bytes]:
        return self.repos[type, repo]["files"]


class _Handler(BaseHTTPRequestHandler):
    hub: HubStandIn
    protocol_version = "HTTP/1.1"

    def handle_any(self):
        # Read the body whatever happens: an unread body would be taken for the next request of a kept connection.
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                self.body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self.path_only = unquote(urlsplit(self.path).path)
        self.hub.log.append((self.command, self.path_only))
        if self.hub.fail and self.hub.fail[0] in self.path_only:
            return self.reply(self.hub.fail[1], {"error": "the stand-in was told to fail"})
        for methods, pattern, route in ROUTES:
            if self.command in methods and (found := re.fullmatch(pattern, self.path_only)):
                return route(self, **found.groupdict())
        return self.reply(404, {"error": f"no such route: {self.path}"})

    do_GET = do_HEAD = do_POST = do_PUT = handle_any

    def log_message(self, *_):
        pass

    def reply(self, status: int, body=b"", **headers):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def allowed(self) -> bool:
        if self.headers.get("Authorization") == f"Bearer {TOKEN}":
            return True
        self.reply(401, {"error": "Invalid username or password."}, X_Error_Message="Invalid credentials")
        return False

    def find(self, type: str, repo: str):
        type = {value: key for key, value in PREFIX.items()}.get(type, type)
        found = self.hub.repos.get((type, repo))
        if found is None:
            self.reply(404, {"error": "Repository not found"}, X_Error_Code="RepoNotFound")
        return found

    # ── account and repositories ──
    def whoami(self):
        if self.allowed():
            self.reply(200, {"type": "user", "name": "tester", "orgs": [], "auth": {"type": "access_token"}})

    def create(self):
        if not self.allowed():
            return
        asked = json.loads(self.body)
        type, repo = asked.get("type") or "model", f"{asked.get('organization') or 'tester'}/{asked['name']}"
        known = (type, repo) in self.hub.repos
        private = asked.get("visibility") == "private" or bool(asked.get("private"))
        self.hub.repos.setdefault((type, repo), {"private": private, "commits": 0, "files": {}})
        url = f"{self.hub.url}/{PREFIX[type]}{repo}"
        self.reply(409 if known else 200, {"url": url, "name": repo, "error": "exists" if known else None})

    def info(self, type, repo, rev=None):
        if found := self.find(type, repo):
            siblings = [{"rfilename": path} for path in sorted(found["files"])]
            facts = {"id": repo, "sha": sha(found), "private": found["private"], "siblings": siblings}
            self.reply(200, {**facts, "tags": [], "downloads": 0, "likes": 0, "disabled": False, "gated": False})

    # ── writing ──
    def preupload(self, type, repo, rev):
        if self.allowed() and self.find(type, repo):
            files = [
                {"path": f["path"], "uploadMode": "lfs" if is_large(f["path"]) else "regular", "shouldIgnore": False}
                for f in json.loads(self.body)["files"]
            ]
            self.reply(200, {"files": files})

    def batch(self, type, repo):
        objects = [
            {**o, "actions": {"upload": {"href": f"{self.hub.url}/lfs/{o['oid']}"}}}
            for o in json.loads(self.body)["objects"]
        ]
        self.reply(200, {"transfer": "basic", "objects": objects})

    def store(self, oid):
        known = hashlib.sha256(self.body).hexdigest() == oid
        self.hub.large[oid] = self.body
        self.reply(200 if known else 422)

    def commit(self, type, repo, rev):
        if not (self.allowed() and (found := self.find(type, repo))):
            return
        for line in map(json.loads, self.body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                found["files"][value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                found["files"][value["path"]] = self.hub.large[value["oid"]]
            elif line["key"] == "deletedFile":
                found["files"].pop(value["path"], None)
        found["commits"] += 1
        url = f"{self.hub.url}/{PREFIX[type]}{repo}/commit/{sha(found)}"
        self.reply(200, {"success": True, "commitOid": sha(found), "commitUrl": url, "hookOutput": ""})

    # ── reading ──
    def tree(self, type, repo, rev, path):
        if found := self.find(type, repo):
            folder = f"{path}/" if path else ""
            inside = [name for name in found["files"] if name.startswith(folder)]
            if path and not inside:
                return self.reply(404, {"error": "no such entry"}, X_Error_Code="EntryNotFound")
            folders = {"/".join(p.split("/")[:i]) for p in inside for i in range(1, p.count("/") + 1)}
            folders = {name for name in folders if name.startswith(folder)}
            recursive = parse_qs(urlsplit(self.path).query).get("recursive", [""])[0].lower() in ("true", "1")
            names = [entry(found, name) for name in sorted(folders | set(inside))]
            self.reply(200, [e for e in names if recursive or "/" not in e["path"][len(folder) :]])

    def paths_info(self, type, repo, rev):
        if found := self.find(type, repo):
            form = "json" in self.headers.get("Content-Type", "")
            asked = (json.loads(self.body) if form else parse_qs(self.body.decode()))["paths"]
            known = [p for p in asked if p in found["files"] or any(f.startswith(f"{p}/") for f in found["files"])]
            self.reply(200, [entry(found, path) for path in known])

    def resolve(self, type, repo, rev, path):
        if not (found := self.find(type, repo)):
            return
        if path not in found["files"]:
            return self.reply(404, {"error": "no such entry"}, X_Error_Code="EntryNotFound", X_Repo_Commit=sha(found))
        content, status = found["files"][path], 200
        headers = {"ETag": f'"{entry(found, path)["oid"]}"', "X_Repo_Commit": sha(found), "Accept_Ranges": "bytes"}
        if part := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
            start, end = int(part[1]), int(part[2] or len(content) - 1)
            headers["Content_Range"] = f"bytes {start}-{end}/{len(content)}"
            content, status = content[start : end + 1], 206
        self.reply(status, content, **headers)

    def yaml(self):
        self.reply(200, {"errors": [], "warnings": []})


def is_large(path: str) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in LARGE)


def sha(repo: dict) -> str:
    return f"{repo['commits']:040x}"


def entry(repo: dict, path: str) -> dict:
    """A file or folder as the tree lists it; large files are named by their SHA-256, as LFS does."""
    if path not in repo["files"]:
        return {"type": "directory", "path": path, "oid": hashlib.sha1(path.encode()).hexdigest(), "size": 0}
    content = repo["files"][path]
    if not is_large(path):
        oid = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
        return {"type": "file", "path": path, "size": len(content), "oid": oid}
    oid = hashlib.sha256(content).hexdigest()
    lfs = {"oid": oid, "size": len(content), "pointerSize": 130}
    return {"type": "file", "path": path, "size": len(content), "oid": oid, "lfs": lfs}


@functools.cache
def session_hub() -> HubStandIn:
    """The one stand-in of this process."""
    return HubStandIn()


ROUTES = [
    ("GET", "/api/whoami-v2", _Handler.whoami),
    ("POST", "/api/validate-yaml", _Handler.yaml),
    ("POST", "/api/repos/create", _Handler.create),
    ("GET", rf"{API}(/revision/(?P<rev>.+))?", _Handler.info),
    ("POST", rf"{API}/preupload/(?P<rev>.+)", _Handler.preupload),
    ("POST", rf"{API}/commit/(?P<rev>.+)", _Handler.commit),
    ("POST", rf"{API}/paths-info/(?P<rev>.+)", _Handler.paths_info),
    ("GET", rf"{API}/tree/(?P<rev>[^/]+)(/(?P<path>.+))?", _Handler.tree),
    ("POST", rf"{WEB}\.git/info/lfs/objects/batch", _Handler.batch),
    ("PUT", r"/lfs/(?P<oid>\w+)", _Handler.store),
    (("GET", "HEAD"), rf"{WEB}/resolve/(?P<rev>[^/]+)/(?P<path>.+)", _Handler.resolve),
]
