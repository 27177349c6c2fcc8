"""``byline keys``: made, shown once, listed, revoked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.keys import KeyStore


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyStore:
    path = tmp_path / "kept" / "keys.json"
    monkeypatch.setenv("BYLINE_API_KEYS", str(path))
    return KeyStore(path)


def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    byline: Callable[..., Any], keys: KeyStore
) -> None:
    made = byline("keys", "create", "--name", "cms", "--scope", "write", "--scope", "search")
    assert made.status == 0
    shown = made.out.strip()
    found = keys.find(shown)
    assert found is not None
    assert sorted(found.scopes) == ["search", "write"]
    listed = byline("keys", "list")
    assert "cms" in listed.out
    assert shown not in listed.out
    assert found.sha256 not in listed.out
    assert byline("keys", "revoke", found.id).status == 0
    assert "revoked" in byline("keys", "list").out
    after = keys.find(shown)
    assert after is not None
    assert after.refused() == "revoked"


def test_the_meaning_of_a_filter_is_said_back(byline: Callable[..., Any], keys: KeyStore) -> None:
    made = byline("keys", "create", "--filter", 'publication:"The Courier"')
    assert "“The Courier”" in made.err
    assert keys.all()[0].filter == 'publication:"The Courier"'


def test_for_programs_it_is_one_document(byline: Callable[..., Any], keys: KeyStore) -> None:
    options = ("--origin", "https://Example.org:443/", "--rate", "300/minute", "--expires", "90d")
    document = json.loads(byline("keys", "create", *options, "--json").out)
    assert keys.find(document["key"]) == keys.all()[0]
    assert document["origins"] == ["https://example.org"]
    (row,) = json.loads(byline("keys", "list", "--json").out)["keys"]
    assert row["usable"]
    assert row["expires"] == document["expires"]
    assert "key" not in row


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "--scope", "amin"), "did you mean admin?"),
        (("create", "--filter", "river"), "no condition"),
        (("create", "--filter", "topic:river", "--scope", "admin"), "takes no filter"),
        (("create", "--origin", "example.org"), "no web site's origin"),
        (("create", "--origin", "https://example.org/page"), "no web site's origin"),
        (("create", "--rate", "often"), "no rate"),
        (("create", "--expires", "2020-01-31"), "that day is over"),
        (("create", "--expires", "2030"), "name a day"),
        (("revoke", "nobody"), "No key has the id"),
        (("revok",), "Did you mean 'revoke'?"),
    ],
)
def test_what_cannot_be_is_refused_and_makes_no_key(
    byline: Callable[..., Any], keys: KeyStore, arguments: tuple[str, ...], said: str
) -> None:
    ran = byline("keys", *arguments)
    assert ran.status in (1, 2)
    assert said in ran.err
    assert keys.all() == ()
