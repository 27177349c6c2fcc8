"""Where an archive on a server is, how to get in, and how it is to be laid out there.

An address is ``elasticsearch://host:9200/name``; ``elasticsearchs://`` or ``https://`` for TLS.
Several hosts of one cluster are separated by commas. Credentials may stand in the address
(``user:password@`` before the host); better in the settings or the environment, because an
address ends up in a shell's history.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from byline.errors import BadArchiveAddress, BadSetting

if TYPE_CHECKING:
    from byline.settings import Settings

#: Scheme → whether it means TLS.
SCHEMES = {"elasticsearch": False, "elasticsearchs": True, "https": True}
DEFAULT_PORT = 9200
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
#: No dots: what belongs to an archive is named after it with a dot (``columns.state``).
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_HOST = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[\w.-]+))(?::(?P<port>[0-9]{1,5}))?")
#: What a header may hold, and a key consists of.
_KEY = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Address:
    """``str()`` of it opens the archive again and holds no secret."""

    hosts: tuple[tuple[str, int], ...]
    tls: bool
    name: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Raises BadArchiveAddress, whose message never holds a password."""
        scheme, _, rest = text.partition("://")
        scheme = scheme.lower()
        if scheme not in SCHEMES:
            raise unknown_scheme(scheme)
        # Neither a host nor a name has an @, so all before the last one is credentials, even
        # where a password has signs in it that mean something in other addresses.
        credentials, _, place = rest.rpartition("@")
        shown = f"{scheme}://{place}"
        hosts_text, _, path = place.partition("/")
        name = unquote(path).strip("/")
        if "?" in place or "#" in place:
            raise BadArchiveAddress(f"{shown} has more than a host and a name.")
        if not _NAME.fullmatch(name):
            what = f"{name!r} cannot name an archive on a server" if name else "names no archive"
            remedy = (
                "Give elasticsearch://host:9200/name, the name of small letters, digits, - and _."
            )
            raise BadArchiveAddress(f"{shown}: {what}.", remedy=remedy)
        user, colon, password = credentials.partition(":")
        return cls(
            hosts=tuple(_host(host, shown) for host in hosts_text.split(",")),
            tls=SCHEMES[scheme],
            name=name,
            user=unquote(user) if user else None,
            password=unquote(password) if colon else None,
        )

    @property
    def urls(self) -> list[str]:
        """One a host, as the client takes them."""
        scheme = "https" if self.tls else "http"
        return [f"{scheme}://{_bracketed(host)}:{port}" for host, port in self.hosts]

    def __str__(self) -> str:
        scheme = "elasticsearchs" if self.tls else "elasticsearch"
        hosts = ",".join(f"{_bracketed(host)}:{port}" for host, port in self.hosts)
        return f"{scheme}://{hosts}/{self.name}"


def unknown_scheme(scheme: str) -> BadArchiveAddress:
    # What stands before :// may be anything, a password too.
    named = f"{scheme}://" if _SCHEME.fullmatch(scheme) else "an address that begins so"
    return BadArchiveAddress(f"No engine answers to {named}.")


def _host(text: str, shown: str) -> tuple[str, int]:
    found = _HOST.fullmatch(text)
    port = int(found["port"] or DEFAULT_PORT) if found else 0
    if not found or not 0 < port < 65536 or not _can_be(found["six"], found["host"]):
        raise BadArchiveAddress(f"{shown}: {text!r} is no host with a port.")
    return found["six"] or found["host"], port


def _can_be(six: str | None, host: str | None) -> bool:
    try:
        if six is not None:
            IPv6Address(six)
        if host is not None:
            host.encode("idna")
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@dataclass(frozen=True, slots=True)
class Options:
    """How to reach the server, and how a new archive is laid out there.

    Attributes:
        api_key: the encoded form that the server gives out; it goes before user and password.
        ca: a file of certificates to trust instead of the system's.
        timeout: seconds that one request may take.
        shards: of a new index.
        replicas: ``auto`` (one where the cluster has a second node, else none) or a number.
        vectors: how neighbours are indexed: ``int8``, ``hnsw`` (unreduced) or ``bbq``.
        oversample: how many times more neighbours than wanted are scored anew with the
            unreduced vectors; of no effect with ``hnsw``.
    """

    api_key: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    timeout: float = 30.0
    shards: int = 1
    replicas: str = "auto"
    vectors: str = "int8"
    oversample: float = 3.0

    @classmethod
    def of(cls, settings: Settings, address: Address) -> Options:
        """Credentials in the address go before those in the settings; the password of a user who
        is named there alone may be in the settings.

        Raises:
            BadSetting: a user without a password, a key that cannot be one.
        """
        in_address = address.user is not None
        user = address.user if in_address else settings.elasticsearch_user or None
        password = address.password
        if password is None and settings.elasticsearch_user in ("", user):
            password = settings.elasticsearch_password or None
        if user and password is None:
            raise BadSetting(
                f"There is a user for {address} ({user}) and no password.",
                remedy=_password_wanted(settings, user) if in_address else _NEITHER_IS_SET,
            )
        api_key = None if in_address else settings.elasticsearch_api_key or None
        if api_key is not None and not _KEY.fullmatch(api_key):
            raise BadSetting(
                "BYLINE_ELASTICSEARCH_API_KEY holds signs that no key has.",
                remedy="Give the key as the server gave it out under the name `encoded`.",
            )
        return cls(
            api_key=api_key,
            user=user,
            password=password,
            ca=settings.elasticsearch_ca or None,
            timeout=float(settings.elasticsearch_timeout),
            shards=settings.elasticsearch_shards,
            replicas=settings.elasticsearch_replicas,
            vectors=settings.elasticsearch_vectors,
            oversample=float(settings.elasticsearch_oversample),
        )

    def credentials(self) -> dict[str, Any]:
        """As the client takes them."""
        if self.api_key:
            return {"api_key": self.api_key}
        if self.user:
            # Made here, because the client takes ASCII alone; the server reads UTF-8.
            both = f"{self.user}:{self.password or ''}".encode("utf-8", "surrogatepass")
            return {"headers": {"authorization": f"Basic {base64.b64encode(both).decode('ascii')}"}}
        return {}


_NEITHER_IS_SET = "Set BYLINE_ELASTICSEARCH_PASSWORD, or BYLINE_ELASTICSEARCH_API_KEY."


def _password_wanted(settings: Settings, user: str) -> str:
    """What helps where the address names the user."""
    if settings.elasticsearch_user and settings.elasticsearch_password:
        return (
            f"The password that is set is {settings.elasticsearch_user}'s: leave the user out of "
            f"the address, or set BYLINE_ELASTICSEARCH_USER and _PASSWORD to {user}'s."
        )
    return (
        "Set BYLINE_ELASTICSEARCH_PASSWORD; or, to get in by BYLINE_ELASTICSEARCH_API_KEY, leave "
        "the user out of the address."
    )
