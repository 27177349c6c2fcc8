"""What schemathesis has to be told of the API; it loads this file by the test's own word.

The strings of a format are drawn from what they may hold. And one thing no schema can say is
whether a request that is well-formed also fits: whether a cursor is of this very search, or an
entity tag the article's own. That such a request is refused is no fault.
"""

from __future__ import annotations

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import Failure

_YEARS = st.integers(1900, 2030).map("{:04d}".format)
_MONTHS = st.integers(1, 12).map("{:02d}".format)
_DAYS = st.integers(1, 28).map("{:02d}".format)
schemathesis.openapi.format(
    "partial-date",
    st.one_of(
        _YEARS,
        st.tuples(_YEARS, _MONTHS).map("-".join),
        st.tuples(_YEARS, _MONTHS, _DAYS).map("-".join),
    ),
)
_KEYS = ("total", "hits", "hits.rank", "hits.article.title", "facets", "query.notes.code", "next")
schemathesis.openapi.format(
    "field-list", st.lists(st.sampled_from(_KEYS), min_size=1, max_size=4).map(",".join)
)

#: What a request that keeps to the document can still be refused for, by the problem's code.
UNFIT = {
    "bad-cursor",
    "cursor-of-another-search",
    "cursor-and-offset",
    "bad-date",  # a span that ends before it begins
    "bad-field",  # a body of which nothing is left once it is text
    "precondition-failed",
}


@schemathesis.hook
def filter_failure(context, failure: Failure, case, response) -> bool:  # type: ignore[no-untyped-def]
    """Whether it counts."""
    if failure.title != "Schema-valid request rejected":
        return True
    code = response.json()["code"]
    # A strict query is read to the letter, and its letters are any.
    return not (code in UNFIT or code.startswith("query-"))
