"""docker-compose.yml against the code it starts, and its commands against a real server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
import yaml

from api.keys import KeyStore, Scope, keys_file
from byline.engines.elastic.address import Address, Options
from byline.engines.elastic.connection import LEAST_MINOR, MAJOR
from byline.engines.open import open_engine
from byline.settings import TABLE, Settings
from cli.main import run as run_cli
from cli.registry import NAMES, command

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docker-compose.yml").read_text("utf-8")
EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = sorted(set(SERVICES) - {"elasticsearch"})
#: ``${NAME:-default}`` and ``${NAME:?what to do}``, and not ``$${NAME}``.
VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


def filled(value: str, given: dict[str, str]) -> str:
    """As compose puts variables in."""

    def one(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        if given.get(name):
            return given[name]
        assert kind == "-", f"{name} has to be given"
        return rest

    return VARIABLE.sub(one, value)


def environment(service: str) -> dict[str, str]:
    said = SERVICES[service]["environment"]
    return {name: filled(value, {"ELASTIC_PASSWORD": "secret"}) for name, value in said.items()}


def test_the_server_is_the_official_image_of_a_version_that_byline_takes() -> None:
    name, _, tag = SERVICES["elasticsearch"]["image"].partition(":")
    assert name == "elasticsearch"
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag)
    major, minor, _ = (int(part) for part in tag.split("."))
    assert major == MAJOR
    assert minor >= LEAST_MINOR
    assert tag in (ROOT / "docs" / "elasticsearch.md").read_text("utf-8")


def test_security_is_on_and_no_password_is_preset() -> None:
    server = SERVICES["elasticsearch"]
    assert server["environment"]["xpack.security.enabled"] == "true"
    assert "ports" not in server
    kinds = {name: kind for name, kind, _ in VARIABLE.findall(TEXT)}
    assert kinds["ELASTIC_PASSWORD"] == "?"
    assert re.search(r"^ELASTIC_PASSWORD=$", EXAMPLE, re.MULTILINE)
    assert all(port.startswith("127.0.0.1:") for port in SERVICES["api"]["ports"])
    assert ".env" in (ROOT / ".gitignore").read_text("utf-8").split()


def test_every_variable_is_in_the_example_with_its_default() -> None:
    for name, kind, default in VARIABLE.findall(TEXT):
        assert re.search(rf"^#?{name}=", EXAMPLE, re.MULTILINE), name
        if kind == "-" and name != "ARTICLES":
            assert f"#{name}={default}\n" in EXAMPLE
    named = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))
    assert named == {name for name, _, _ in VARIABLE.findall(TEXT)}


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_each_service_has_its_limits(service: str) -> None:
    said = SERVICES[service]
    assert said["mem_limit"]
    assert said["restart"] == ("no" if service == "indexer" else "unless-stopped")
    if service == "indexer":
        assert said["profiles"]
    else:
        check = said["healthcheck"]
        assert {"test", "interval", "timeout", "retries", "start_period"} <= set(check)
    if service in OURS:
        assert said["depends_on"]["elasticsearch"]["condition"] == "service_healthy"


@pytest.mark.parametrize("service", OURS)
def test_settings_are_the_programs_own(service: str) -> None:
    given = environment(service)
    assert set(given) <= {row.variable for row in TABLE}
    settings = Settings.load(given)
    address = Address.parse(settings.archive)
    assert address.hosts == (("elasticsearch", 9200),)
    options = Options.of(settings, address)
    assert (options.user, options.password) == ("elastic", "secret")
    assert given["BYLINE_CACHE"] in {mount.split(":")[1] for mount in SERVICES[service]["volumes"]}


@pytest.mark.parametrize("service", OURS)
def test_commands_are_the_programs_own(service: str) -> None:
    name, *arguments = SERVICES[service]["command"]
    assert name in NAMES
    options = {spelling for param in command(name).params for spelling in param.opts}
    assert {word for word in arguments if word.startswith("--")} <= options


def test_the_readmes_three_commands_are_for_these_services() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = re.findall(r"^(cp \.env|docker compose)([^#\n]*)", readme, re.MULTILINE)
    first, *rest = [(start + more).split() for start, more in lines]
    assert first == ["cp", ".env.example", ".env"]
    assert [words[2] for words in rest] == ["run", "up"]
    # The indexer comes first: the API has nothing to answer from until there is an archive.
    assert rest[0][-1] == "indexer"
    assert "profiles" not in SERVICES["api"]
    header = TEXT.split("\nname:")[0]
    assert all(" ".join(words) in header for words in rest)


def test_what_is_indexed_is_mounted_and_cannot_be_changed() -> None:
    *_, source = SERVICES["indexer"]["command"]
    targets = {mount.split(":")[-2]: mount for mount in SERVICES["indexer"]["volumes"][1:]}
    assert targets[source].endswith(":ro")
    default = filled(targets[source], {}).split(":")[0]
    assert (ROOT / default).is_dir()
    mounts = [mount for one in SERVICES.values() for mount in one["volumes"]]
    volumes = {name for name in (mount.split(":")[0] for mount in mounts) if name.isalpha()}
    assert volumes == set(COMPOSE["volumes"])


def test_keys_outlive_the_containers_and_a_running_api_heeds_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything else in the container is read-only, and gone with it."""
    kept = Path(environment("api")["BYLINE_API_KEYS"])
    (mounted,) = (
        one for one in SERVICES["api"]["volumes"] if one.split(":")[1] == str(kept.parent)
    )
    assert mounted == f"{mounted.split(':')[0]}:{kept.parent}"
    assert SERVICES["api"]["read_only"] is True
    image = (ROOT / "Dockerfile").read_text("utf-8")
    for folder in (kept.parent, Path(environment("api")["BYLINE_CACHE"])):
        assert f"{folder} && chown byline {folder}" in image
        assert re.search(rf"^VOLUME .*{folder}\b", image, re.MULTILINE)
    # A second container with the same volume, as the header says, and the API's own store.
    made = re.search(r"docker compose run --rm api (keys create .*)", TEXT)
    assert made is not None
    assert "BYLINE_API_KEYS" not in SERVICES["indexer"]["environment"]
    here = tmp_path / kept.name
    monkeypatch.setenv("BYLINE_API_KEYS", str(here))
    served = KeyStore(keys_file(Settings.load()))
    assert served.all() == ()
    assert run_cli(made[1].split()) == 0
    shown = capsys.readouterr().out.strip()
    found = served.find(shown)
    assert found is not None
    assert found.scopes == {Scope.SEARCH, Scope.WRITE}


def test_the_image_holds_what_the_package_lists() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = {word for line in lines if line.startswith("COPY") for word in line.split()[1:-1]}
    packages = re.search(
        r"packages = \[(.*?)\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.DOTALL
    )
    assert packages is not None
    assert {name.split(".")[0] for name in re.findall(r'"([\w.]+)"', packages[1])} <= copied
    kept = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").split() if line[0] == "!"
    }
    assert copied == kept


@pytest.fixture
def archive(secured_elasticsearch: Any) -> Iterator[str]:
    name = f"byline-test-{uuid.uuid4().hex[:12]}"
    yield name
    secured_elasticsearch.remove(name)


def test_the_health_check_is_what_the_server_answers(secured_elasticsearch: Any) -> None:
    kind, check = SERVICES["elasticsearch"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    here = check.replace("$$", "$").replace("http://localhost:9200", secured_elasticsearch.url)
    password = secured_elasticsearch.password
    for given, status in ((password, 0), ("wrong", 22)):
        done = subprocess.run(
            ["sh", "-c", here],
            env=os.environ | {"ELASTIC_PASSWORD": given},
            check=False,
            capture_output=True,
            timeout=30,
        )
        assert done.returncode == status, done.stderr


def settings_here(service: str, server: Any, archive: str) -> dict[str, str]:
    """A service's environment, for the server of the tests and without folders of its own."""
    given = {"ELASTIC_PASSWORD": server.password, "ARCHIVE_NAME": archive}
    here = urlsplit(server.url).netloc
    return {
        name: filled(value, given).replace("elasticsearch:9200", here)
        for name, value in SERVICES[service]["environment"].items()
        if name not in ("BYLINE_CACHE", "BYLINE_API_KEYS")
    }


def run_the_indexer(*more: str) -> None:
    arguments = SERVICES["indexer"]["command"]
    mounted = [str(ROOT / "sample" / "columns") if one == "/articles" else one for one in arguments]
    assert run_cli([*mounted, *more]) == 0


def test_the_indexers_command_fills_the_archive_that_the_api_reads(
    secured_elasticsearch: Any, archive: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in settings_here("indexer", secured_elasticsearch, archive).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BYLINE_MODEL", "none")
    run_the_indexer()
    run_the_indexer("--archive", str(tmp_path / "local"))
    settings = Settings.load()
    found = []
    for address in (settings.archive, str(tmp_path / "local")):
        engine = open_engine(address, settings)
        with engine.reader() as reader:
            found.append([stored.article.id for stored in reader.scan()])
        engine.close()
    assert found[0] == found[1]
    assert len(found[0]) > 30


def test_the_apis_command_answers_anybody_and_its_health_check_sees_that(
    secured_elasticsearch: Any, archive: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    given = settings_here("api", secured_elasticsearch, archive)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BYLINE_MODEL", "none")
    run_the_indexer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [port if word == "8000" else word for word in SERVICES["api"]["command"]]
    kind, python, *code = SERVICES["api"]["healthcheck"]["test"]
    assert (kind, python) == ("CMD", "python")
    check = [sys.executable, *(word.replace(":8000/", f":{port}/") for word in code)]

    def healthy() -> bool:
        done = subprocess.run(check, check=False, capture_output=True, timeout=30)
        return done.returncode == 0

    assert not healthy()
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", *command],
            stderr=log,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        try:
            deadline = time.monotonic() + 60
            while not healthy():
                assert process.poll() is None, (tmp_path / "log").read_text("utf-8")
                assert time.monotonic() < deadline
            answer = httpx2.get(f"http://127.0.0.1:{port}/api/v1/search?q=river", timeout=30)
            assert answer.status_code == 200
            assert answer.json()["hits"]
            put = {"title": "A title", "body": "A body."}
            refused = httpx2.put(f"http://127.0.0.1:{port}/api/v1/articles/x", json=put)
            assert refused.status_code in (401, 403)
        finally:
            process.terminate()
            process.wait(60)
