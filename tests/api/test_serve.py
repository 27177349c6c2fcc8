"""``byline serve`` as a process: how it starts, answers, refuses and stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from api.server import _listen
from byline.engines.open import create_engine
from indexer.pipeline import index
from sample import folder

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "cli.main", "serve", "--port", "0"]


@dataclass
class Server:
    process: subprocess.Popen[str]
    address: str
    lines: list[dict[str, Any]]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)


@contextmanager
def serving(*arguments: str, home: Path, **env: str) -> Iterator[Server]:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
    )
    assert process.stderr is not None
    lines = [json.loads(process.stderr.readline())]
    rest = threading.Thread(
        target=lambda: lines.extend(json.loads(line) for line in process.stderr or ())
    )
    rest.start()
    try:
        yield Server(process, lines[0]["address"], lines)
    finally:
        process.kill()
        process.wait(60)
        rest.join(60)
        process.stderr.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of the sample columns, with vectors."""
    place = tmp_path_factory.mktemp("serve")
    index([str(folder())], str(place / "byline-archive"))
    return place


def test_a_hybrid_search_is_served_without_torch(home: Path) -> None:
    """Nor what else takes long to import; the process says what it has."""
    code = (
        "import sys, threading, urllib.request\n"
        "import api.server\n"
        "def ask(server):\n"
        "    while not server.started: pass\n"
        "    port = server.servers[0].sockets[0].getsockname()[1]\n"
        "    at = f'http://127.0.0.1:{port}/api/v1/search?q=late+trams'\n"
        "    print(urllib.request.urlopen(at).status)\n"
        "    server.should_exit = True\n"
        "class Asked(api.server.uvicorn.Server):\n"
        "    def run(self, sockets=None):\n"
        "        asking = threading.Thread(target=ask, args=(self,))\n"
        "        asking.start()\n"
        "        super().run(sockets)\n"
        "        asking.join()\n"
        "api.server.uvicorn.Server = Asked\n"
        "from cli.main import run\n"
        "assert run(['serve', '--port', '0']) == 0\n"
        "print(*sys.modules)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    status, *modules = ran.stdout.split()
    assert status == "200"
    assert "onnxruntime" in modules
    heavy = {"torch", "transformers", "scipy", "sklearn", "sentence_transformers", "onnx"}
    assert not heavy & set(modules)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_in_work_is_finished_before_it_stops(home: Path, number: signal.Signals) -> None:
    body = b'{"q": "rent", "mode": "keyword"}'
    head = (
        "POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with serving(home=home) as server:
        port = int(server.address.rsplit(":", 1)[1].rstrip("/"))
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head.encode())
            # The server says so when the handler waits for the body: now it is in work.
            assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
            server.process.send_signal(number)
            _until_refused(port)
            assert server.process.poll() is None
            connection.sendall(body)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        status = server.process.wait(60)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"hits"' in answer
    assert status == 0
    assert [line["status"] for line in server.lines if line["event"] == "request"] == [200]


def _until_refused(port: int) -> None:
    """Nobody new is let in once it is stopping."""
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            return
        time.sleep(0.1)
    pytest.fail("the server goes on listening")


def test_ids_with_any_character_travel_as_they_are(home: Path, tmp_path: Path) -> None:
    place = tmp_path / "written"
    create_engine(str(place), None).close()
    with (
        serving("--allow-write", "--archive", str(place), home=home) as server,
        httpx2.Client(base_url=server.address) as client,
    ):
        for article_id in ("per%cent", "a/b", "../up", "q?x#y", "å 😀"):
            at = f"/api/v1/articles/{quote(article_id, safe='')}"
            assert client.put(at, json={"body": "A text."}).status_code == 201
            assert client.get(at).json()["article"]["id"] == article_id


def test_several_processes_answer_as_one(home: Path) -> None:
    with serving("--workers", "2", home=home) as server:
        with httpx2.Client(base_url=server.address, timeout=60) as client:
            for _ in range(200):
                try:
                    client.get("/api/v1/health/live")
                    break
                except httpx2.TransportError:
                    time.sleep(0.1)
        for _ in range(12):
            # Each on a connection of its own, so that both get some.
            assert (
                httpx2.get(f"{server.address}api/v1/search?q=rent&mode=keyword").status_code == 200
            )
        counted = httpx2.get(f"{server.address}api/v1/metrics").text
        assert 'byline_search_seconds_count{mode="keyword"} 12.0' in counted
        assert server.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "--public-read"),
        (["--host", "0.0.0.0", "--public-read", "--allow-write"], "--allow-write"),
        (["--host", "192.0.2.1", "--public-read"], "no address of this machine"),
        (["--host", "no such host", "--public-read"], "no address is known"),
        (["--archive", "nowhere"], "There is no archive"),
    ],
)
def test_what_cannot_be_served_is_refused_before_it_listens(
    home: Path, arguments: list[str], said: str
) -> None:
    ran = subprocess.run(
        [*COMMAND, *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode in (1, 2)
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_answers_do_not_wait_for_the_client_to_acknowledge_their_beginning() -> None:
    async def connected() -> int:
        asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found = writer.get_extra_info("socket")
            asked.set_result(found.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = _listen("127.0.0.1", 0)
        async with await asyncio.start_server(accept, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            no_delay = await asked
            writer.close()
            return no_delay

    # In a thread of its own: the browser that other tests drive keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, connected()).result() == 1


def test_a_port_in_use_is_named(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = subprocess.run(
            [*COMMAND, "--port", str(port)],
            cwd=home,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert ran.returncode == 2
    assert f"Something else listens on 127.0.0.1, port {port}." in ran.stderr


def test_with_a_key_others_may_be_served(home: Path, tmp_path: Path) -> None:
    keys = str(tmp_path / "keys.json")
    made = subprocess.run(
        [sys.executable, "-m", "cli.main", "keys", "create", "--name", "test"],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(ROOT), "BYLINE_API_KEYS": keys},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    with serving("--host", "0.0.0.0", home=home, BYLINE_API_KEYS=keys) as server:
        at = server.address.replace("0.0.0.0", "127.0.0.1") + "api/v1/search?q=rent&mode=keyword"
        assert httpx2.get(at).status_code == 401
        assert httpx2.get(at, headers={"Authorization": f"Bearer {made}"}).status_code == 200
