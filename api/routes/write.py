"""Writing, for a content management system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api.access import Access, Writing
from api.described import shown
from api.envelope import ROOT
from api.paths import ArticleRoute, NewArticleId
from api.problems import respond
from api.sent import Sent
from api.writing import (
    MOST_AT_ONCE,
    ArticleIn,
    Change,
    Delete,
    Outcome,
    Put,
    Result,
    Written,
    write,
)
from byline import wire

router = APIRouter(tags=["writing"], route_class=ArticleRoute)

_IfMatch = Annotated[
    str | None, Header(description="Change it only if it is as this entity tag says.")
]
_IfNoneMatch = Annotated[str | None, Header(description="`*`: add it only if it is not there.")]


class Batch(Sent):
    """Changes, made in their order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "action": "put",
                            "id": "floods-2022",
                            "article": {
                                "title": "The river remembers",
                                "body": "<p>It rose on a Sunday.</p>",
                                "date": "2022-07",
                            },
                        },
                        {"action": "delete", "id": "nobody"},
                    ]
                }
            ]
        }
    )

    items: Annotated[
        list[Annotated[Change, Field(discriminator="action")]],
        Field(min_length=1, max_length=MOST_AT_ONCE),
    ]


class Changed(BaseModel):
    """What became of one change."""

    schema_: Annotated[Literal[1], Field(alias="schema")]
    id: str
    result: Result
    etag: str | None
    passages: int | None
    version: Annotated[int, Field(description="The archive's, after the change.")]
    searchable: Annotated[bool, Field(description="Whether a search finds it so already.")]


class BatchItemResult(BaseModel):
    id: str
    result: Result
    status: Annotated[int, Field(description="Of HTTP, as the change by itself would have had.")]
    etag: str | None
    passages: int | None
    problem: Annotated[
        dict[str, Any] | None, Field(description="Why it was refused, as RFC 9457 says it.")
    ]


class BatchResult(BaseModel):
    schema_: Annotated[Literal[1], Field(alias="schema")]
    version: int
    searchable: bool
    refused: Annotated[int, Field(description="How many changes were not made.")]
    items: list[BatchItemResult]


#: Writers wait for each other; in threads of their own, so that no search waits behind them.
_WRITERS = CapacityLimiter(64)
_STATUS = {Result.CREATED: 201, Result.UPDATED: 200, Result.UNCHANGED: 200, Result.DELETED: 200}


@router.put(
    "/articles/{article_id:path}",
    response_model=Changed,
    responses={
        200: shown("changed"),
        201: {"model": Changed, **shown("created", "It was added.")},
    },
)
async def put_article(
    article_id: NewArticleId,
    article: ArticleIn,
    request: Request,
    access: Writing,
    if_match: _IfMatch = None,
    if_none_match: _IfNoneMatch = None,
) -> Response:
    """Add an article, or replace it. Sending the same again changes nothing.

    It is cut into passages, encoded and stored; a search finds it when this is answered.
    """
    change = Put(
        action="put",
        id=article_id,
        article=article,
        if_match=if_match,
        if_none_match=if_none_match,
    )
    return await _one(request, access, change)


@router.delete(
    "/articles/{article_id:path}", response_model=Changed, responses={200: shown("deleted")}
)
async def delete_article(
    article_id: NewArticleId, request: Request, access: Writing, if_match: _IfMatch = None
) -> Response:
    """Remove an article."""
    return await _one(request, access, Delete(action="delete", id=article_id, if_match=if_match))


@router.post("/articles:batch", response_model=BatchResult, responses={200: shown("batch")})
async def write_batch(batch: Batch, request: Request, access: Writing) -> JSONResponse:
    """Make many changes in one go, each whole or not at all.

    One that is refused keeps none of the others back: its place in the answer says why. Only
    where one cannot even be read, the whole batch is refused, and nothing is done.
    """
    written = await _written(access, batch.items)
    return JSONResponse(
        {
            "schema": wire.SCHEMA,
            "version": written.version,
            "searchable": access.archive.engine.capabilities.instant_visibility,
            "refused": sum(one.problem is not None for one in written.outcomes),
            "items": [_item(one, request.state.request_id) for one in written.outcomes],
        }
    )


async def _written(access: Access, changes: Sequence[Change]) -> Written:
    return await to_thread.run_sync(write, access.archive, changes, limiter=_WRITERS)


async def _one(request: Request, access: Access, change: Change) -> Response:
    written = await _written(access, [change])
    (outcome,) = written.outcomes
    if outcome.problem is not None:
        return respond(request, outcome.problem)
    headers = {} if outcome.etag is None else {"ETag": outcome.etag}
    if outcome.result is Result.CREATED:
        root = request.scope.get("root_path", "")
        headers["Location"] = f"{root}{ROOT}/articles/{quote(outcome.id, safe='')}"
    document = {
        "schema": wire.SCHEMA,
        "id": outcome.id,
        "result": outcome.result.value,
        "etag": outcome.etag,
        "passages": outcome.passages,
        "version": written.version,
        "searchable": access.archive.engine.capabilities.instant_visibility,
    }
    return JSONResponse(document, _STATUS[outcome.result], headers)


def _item(outcome: Outcome, request_id: str) -> dict[str, Any]:
    problem = outcome.problem
    return {
        "id": outcome.id,
        "result": outcome.result.value,
        "status": _STATUS[outcome.result] if problem is None else problem.status,
        "etag": outcome.etag,
        "passages": outcome.passages,
        "problem": None if problem is None else problem.document(request_id),
    }
