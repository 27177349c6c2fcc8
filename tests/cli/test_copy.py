"""``byline copy`` and ``byline check --against``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from byline.engines.open import create_engine
from byline.testing import random_archive

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "copy.schema.json"


@pytest.fixture
def one(tmp_path: Path) -> Path:
    engine = create_engine(str(tmp_path / "one"), None)
    with engine.writer() as writer:
        writer.put(random_archive(3, 5, vectors=False))
        writer.commit()
    engine.close()
    return tmp_path / "one"


def test_a_copy_and_the_proof_that_it_is_one(
    byline: Callable[..., Any], one: Path, tmp_path: Path
) -> None:
    done = byline("copy", one, tmp_path / "two")
    assert done.status == 0
    assert "5 added, 0 already there" in done.out
    proof = byline("check", "--archive", one, "--against", tmp_path / "two")
    assert proof.status == 0
    assert "same in both" in proof.out
    removed = byline("remove", "--archive", tmp_path / "two", "--json", "nothing")
    assert removed.status == 1
    again = byline("copy", one, tmp_path / "two", "--json")
    document = json.loads(again.out)
    Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
    assert (document["added"], document["unchanged"]) == (0, 5)


def test_what_differs_fails_and_says_what_mends_it(
    byline: Callable[..., Any], one: Path, tmp_path: Path
) -> None:
    create_engine(str(tmp_path / "two"), None).close()
    proof = byline("check", "--archive", one, "--against", tmp_path / "two")
    assert proof.status == 1
    assert "byline copy" in " ".join(proof.out.split())


def test_copying_an_archive_into_itself_is_refused(byline: Callable[..., Any], one: Path) -> None:
    refused = byline("copy", one, one)
    assert refused.status == 2
    assert "itself" in refused.err
