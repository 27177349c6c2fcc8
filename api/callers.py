"""Who sends a request: an address, and a key if one is shown."""

from __future__ import annotations

import base64
import binascii
import ipaddress
from dataclasses import dataclass
from urllib.parse import unquote_plus

from starlette.datastructures import Headers
from starlette.types import Scope

from api.keys import Key, KeyStore
from api.refusals import Unauthorized

#: What a proxy says; a request with one of these does not come from this machine's own user.
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@dataclass(frozen=True, slots=True)
class Caller:
    """Attributes:
    address: of the client, as far as it is known.
    key: whose use was not refused.
    origin: of the page whose script asks, where a browser says so.
    local: whether the request was sent on this machine, by no proxy.
    """

    address: str
    key: Key | None
    origin: str | None
    local: bool


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def address_of(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def identify(scope: Scope, shown: str | None, keys: KeyStore) -> Caller:
    """Raises Unauthorized for a key that lets nobody in."""
    headers = Headers(scope=scope)
    address = address_of(scope)
    by_proxy = any(name in headers for name in _PROXY_HEADERS)
    key = None
    if shown is not None:
        key = keys.find(shown)
        if key is None:
            raise Unauthorized("No such key is known here.", code="key-unknown")
        reason = key.refused()
        if reason is not None:
            raise Unauthorized(f"The key {key.id} is {reason}.", code=f"key-{reason}")
    return Caller(address, key, headers.get("origin"), is_loopback(address) and not by_proxy)


def shown_key(scope: Scope) -> str | None:
    """The key a request shows; one in the address is taken out of it, so that nothing below
    sees or logs it.

    ``Authorization: Bearer``, ``X-API-Key``, ``?key=``; and ``Authorization: Basic`` with the
    key as the password, which is how a browser asks whoever opens the page for it.
    """
    in_address = _take_from_address(scope)
    headers = Headers(scope=scope)
    kind, _, value = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and value.strip():
        return value.strip()
    if kind.lower() == "basic" and scope["method"] in ("GET", "HEAD"):
        return _password(value)
    return headers.get("x-api-key") or in_address


def _password(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _take_from_address(scope: Scope) -> str | None:
    query: bytes = scope.get("query_string", b"")
    if b"key=" not in query:
        return None
    parts = query.split(b"&")
    keys = [part[4:] for part in parts if part.startswith(b"key=")]
    if not keys:
        return None
    scope["query_string"] = b"&".join(part for part in parts if not part.startswith(b"key="))
    return unquote_plus(keys[-1].decode("latin-1")) or None
