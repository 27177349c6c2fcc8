"""What every answer carries, and how every error is told."""

from __future__ import annotations

import json
import logging
import socket
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from api import described
from api.keys import Scope
from api.logs import JsonLines
from byline.errors import ArchiveBusy, EngineUnavailable, StorageFull

SEARCH = "/api/v1/search?q=rivers"


@pytest.mark.parametrize("path", [SEARCH, "/", "/api/v1/nothing", "/api/v1/health/live"])
def test_every_answer_has_an_id_and_is_safe_to_show(desk: Any, path: str) -> None:
    headers = desk.client().get(path).headers
    assert len(headers["x-request-id"]) == 32
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "server" not in headers


def test_ids_are_never_the_same(desk: Any) -> None:
    client = desk.client()
    assert len({client.get(SEARCH).headers["x-request-id"] for _ in range(5)}) == 5


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "no-such-page"),
        ("GET", "/api/v1/articles/nobody", 404, "article-not-found"),
        ("PATCH", "/api/v1/search", 405, "method-not-allowed"),
        ("GET", "/api/v1/search?lmit=3", 400, "unknown-parameter"),
        ("GET", "/api/v1/search?limit=many", 400, "bad-parameter"),
        ("GET", "/api/v1/search?mode=semantic", 409, "no-vectors"),
        ("POST", "/api/v1/search", 400, "bad-parameter"),
    ],
)
def test_every_error_is_a_problem(
    desk: Any, problem: Any, method: str, path: str, status: int, code: str
) -> None:
    answer = desk.client().request(method, path)
    assert answer.status_code == status
    found = problem(answer)
    assert found["code"] == code
    assert found["detail"].endswith(".")


def test_an_unknown_parameter_is_told_the_near_one(desk: Any, problem: Any) -> None:
    found = problem(desk.client().get("/api/v1/search?lmit=3"))
    assert "Did you mean limit?" in found["title"]


def test_what_nobody_foresaw_tells_nothing_of_itself(
    desk: Any, problem: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("byline.paging.search", fail)
    answer = desk.client().get(SEARCH)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    (record,) = [one for one in caplog.records if one.levelno == logging.ERROR]
    line = json.loads(JsonLines().format(record))
    assert line["id"] == problem(answer)["request_id"]
    assert "the secret of the house" in line["traceback"]


@pytest.mark.parametrize(
    ("error", "status"),
    [(EngineUnavailable("Gone."), 503), (ArchiveBusy("Busy."), 503), (StorageFull("Full."), 507)],
)
def test_what_passes_is_told_when_to_come_back(
    desk: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("byline.paging.search", fail)
    answer = desk.client().get(SEARCH)
    assert answer.status_code == status
    assert ("retry-after" in answer.headers) is (status == 503)


def test_ready_says_so_when_the_archive_is_gone(
    desk: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.client()
    assert client.get("/api/v1/health/ready").json() == {"status": "ok"}

    def gone(*_: Any) -> None:
        raise EngineUnavailable("The server does not answer.")

    monkeypatch.setattr("byline.engines.embedded.engine.EmbeddedEngine.reader", gone)
    answer = client.get("/api/v1/health/ready")
    assert answer.status_code == 503
    assert problem(answer)["code"] == "engine-unavailable"
    assert client.get("/api/v1/health/live").status_code == 200
    assert "byline_archive_up 0.0" in client.get("/api/v1/metrics").text


def test_head_is_get_without_the_body(desk: Any) -> None:
    client = desk.client()
    answer = client.head(SEARCH)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


def test_what_is_large_is_compressed(desk: Any) -> None:
    client = desk.client()
    packed = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    plain = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert "Accept-Encoding" in plain.headers["vary"]


def test_no_other_site_may_read_unless_it_is_on_the_list(desk: Any) -> None:
    ours = {"Origin": "https://ours.example"}
    asks = {**ours, "Access-Control-Request-Method": "PUT"}
    closed = desk.client()
    assert "access-control-allow-origin" not in closed.get(SEARCH, headers=ours).headers
    assert "access-control-allow-origin" not in closed.options(SEARCH, headers=asks).headers
    opened = desk.client(api_origins="https://ours.example, https://more.example")
    answer = opened.get(SEARCH, headers=ours)
    assert answer.headers["access-control-allow-origin"] == "https://ours.example"
    assert "Origin" in answer.headers["vary"]
    assert "access-control-allow-credentials" not in answer.headers
    before = opened.options(SEARCH, headers=asks)
    assert before.headers["access-control-allow-origin"] == "https://ours.example"
    assert "PUT" in before.headers["access-control-allow-methods"]
    assert "X-API-Key" in before.headers["access-control-allow-headers"]
    other = {**asks, "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in opened.options(SEARCH, headers=other).headers


def test_even_a_refusal_can_be_read_by_a_site_that_has_a_key(desk: Any) -> None:
    desk.key(origins=("https://a.example",))
    answer = desk.client().get(SEARCH, headers={"Origin": "https://a.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://a.example"


def _lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    records = [one for one in caplog.records if one.name == "byline.access"]
    return [json.loads(JsonLines().format(one)) for one in records]


def test_each_request_leaves_one_line_without_what_was_searched(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "byline.access")
    client = desk.client()
    answer = client.get(f"/api/v1/search?q=secret+rivers&key={desk.key()['X-API-Key']}")
    (line,) = _lines(caplog)
    assert line["event"] == "request"
    assert line["id"] == answer.headers["x-request-id"]
    assert line["route"] == line["path"] == "/api/v1/search"
    assert line["status"] == 200
    assert line["key"] == desk.keys.all()[0].id
    assert line["client"] == "127.0.0.1"
    written = json.dumps(line)
    assert "secret" not in written
    assert desk.key()["X-API-Key"][:16] not in written


def test_what_was_searched_is_logged_if_a_setting_says_so(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "byline.access")
    client = desk.client(api_log_queries="yes", api_query_length="100")
    client.get("/api/v1/search?q=old+rivers")
    client.post("/api/v1/search", json={"q": "long walls"})
    client.post("/api/v1/search", json={"q": "x" * 101})
    client.get("/api/v1/authors")
    queries = [line["query"] for line in _lines(caplog)]
    assert queries == ["old rivers", "long walls", "x" * 101, None]


def test_what_was_sent_to_search_is_not_logged_otherwise(
    desk: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "byline.access")
    desk.client().post("/api/v1/search", json={"q": "secret rivers"})
    assert "secret" not in json.dumps(_lines(caplog))


def test_prometheus_is_told_of_requests_searches_and_the_archive(desk: Any) -> None:
    client = desk.client()
    client.get(SEARCH)
    client.get("/api/v1/nothing/at/all")
    key = desk.key(Scope.ADMIN)
    answer = client.get("/api/v1/metrics", headers=key)
    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    ok = 'byline_requests_total{method="GET",route="/api/v1/search",status="200"} 1.0'
    assert ok in lines
    assert 'byline_requests_total{method="GET",route="other",status="404"} 1.0' in lines
    assert 'byline_search_seconds_count{mode="keyword"} 1.0' in lines
    assert "byline_articles 6.0" in lines
    assert any(line.startswith("byline_model_info{") for line in lines)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", "/api/v1/search", "HEAD, GET, POST"),
        ("PATCH", "/api/v1/articles/x", "HEAD, GET, PUT, DELETE"),
        ("GET", "/api/v1/articles:batch", "POST"),
        ("DELETE", "/search", "HEAD, GET"),
    ],
)
def test_another_method_is_told_every_one_that_the_address_takes(
    desk: Any, problem: Any, method: str, path: str, allowed: str
) -> None:
    answer = desk.client().request(method, path)
    assert answer.status_code == 405
    assert problem(answer)["code"] == "method-not-allowed"
    assert answer.headers["allow"] == allowed


def test_what_is_no_request_is_told_so_as_everything_else_is(desk: Any, serving: Any) -> None:
    with serving(desk.client().app) as address:
        port = int(address.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(b"nonsense\r\n\r\n")
            head, _, body = b"".join(iter(lambda: connection.recv(65_536), b"")).partition(
                b"\r\n\r\n"
            )
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Type: application/problem+json" in head
    found = json.loads(body)
    Draft202012Validator(described.schema("problem")).validate(found)
    assert found["code"] == "malformed-request"
