"""What is said to do about an error can be done by whoever is told it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from api.problems import of_error
from byline import errors

COMMAND = re.compile(r"`byline|(?<!\w)--\w|same command")


def every_error(kind: type[errors.BylineError] = errors.BylineError) -> Iterator[Any]:
    for child in kind.__subclasses__():
        yield child
        yield from every_error(child)


#: Raised by no answer of the API.
ELSEWHERE = {errors.BadSetting, errors.KeyNotFound, errors.BadJudgments}
ANSWERED = sorted(set(every_error()) - ELSEWHERE, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", ANSWERED)
def test_nobody_who_asks_is_told_to_use_the_command_line(kind: type[errors.BylineError]) -> None:
    problem = of_error(kind("It broke."))
    own, _, _ = problem.remedy.partition("hoever runs this server")
    assert not COMMAND.search(own)
    assert not COMMAND.search(problem.for_people or "")
    assert bool(problem.remedy) == bool(kind.default_remedy)


def test_a_remedy_that_fits_what_was_asked_is_kept(desk: Any, problem: Any) -> None:
    found = problem(desk.client().get("/api/v1/authors/Ada%20Quil"))
    assert found["detail"] == "Did you mean Ada Quill?"
    found = problem(desk.client().get("/api/v1/authors/Zzyzx"))
    assert found["detail"] == "/api/v1/authors lists who wrote what the archive holds."


def test_a_program_is_told_what_to_ask(desk: Any, problem: Any) -> None:
    client = desk.client()
    said = {
        "/articles/nobody": "/api/v1/search and /api/v1/articles tell the ids of what they find.",
        "/search?q=%22river&strict=true": "Mend the query there, or leave out strict to have it "
        "read leniently.",
        "/search?q=river&mode=semantic": "Ask with mode=keyword; whoever runs this server can add "
        "vectors (`byline reembed`).",
    }
    for path, remedy in said.items():
        assert problem(client.get(f"/api/v1{path}"))["detail"] == remedy


@pytest.mark.parametrize(
    "path",
    ["/article/nobody", "/cite/nobody", "/similar/nobody", "/embed?article=nobody"],
)
def test_people_are_told_the_same_on_every_page(desk: Any, path: str) -> None:
    answer = desk.client().get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "It may have been removed, or its address was cut short." in answer.text
    assert "byline" not in answer.text[answer.text.index("No article has") :].partition("</p>")[0]
