"""An answer's totals as a sentence."""

from __future__ import annotations

from byline.query.tree import Everything, demands_words
from byline.request import Mode
from byline.search import Answer
from byline.wording.numbers import counted


def total_line(answer: Answer) -> str:
    """The totals in plain words."""
    total = answer.total
    all_of_them = counted(total.articles, "article")
    contain = "contains" if total.by_words == 1 else "contain"
    query = answer.query
    demanded = demands_words(query.condition)
    # A query such as "a OR NOT b" may be satisfied without any of its words.
    worded = bool(query.words) or demanded
    # What is close in meaning satisfies the conditions, and so has the words that they demand.
    words = "your other words" if demanded and query.words else "your words"
    if not total.articles:
        text = "Nothing was found"
    elif query.condition in (None, Everything()) and not query.words:
        text = f"There {_are(total.articles)} {all_of_them}"
    elif query.only_conditions or not (worded or answer.mode is Mode.SEMANTIC):
        text = f"{all_of_them} {'satisfies' if total.articles == 1 else 'satisfy'} this"
    elif not worded:
        text = f"{all_of_them} {_are(total.articles)} close in meaning"
    elif answer.mode is Mode.SEMANTIC:
        text = f"{all_of_them} {_are(total.articles)} close in meaning; "
        if not total.by_words:
            text += f"none contains {words}"
        elif total.by_meaning_only:
            text += f"{total.by_words:,} of them {contain} your words"
        else:
            text += "it contains your words" if total.articles == 1 else "all contain your words"
    elif not total.by_words:
        which = "article that has what you demand" if demanded and query.words else "article"
        text = f"No {which} contains {words}"
        text += f"; {all_of_them} {_are(total.articles)} close in meaning"
    else:
        text = f"{counted(total.by_words, 'article')} {contain} your words"
        if total.by_meaning_only:
            text += f", {total.by_meaning_only:,} more {_are(total.by_meaning_only)} close"
            text += " in meaning"
    return text + "."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
