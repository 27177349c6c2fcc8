"""What to do about an error, for whoever asks over HTTP.

The core's remedies speak of the command line. Here each has its words for programs, which send
requests, and for people, who look at a page; what neither can do is left to whoever runs the
server.
"""

from __future__ import annotations

from dataclasses import dataclass

from byline import errors


@dataclass(frozen=True, slots=True)
class Remedy:
    """One sentence or two for each; either may be empty."""

    programs: str
    people: str


def remedy_of(error: errors.BylineError) -> Remedy:
    """The error's own where it was raised with one that fits what was asked."""
    found = _BY_CODE.get(error.error_code)
    if found is None and error.remedy == type(error).default_remedy:
        found = next((said for kind, said in _BY_KIND if isinstance(error, kind)), None)
    if found is not None:
        return found
    if isinstance(error, _OPERATORS) and not isinstance(error, errors.ArchiveBusy):
        left = f"For whoever runs this server: {error.remedy}" if error.remedy else ""
        # A page tells people by itself whom to turn to.
        return Remedy(left, "")
    return Remedy(error.remedy, error.remedy)


_NO_ROOM = Remedy(
    "Send the request again once whoever runs this server has made room; what was committed is "
    "safe.",
    "",
)
#: In place of every remedy of this code.
_BY_CODE = {
    "storage-full": _NO_ROOM,
    "storage-flooded": _NO_ROOM,
    "writer-superseded": Remedy(
        "Send the request again; what was committed is safe.", "What was committed is safe."
    ),
    "articles-refused": Remedy("Mend this article and send it again.", ""),
}
#: In place of the kind's own remedy; what was raised with another keeps that.
_BY_KIND: tuple[tuple[type[errors.BylineError], Remedy], ...] = (
    (
        errors.BadQuery,
        Remedy(
            "Mend the query there, or leave out strict to have it read leniently.",
            "Mend the query there.",
        ),
    ),
    (
        errors.ArticleNotFound,
        Remedy(
            "/api/v1/search and /api/v1/articles tell the ids of what they find.",
            "It may have been removed, or its address was cut short.",
        ),
    ),
    (
        errors.AuthorNotFound,
        Remedy(
            "/api/v1/authors lists who wrote what the archive holds.",
            "The name may be spelled otherwise here.",
        ),
    ),
    (
        errors.NoVectors,
        Remedy(
            "Ask with mode=keyword; whoever runs this server can add vectors (`byline reembed`).",
            "Search by words instead.",
        ),
    ),
    (
        errors.ModelMismatch,
        Remedy(
            "Ask with mode=keyword; whoever runs this server can encode the archive anew "
            "(`byline reembed`).",
            "Search by words instead.",
        ),
    ),
)
#: What only whoever runs the server can mend.
_OPERATORS = (errors.ArchiveError, errors.ModelError, errors.KeysUnreadable)
