"""Errors carry a stable code and a remedy, and survive a process boundary."""

from __future__ import annotations

import pickle

import pytest

from byline import errors


def every_error(kind: type[errors.BylineError] = errors.BylineError):
    for child in kind.__subclasses__():
        yield child
        yield from every_error(child)


ERRORS = sorted(set(every_error()), key=lambda kind: kind.__name__)


def test_codes_are_unique():
    codes = [kind.code for kind in ERRORS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_that_are_raised_name_a_remedy(kind):
    if not kind.__subclasses__() and kind is not errors.SourceError:
        assert kind.default_remedy.endswith(".")


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_errors_pickle(kind):
    error = kind("It broke at line 3.", remedy="Mend line 3.", code="special")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.message, copy.remedy, copy.error_code) == (
        error.message,
        error.remedy,
        "special",
    )
    assert str(copy) == "It broke at line 3. Mend line 3."


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_names_every_error(kind):
    assert kind.__name__ in (errors.__doc__ or "")


def test_a_bad_query_still_points_at_its_place_after_pickling():
    error = errors.BadQuery("The quotation opened here is not closed.", start=3, end=9)
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.start, copy.end) == (3, 9)
