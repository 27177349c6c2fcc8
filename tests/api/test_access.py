"""Who is let in, and to what."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from api.access import Policy
from api.keys import KeyStore, Scope

SEARCH = "/api/v1/search?q=rivers"
ARTICLE = "/api/v1/articles/new"
BODY = {"title": "New", "body": "A text."}


def test_without_keys_this_machine_may_search_and_nothing_else(desk: Any, problem: Any) -> None:
    client = desk.client()
    assert client.get(SEARCH).status_code == 200
    refused = client.put(ARTICLE, json=BODY)
    assert refused.status_code == 401
    assert problem(refused)["code"] == "key-needed"
    assert "Bearer" in refused.headers["www-authenticate"]


def test_as_soon_as_a_key_is_made_strangers_are_refused(desk: Any, problem: Any) -> None:
    client = desk.client()
    key = desk.key()
    assert problem(client.get(SEARCH))["code"] == "key-needed"
    assert client.get(SEARCH, headers=key).status_code == 200


def test_revoking_the_last_key_lets_nobody_in(desk: Any) -> None:
    client = desk.client()
    key = desk.key()
    desk.keys.revoke(desk.keys.all()[0].id)
    assert client.get(SEARCH, headers=key).status_code == 401
    assert client.get(SEARCH).status_code == 401


def test_public_read_is_for_reading_alone(desk: Any) -> None:
    client = desk.client(Policy(public_read=True, keyless=False))
    desk.key()
    assert client.get(SEARCH).status_code == 200
    assert client.put(ARTICLE, json=BODY).status_code == 401
    assert client.get("/api/v1/metrics").status_code == 401


def test_where_others_can_reach_it_a_lost_file_of_keys_opens_nothing(desk: Any) -> None:
    client = desk.client(Policy(keyless=False))
    desk.key()
    desk.keys.path.unlink()
    assert client.get(SEARCH).status_code == 401


@pytest.mark.parametrize("path", [SEARCH, "/search?q=rivers"])
def test_a_damaged_file_of_keys_opens_nothing(desk: Any, path: str) -> None:
    client = desk.client()
    key = desk.key()
    desk.keys.path.write_text("{", "utf-8")
    assert client.get(path, headers=key).status_code == 500
    assert client.get(path).status_code == 500
    assert client.get("/api/v1/health/live").status_code == 200


@pytest.mark.parametrize("way", ["bearer", "header", "address", "basic"])
def test_a_key_can_be_shown_in_each_way(desk: Any, way: str) -> None:
    client = desk.client()
    shown = desk.key()["X-API-Key"]
    auth = ("anybody", shown) if way == "basic" else None
    headers = {
        "bearer": {"Authorization": f"Bearer {shown}"},
        "header": {"X-API-Key": shown},
    }.get(way, {})
    address = f"{SEARCH}&key={shown}" if way == "address" else SEARCH
    answer = client.get(address, headers=headers, auth=auth)
    assert answer.status_code == 200
    assert answer.json()["query"]["text"] == "rivers"


def test_a_browsers_password_cannot_write(desk: Any) -> None:
    shown = desk.key(Scope.WRITE)["X-API-Key"]
    assert desk.client().put(ARTICLE, json=BODY, auth=("", shown)).status_code == 401


@pytest.mark.parametrize("shown", ["nonsense", "byline_00000000_x", "byline__", "", "é"])
def test_a_key_that_is_none_is_refused_even_where_none_is_needed(
    desk: Any, problem: Any, shown: str
) -> None:
    client = desk.client(Policy(public_read=True))
    answer = client.get(SEARCH, headers={"Authorization": b"Bearer " + shown.encode() + b"x"})
    assert problem(answer)["code"] == "key-unknown"


def test_the_right_id_with_a_wrong_secret_is_refused(desk: Any) -> None:
    shown = desk.key()["X-API-Key"]
    assert desk.client().get(SEARCH, headers={"X-API-Key": shown[:-1]}).status_code == 401


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        (Scope.SEARCH, {"search"}),
        (Scope.WRITE, {"write"}),
        (Scope.ADMIN, {"metrics"}),
    ],
)
def test_each_scope_opens_its_own_door(desk: Any, scope: Scope, allowed: set[str]) -> None:
    client = desk.client()
    key = desk.key(scope)
    answers = {
        "search": client.get(SEARCH, headers=key),
        "write": client.put(ARTICLE, json=BODY, headers=key),
        "metrics": client.get("/api/v1/metrics", headers=key),
    }
    assert {name for name, answer in answers.items() if answer.status_code < 300} == allowed
    assert {answer.status_code for name, answer in answers.items() if name not in allowed} == {403}


def test_an_expired_key_says_so(desk: Any, problem: Any) -> None:
    key = desk.key(expires="2020-01-01T00:00:00Z")
    answer = desk.client().get(SEARCH, headers=key)
    assert problem(answer)["code"] == "key-expired"
    (made,) = desk.keys.all()
    assert made.refused(datetime(2019, 12, 31, tzinfo=UTC)) is None


def test_a_key_of_one_site_works_on_its_pages_alone(desk: Any, problem: Any) -> None:
    client = desk.client()
    key = desk.key(origins=("https://paper.example",))
    here = {**key, "Origin": "https://paper.example"}
    answer = client.get(SEARCH, headers=here)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://paper.example"
    for origin in ({}, {"Origin": "https://other.example"}, {"Origin": "null"}):
        refused = client.get(SEARCH, headers={**key, **origin})
        assert problem(refused)["code"] == "origin-refused"
        assert "access-control-allow-origin" not in refused.headers


def test_who_asks_by_another_name_is_not_answered(desk: Any, problem: Any) -> None:
    """What a web site gets that has its own name lead to this machine."""
    client = desk.client(Policy(hosts=frozenset({"localhost"}), allow_write=True))
    assert client.get(SEARCH, headers={"Host": "localhost:8000"}).status_code == 200
    refused = client.get(SEARCH, headers={"Host": "evil.example"})
    assert refused.status_code == 421
    assert problem(refused)["code"] == "unknown-host"
    assert client.put(ARTICLE, json=BODY, headers={"Host": "evil.example"}).status_code == 421
    assert client.get(SEARCH, headers={"Host": "evil.example", **desk.key()}).status_code == 200


def test_writing_without_a_key_is_for_this_machine_until_a_key_is_made(desk: Any) -> None:
    policy = Policy(allow_write=True)
    assert desk.client(policy).put(ARTICLE, json=BODY).status_code == 201
    afar = desk.client(policy, client=("192.0.2.1", 50_000))
    assert afar.put(ARTICLE, json=BODY).status_code == 401
    proxied = desk.client(policy)
    assert proxied.put(ARTICLE, json=BODY, headers={"X-Forwarded-For": "::1"}).status_code == 401
    desk.key()
    assert desk.client(policy).put(ARTICLE, json=BODY).status_code == 401


def test_what_is_counted_is_told_here_or_to_an_admin(desk: Any) -> None:
    assert desk.client().get("/api/v1/metrics").status_code == 200
    assert desk.client(client=("192.0.2.1", 1)).get("/api/v1/metrics").status_code == 401
    by_proxy = desk.client().get("/api/v1/metrics", headers={"Forwarded": "for=127.0.0.1"})
    assert by_proxy.status_code == 401


def test_a_browser_is_asked_for_a_key(desk: Any) -> None:
    client = desk.client()
    desk.key()
    answer = client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_the_file_of_keys_lets_nobody_in_who_reads_it(desk: Any) -> None:
    shown = desk.key()["X-API-Key"]
    path = desk.keys.path
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text("utf-8")
    assert shown.rsplit("_", 1)[1] not in text
    (row,) = json.loads(text)["keys"]
    client = desk.client()
    assert client.get(SEARCH, headers={"X-API-Key": row["sha256"]}).status_code == 401
    assert KeyStore(path).find(shown) is not None


def test_two_keys_have_nothing_in_common(desk: Any) -> None:
    first, second = (desk.key()["X-API-Key"].split("_", 2)[1:] for _ in range(2))
    assert not set(first) & set(second)
    assert len(first[1]) == 43
