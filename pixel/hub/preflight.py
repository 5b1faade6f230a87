"""Is there a Hub to push to? Asked before training, because a push that fails in the last minute costs a day."""

import os
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class HubStatus:
    """
    Whether the Hub can be pushed to, and why (not).

    Truthy when it can. `reason` is one line for a log; `user` the account's name, if the Hub told it.
    """

    ok: bool
    reason: str
    user: str | None = None

    def __bool__(self) -> bool:
        return self.ok


def hub_available(endpoint: str | None = None, token: str | None = None, timeout: float = 3.0) -> HubStatus:
    """
    Ask the Hub who we are: one request, never an exception.

    Args:
        endpoint: address of the Hub; default `HF_ENDPOINT`, then huggingface.co.
        token: access token; default `HF_TOKEN`, then the one that `hf auth login` stored.
        timeout: seconds to wait, for the connection and for the answer each; twice that in all.

    Returns:
        `HubStatus`: not ok if offline mode is set, there is no token, nothing answers, or the token is refused.
        A token that may read and not write passes: only the push itself finds that out.
    """
    try:
        return _ask(endpoint, token, timeout)
    except Exception as error:  # whatever goes wrong here must not stop a training run
        return HubStatus(False, f"the check itself failed: {type(error).__name__}: {error}")


def _ask(endpoint: str | None, token: str | None, timeout: float) -> HubStatus:
    from huggingface_hub import constants, get_token

    if constants.is_offline_mode():
        return HubStatus(False, "offline mode is set (HF_HUB_OFFLINE)")
    endpoint = (endpoint or os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
    if urlsplit(endpoint).scheme not in ("http", "https"):
        return HubStatus(False, f"{endpoint!r} is not an http address; set HF_ENDPOINT to one or unset it")
    token = token or get_token()
    if not token:
        return HubStatus(False, "no token: set HF_TOKEN or run `hf auth login`")

    answer = _get(f"{endpoint}/api/whoami-v2", token, timeout)
    if answer is None:
        return HubStatus(False, f"{endpoint} does not answer within {2 * timeout:g} seconds")
    if isinstance(answer, Exception):
        return HubStatus(False, f"{endpoint} does not answer ({type(answer).__name__})")
    if answer.status_code in (401, 403):
        return HubStatus(False, f"{endpoint} refuses the token ({answer.status_code}): run `hf auth login`")
    if answer.status_code != 200:
        return HubStatus(False, f"{endpoint} answers {answer.status_code}")
    user = answer.json()["name"]
    return HubStatus(True, f"{endpoint} knows us as {user}", user)


def _get(url: str, token: str, timeout: float):
    """The answer, the exception that came instead, or `None`. In a thread: looking up a name knows no timeout."""
    from huggingface_hub.utils import get_session

    got = []

    def ask():
        try:
            got.append(get_session().get(url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout))
        except Exception as error:
            got.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(2 * timeout)
    return got[0] if got else None
