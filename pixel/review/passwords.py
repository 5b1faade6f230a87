"""Passwords: kept as salted scrypt hashes, compared in constant time."""

import base64
import hashlib
import hmac
import os
import threading

from pixel.review.errors import ReviewError

COST, BLOCK, PARALLEL = 2**14, 8, 5
"""One of the equivalent settings of OWASP's password storage cheat sheet: 16 MiB a hash."""

SHORTEST, LONGEST = 10, 256
_AT_ONCE = threading.BoundedSemaphore(4)  # a crowd that signs in together must not take all the memory


def hashed(password: str) -> str:
    """
    A hash that carries its own settings and salt.

    Raises:
        ReviewError: too short, too long, or not text.
    """
    if not isinstance(password, str) or not SHORTEST <= len(password) <= LONGEST:
        raise ReviewError(f"the password needs {SHORTEST} to {LONGEST} characters. Mend: choose another")
    salt = os.urandom(16)
    key = _key(password, salt, COST, BLOCK, PARALLEL)
    return "$".join(("scrypt", str(COST), str(BLOCK), str(PARALLEL), _text(salt), _text(key)))


def matches(password: str, stored: str | None) -> bool:
    """
    Whether a password belongs to a hash. Without a hash (`None`) it takes as long and says no, so that nobody can
    time which names exist.
    """
    if stored is None:
        name, salt, key, settings = "", bytes(16), bytes(32), (COST, BLOCK, PARALLEL)
    else:
        name, *numbers, salt, key = stored.split("$")
        settings, salt, key = tuple(map(int, numbers)), base64.b64decode(salt), base64.b64decode(key)
    text = password if isinstance(password, str) and len(password) <= LONGEST else ""
    same = hmac.compare_digest(_key(text, salt, *settings), key)
    return same and name == "scrypt" and bool(text)


def _key(password: str, salt: bytes, cost: int, block: int, parallel: int) -> bytes:
    data = password.encode("utf-8", "surrogatepass")
    with _AT_ONCE:
        return hashlib.scrypt(data, salt=salt, n=cost, r=block, p=parallel, maxmem=2**27, dklen=32)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
