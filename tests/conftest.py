"""What every test can use: where the real documents are, a real Elasticsearch, and a home that
is not the user's.

``BYLINE_TEST_DATA`` is the one setting that names the folder with real archives, test sets
and models (default: ``../shared`` beside the checkout). Tests that need it are skipped,
visibly, where it is absent.

``ELASTICSEARCH_URL`` names a server for the tests that need one (with ``ELASTICSEARCH_USER`` and
``ELASTICSEARCH_PASSWORD`` where it has security); without it one is started for the session,
where the folder has it: one for all its processes, where pytest-xdist runs several. Archives made
there have a random prefix and are removed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from filelock import FileLock
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BYLINE_TEST_DATA") or ROOT.parent / "shared")

# Machines differ in speed, so no test has a deadline; CI tries the same examples each time.
settings.register_profile("byline", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("byline")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real documents, or a skip that says what it waits for."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"waits for the real documents at {SHARED} (set BYLINE_TEST_DATA)")
    return SHARED


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings of whoever runs it; models come from disk."""
    for name in [name for name in os.environ if name.startswith("BYLINE_")]:
        if name not in ("BYLINE_TEST_DATA", "BYLINE_CACHE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@dataclass(frozen=True, slots=True)
class ElasticServer:
    """A running server that tests may write to."""

    url: str
    user: str | None = None
    password: str | None = None

    def address(self, name: str) -> str:
        """Of the archive ``name`` there, credentials included."""
        parts = urlsplit(self.url)
        scheme = "elasticsearchs" if parts.scheme == "https" else "elasticsearch"
        login = f"{quote(self.user)}:{quote(self.password or '')}@" if self.user else ""
        return f"{scheme}://{login}{parts.netloc}/{name}"

    def remove(self, name: str) -> None:
        """All that belongs to the archive ``name``."""
        from elasticsearch import Elasticsearch

        login = (self.user, self.password or "") if self.user else None
        with Elasticsearch(self.url, basic_auth=login) as client:
            found = [*client.indices.get(index=f"{name}*", expand_wildcards="all").body]
            if found:
                client.indices.delete(index=found)


#: Where the processes of one session tell each other of the servers that they started.
SERVERS = pytest.StashKey[Path]()
KIT = SHARED / "elasticsearch" / "server"
#: It lives for minutes, in which what a JVM gains by compiling thoroughly is less than that costs.
JVM = "-XX:TieredStopAtLevel=1"


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", None)
    folder = given["servers"] if given else tempfile.mkdtemp(prefix="byline-test-servers-")
    config.stash[SERVERS] = Path(folder)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Of pytest-xdist: what a process of this session is told."""
    node.workerinput["servers"] = str(node.config.stash[SERVERS])


def pytest_unconfigure(config: pytest.Config) -> None:
    """The session's servers end with the last of its processes."""
    if hasattr(config, "workerinput"):
        return
    for told in config.stash[SERVERS].glob("*.home"):
        home = told.read_text("utf-8")
        subprocess.run([sys.executable, str(KIT), "wipe", "--home", home], check=True, timeout=60)
        shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(config.stash[SERVERS])


def session_server(config: pytest.Config, name: str, *, secured: bool = False) -> ElasticServer:
    """One with an empty disk, which the first process of the session to ask for it starts."""
    if not KIT.exists():
        pytest.skip(f"waits for Elasticsearch 9 (set ELASTICSEARCH_URL, or have {KIT})")
    folder = config.stash[SERVERS]
    started = folder / f"{name}.json"
    with FileLock(folder / f"{name}.lock"):
        if not started.exists():
            home = tempfile.mkdtemp(prefix="byline-elasticsearch-")
            (folder / f"{Path(home).name}.home").write_text(home, "utf-8")
            password = uuid.uuid4().hex if secured else None
            command = [sys.executable, str(KIT), "start", "--home", home, "--heap", "768m"]
            done = subprocess.run(
                [*command, *(["--password", password] if password else [])],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                timeout=400,
                env={**os.environ, "JDK_JAVA_OPTIONS": JVM},
            )
            server = ElasticServer(done.stdout.strip(), "elastic" if password else None, password)
            if password:
                wait_for_users(server)
            started.write_text(json.dumps(asdict(server)), "utf-8")
        return ElasticServer(**json.loads(started.read_text("utf-8")))


def wait_for_users(server: ElasticServer) -> None:
    """It makes its index of users when it first needs it, and is not ready until then."""
    from elasticsearch import ApiError, Elasticsearch

    with Elasticsearch(server.url, basic_auth=(server.user or "", server.password or "")) as client:
        for _ in range(120):
            try:
                client.security.put_user(username="warm-up", password="x" * 12, roles=[])
                return
            except ApiError:
                time.sleep(0.5)


@pytest.fixture(scope="session")
def elasticsearch(pytestconfig: pytest.Config) -> ElasticServer:
    """The user's own server, else one for this session, else a skip that says what is missing."""
    url = os.environ.get("ELASTICSEARCH_URL")
    if not url:
        return session_server(pytestconfig, "plain")
    user = os.environ.get("ELASTICSEARCH_USER")
    password = os.environ.get("ELASTICSEARCH_PASSWORD")
    return ElasticServer(url, user or ("elastic" if password else None), password)


@pytest.fixture(scope="session")
def secured_elasticsearch(pytestconfig: pytest.Config) -> ElasticServer:
    """A server of our own with security on: its users and roles are changed."""
    return session_server(pytestconfig, "secured", secured=True)


@pytest.fixture(scope="module", params=["embedded", "elastic"])
def each_engine(request: pytest.FixtureRequest) -> Iterator[Callable[[Path], str]]:
    """Makes addresses for archives that do not exist yet, of one engine and then of the other.

    Args, of what is given: the folder that the embedded engine would use.
    """
    if request.param == "embedded":
        yield str
        return
    server: ElasticServer = request.getfixturevalue("elasticsearch")
    names: list[str] = []

    def make(_: Path) -> str:
        names.append(f"byline-test-{uuid.uuid4().hex[:12]}")
        return server.address(names[-1])

    yield make
    for name in names:
        server.remove(name)


@pytest.fixture
def elastic_address(elasticsearch: ElasticServer) -> Iterator[Callable[[], str]]:
    """Makes addresses for archives that do not exist yet; what was made there is removed."""
    names: list[str] = []

    def make() -> str:
        names.append(f"byline-test-{uuid.uuid4().hex[:12]}")
        return elasticsearch.address(names[-1])

    yield make
    for name in names:
        elasticsearch.remove(name)


@contextmanager
def _serve(app: Any) -> Iterator[str]:
    """``app`` answering on a port of its own; its address, such as ``http://127.0.0.1:40123``."""
    import uvicorn

    from api.malformed import Protocol

    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="error", ws="none", http=Protocol
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server ended before it had begun"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        assert not thread.is_alive()


@pytest.fixture(scope="session")
def serving() -> Callable[[Any], AbstractContextManager[str]]:
    """Serves an ASGI application for real, from a thread, for as long as a ``with`` block lasts."""
    return _serve


@dataclass(frozen=True, slots=True)
class ServedArchive:
    """The API over a small archive of invented columns, writable by key.

    Attributes:
        address: ``http://127.0.0.1:PORT``.
        key: shows with what scopes and for which origins; makes one that the server knows.
    """

    address: str
    archive: Any
    key: Callable[..., str]


@pytest.fixture(scope="session")
def serve_columns(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Serves an archive of given articles, with a model that knows what a few words mean."""
    from api.access import Policy
    from api.app import create_app
    from api.keys import KeyStore, Scope
    from byline.testing.columns import columns_archive

    @contextmanager
    def serve(
        articles: Any, *, public: bool = True, address: str | None = None, **environment: str
    ) -> Iterator[ServedArchive]:
        home = tmp_path_factory.mktemp("columns")
        environment = {
            "BYLINE_API_KEYS": str(home / "keys.json"),
            "BYLINE_API_RATE": "100000/minute",
            **environment,
        }
        archive = columns_archive(address or home / "archive", articles, environment)
        keys = KeyStore(home / "keys.json")

        def key(*scopes: str, **rest: Any) -> str:
            return keys.create("test", [Scope(scope) for scope in scopes or ("search",)], **rest)[1]

        with _serve(create_app(archive, policy=Policy(public_read=public))) as at:
            yield ServedArchive(at, archive, key)

    return serve
