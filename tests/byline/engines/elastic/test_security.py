"""Users, roles, API keys and TLS, with the server's security on."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from elasticsearch import Elasticsearch

from byline.engines.base import Matching, Retrieval, Severity
from byline.engines.open import create_engine, open_engine
from byline.errors import BylineError, EngineUnavailable
from byline.query.tree import ValueField
from byline.records import ModelIdentity, StoredArticle
from byline.settings import Settings

DOCS = Path(__file__).resolve().parents[4] / "docs" / "elasticsearch.md"
Make = Callable[..., StoredArticle]


def documented_roles(name: str) -> dict[str, Any]:
    """Those of the documentation, for the archive ``name`` instead of ``columns``."""
    text = DOCS.read_text("utf-8")
    found = {}
    for role, body in re.findall(r"PUT /_security/role/(\w+)\n(\{.*?\n\})\n", text, re.DOTALL):
        found[role] = json.loads(body.replace('"columns', f'"{name}'))
    return found


class Place:
    """An archive on the secured server, and users with the documented roles."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.name = f"byline-test-{uuid.uuid4().hex[:12]}"
        self.roles = documented_roles(self.name)
        self.client = Elasticsearch(server.url, basic_auth=(server.user, server.password))
        for role, body in self.roles.items():
            self.client.security.put_role(name=role, **body)
            self.client.security.put_user(username=role, password="a-long-password", roles=[role])

    @property
    def plain(self) -> str:
        """The address without credentials."""
        return f"elasticsearch://{urlsplit(self.server.url).netloc}/{self.name}"

    def settings(self, user: str, password: str = "a-long-password") -> Settings:
        return Settings.load(
            {"BYLINE_ELASTICSEARCH_USER": user, "BYLINE_ELASTICSEARCH_PASSWORD": password}
        )


@pytest.fixture(scope="module")
def place(secured_elasticsearch: Any) -> Iterator[Place]:
    made = Place(secured_elasticsearch)
    yield made
    secured_elasticsearch.remove(made.name)
    made.client.close()


def test_three_roles_are_documented(place: Place) -> None:
    assert set(place.roles) == {"byline_reader", "byline_indexer", "byline_keeper"}


def test_each_role_can_do_its_work_and_no_more(
    place: Place, article: Make, model: ModelIdentity
) -> None:
    keeper = create_engine(place.plain, model, place.settings("byline_keeper"))
    indexer = open_engine(place.plain, place.settings("byline_indexer"))
    reader = open_engine(place.plain, place.settings("byline_reader"))
    with indexer.writer() as writer:
        writer.put([article(1), article(2)])
        assert writer.delete(["article-00002"]) == 1
        writer.commit()
    with reader.reader() as opened:
        assert opened.retrieve(Retrieval(Matching())).words_total == 1
        assert opened.stats().articles == 1
        assert {finding.severity for finding in opened.check()} == {Severity.OK}
        assert [row.count for row in opened.values(ValueField.AUTHOR)] == [1]
    for forbidden in (
        lambda: reader.writer().__enter__(),
        reader.rebuild,
        indexer.rebuild,
        lambda: create_engine(f"{place.plain}-2", model, place.settings("byline_keeper")),
    ):
        with pytest.raises(EngineUnavailable) as raised:
            forbidden()
        assert raised.value.error_code == "engine-forbidden"
        assert "docs/elasticsearch.md" in raised.value.remedy
    keeper.rebuild()
    with reader.reader() as opened:
        assert opened.stats().articles == 1
    for engine in (keeper, indexer, reader):
        engine.close()


def test_a_password_may_have_any_letters_and_signs(place: Place, model: ModelIdentity) -> None:
    password = "pa/ss?w@rd#über-парол€:"
    place.client.security.put_user(username="signs", password=password, roles=["superuser"])
    name = f"{place.name}-signs"
    create_engine(f"{place.plain}-signs", model, place.settings("signs", password)).close()
    host = urlsplit(place.server.url).netloc
    opened = open_engine(f"elasticsearch://signs:{password}@{host}/{name}", Settings.load({}))
    with opened.reader() as reader:
        assert reader.stats().articles == 0
    opened.close()


@pytest.mark.parametrize("settings", [{}, {"USER": "byline_reader", "PASSWORD": "wrong"}])
def test_credentials_that_are_missing_or_wrong(place: Place, settings: dict[str, str]) -> None:
    named = {f"BYLINE_ELASTICSEARCH_{name}": value for name, value in settings.items()}
    with pytest.raises(EngineUnavailable) as raised:
        open_engine(place.plain, Settings.load(named))
    assert raised.value.error_code == "engine-unauthorized"
    assert "wrong" not in str(raised.value)


def test_an_api_key_and_credentials_in_the_address(place: Place, model: ModelIdentity) -> None:
    name = f"{place.name}-key"
    role = json.loads(json.dumps(place.roles["byline_keeper"]).replace(place.name, name))
    made = place.client.security.create_api_key(name="byline", role_descriptors={"all": role})
    address = place.plain.replace(place.name, name)
    by_key = Settings.load({"BYLINE_ELASTICSEARCH_API_KEY": made["encoded"]})
    create_engine(address, model, by_key).close()
    login = f"{place.server.user}:{place.server.password}@"
    engine = open_engine(address.replace("://", f"://{login}"), Settings.load({}))
    assert place.server.password not in engine.address
    with engine.reader() as reader:
        assert reader.stats().articles == 0
    engine.close()


@pytest.fixture(scope="module")
def tls(place: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A port that speaks TLS before the server, and the certificate that signed it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("waits for openssl, to make a certificate")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
    )
    subprocess.run([openssl, *command.split()], cwd=folder, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    parts = urlsplit(place.server.url)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        finally:
            sink.close()

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            try:
                client = context.wrap_socket(raw, server_side=True)
            except OSError:
                continue
            server = socket.create_connection((parts.hostname or "", parts.port or 0))
            for ends in ((client, server), (server, client)):
                threading.Thread(target=pump, args=ends, daemon=True).start()

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1], folder / "cert.pem"
        listener.shutdown(socket.SHUT_RDWR)


def test_tls_with_an_authority_of_ones_own(
    place: Place, tls: tuple[int, Path], model: ModelIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, authority = tls
    name = f"{place.name}-tls"
    login = {
        "BYLINE_ELASTICSEARCH_USER": place.server.user,
        "BYLINE_ELASTICSEARCH_PASSWORD": place.server.password,
    }
    trusting = Settings.load(login | {"BYLINE_ELASTICSEARCH_CA": str(authority)})
    made = create_engine(f"elasticsearchs://127.0.0.1:{port}/{name}", model, trusting)
    with made.reader() as reader:
        assert reader.stats().articles == 0
    made.close()
    again = open_engine(f"https://127.0.0.1:{port}/{name}", trusting)
    again.close()
    with pytest.raises(EngineUnavailable) as raised:
        open_engine(f"elasticsearchs://127.0.0.1:{port}/{name}", Settings.load(login))
    assert raised.value.error_code == "engine-tls"
    missing = Settings.load(login | {"BYLINE_ELASTICSEARCH_CA": "/no/such/file.pem"})
    with pytest.raises(BylineError, match="elasticsearch"):
        open_engine(f"elasticsearchs://127.0.0.1:{port}/{name}", missing)
