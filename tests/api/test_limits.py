"""How often, how much, how long: what is allowed, and what is said beyond it."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from api.rates import Meter, Rate
from byline.errors import BadSetting
from byline.settings import Settings

SEARCH = "/api/v1/search"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_up_to_the_quota_then_an_even_pace() -> None:
    clock = Clock()
    meter, rate = Meter(clock), Rate(4, 8)
    counted = [meter.count("a", rate) for _ in range(5)]
    assert [one.remaining for one in counted] == [3, 2, 1, 0, 0]
    assert [one.wait for one in counted] == [0, 0, 0, 0, 2]
    clock.now += 2
    assert meter.count("a", rate).wait == 0
    assert meter.count("a", rate).wait == 2
    clock.now += 100
    assert meter.count("a", rate).remaining == 3


def test_callers_are_counted_apart() -> None:
    meter, rate = Meter(Clock()), Rate(1, 60)
    assert meter.count("a", rate).wait == 0
    assert meter.count("b", rate).wait == 0
    assert meter.count("a", rate).wait == 60


@pytest.mark.parametrize("text", ["600", "0/minute", "600/fortnight", "-1/day", "many/hour"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(BadSetting):
        Rate.parse(text)
    with pytest.raises(BadSetting):
        Settings.load({"BYLINE_API_RATE": text})


def test_rates_say_themselves_back() -> None:
    assert str(Rate.parse("600/minute")) == "600/minute"
    assert Rate.parse("") is None


def test_an_address_is_told_what_is_left_and_then_to_wait(desk: Any, problem: Any) -> None:
    client = desk.client(api_rate="3/minute")
    answers = [client.get(SEARCH) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"address";q=3;w=60'
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
        "r=2", "r=1", "r=0", "r=0",
    ]  # fmt: skip
    assert answers[3].headers["retry-after"] == "20"
    assert "20 seconds" in problem(answers[3])["detail"]


def test_health_and_what_a_page_loads_count_against_nobody(desk: Any) -> None:
    client = desk.client(api_rate="1/hour")
    for _ in range(3):
        assert client.get("/api/v1/health/live").status_code == 200
        assert client.get("/static/no-such-thing.css").status_code == 404
    assert client.get(SEARCH).status_code == 200


def test_a_key_has_its_own_rate_whatever_its_address_has_used(desk: Any) -> None:
    client = desk.client(api_rate="1/hour", api_key_rate="2/hour")
    usual, own = desk.key(), desk.key(rate="3/hour")
    client.get(SEARCH)
    for key, quota in ((usual, 2), (own, 3)):
        statuses = [client.get(SEARCH, headers=key).status_code for _ in range(quota + 1)]
        assert statuses == [200] * quota + [429]


def test_nobody_uses_up_alone_a_key_that_stands_in_a_web_page(desk: Any) -> None:
    key = {
        **desk.key(origins=("https://a.example",), rate="100/hour"),
        "Origin": "https://a.example",
    }
    client = desk.client(api_rate="1/hour")
    assert [client.get(SEARCH, headers=key).status_code for _ in range(2)] == [200, 429]
    other = desk.client(client=("192.0.2.7", 1), api_rate="1/hour")
    assert other.get(SEARCH, headers=key).status_code == 200


def test_guessing_keys_is_counted(desk: Any) -> None:
    client = desk.client(api_rate="2/hour")
    wrong = {"X-API-Key": "byline_00000000_guess"}
    assert [client.get(SEARCH, headers=wrong).status_code for _ in range(3)] == [401, 401, 429]


def test_a_body_beyond_the_limit_is_refused_whole_or_in_pieces(desk: Any, problem: Any) -> None:
    client = desk.client(api_body_size="2000")
    body = json.dumps({"q": "r" * 3000}).encode()
    headers = {"Content-Type": "application/json"}

    def pieces() -> Any:
        yield body[:1500]
        yield body[1500:]

    for content in (body, pieces()):
        answer = client.post(SEARCH, content=content, headers=headers)
        assert answer.status_code == 413
        found = problem(answer)
        assert found["code"] == "body-too-large"
        assert "api_body_size" in found["detail"]


def test_an_answer_that_takes_too_long_is_given_up(
    desk: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.client(api_seconds="0.2")
    asked, let_go = threading.Event(), threading.Event()

    def slow(*_: Any) -> None:
        asked.set()
        assert let_go.wait(20)

    monkeypatch.setattr("byline.paging.search", slow)
    answers: list[Any] = []
    waiting = threading.Thread(target=lambda: answers.append(client.get(SEARCH)))
    waiting.start()
    assert asked.wait(20)
    # The answer goes out while the handler is still at work; the test's client shows it after.
    threading.Timer(0.5, let_go.set).start()
    waiting.join(20)
    assert answers[0].status_code == 504
    assert problem(answers[0])["code"] == "took-too-long"


def test_too_many_at_once_are_told_to_come_back(
    desk: Any, problem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.client(api_concurrency="1")
    asked, let_go = threading.Event(), threading.Event()
    real = "byline.paging.search"

    def slow(*_: Any) -> None:
        asked.set()
        assert let_go.wait(20)
        raise RuntimeError("only waits")

    monkeypatch.setattr(real, slow)
    waiting = threading.Thread(target=lambda: client.get(SEARCH))
    waiting.start()
    try:
        assert asked.wait(20)
        answer = client.get(SEARCH)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert problem(answer)["code"] == "overloaded"
        assert client.get("/api/v1/health/live").status_code == 200
    finally:
        let_go.set()
        waiting.join(20)
