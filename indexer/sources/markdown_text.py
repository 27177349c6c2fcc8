"""Markdown to the text that a reader of its page sees."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from indexer.sources.html_text import from_html
from indexer.sources.markdown_events import shown
from indexer.sources.whitespace import tidy

if TYPE_CHECKING:
    from pyromark import Options

_TAGGED = r"\{%(?:[^%{]|%(?!\})|\{(?!%))*+%\}"
#: Templating that Jekyll, Hugo and Eleventy leave in posts. None holds the beginning of another:
#: where ends are missing, each beginning would be looked at to the end of the text.
_TEMPLATES = re.compile(
    rf"{_TAGGED}"
    r"|\{\{[<%](?:[^{>%]|\{(?!\{)|[>%](?!\}\}))*+[>%]\}\}"
    r"|\{\{(?:[^{}]|\{(?!\{)|\}(?!\}))*+\}\}"
    r"|\{:[^{}]*+\}"
)
#: Stands for a template until it is known where it stood; no text holds it, being a control.
_HOLE = "\x1a"
_HOLE_IN_TARGET = re.compile(rf"\](?:\(|:[ \t])[ \t]*[^\s()]*{_HOLE}[^\s()]*")
_HOLES = re.compile(f"{_HOLE}+")
#: ``## Heading {#its-id}``.
_ATTRIBUTES = re.compile(
    r"^(#{1,6}[ \t].*?)[ \t]*\{[#.][^{}\n]*\}[ \t]*$|[ \t]+\{#[\w:.-]+\}[ \t]*$", re.MULTILINE
)
#: Each with a character of every text that has it: one alone is looked for many times as fast as
#: anything else.
_SURE_SIGNS = (
    ("]", re.compile(r"\]\([^()\s]+(?:\s+\"[^\"]*\")?\)")),
    ("#", re.compile(r"^#{1,6} \S", re.MULTILINE)),
    ("*", re.compile(r"\*\*[^\s*][^*\n]*\*\*")),
    ("{", re.compile(rf"{_TAGGED}|\{{\{{[^{{}}]*+\}}\}}")),
    ("`", re.compile(r"^```", re.MULTILINE)),
    ("^", re.compile(r"^\[\^[^\]\s]+\]: \S", re.MULTILINE)),
)
#: Of these plain text may have one by chance; a list it has more often than the others.
_WEAK_SIGNS = (
    (">", re.compile(r"^> \S", re.MULTILINE)),
    ("_", re.compile(r"(?<![\w_])_[^\s_][^_\n]*_(?![\w_])")),
    ("]", re.compile(r"^\[[^\]]+\]: \S+", re.MULTILINE)),
)
_LIST = re.compile(r"^\s*(?:[*+-]|\d+\.) \S.*\n(?:\s*\n)?\s*(?:[*+-]|\d+\.) \S", re.MULTILINE)


def looks_like_markdown(text: str) -> bool:
    """One sign that means nothing else, or two of those that plain text may have by chance."""
    if any(mark in text and sign.search(text) for mark, sign in _SURE_SIGNS):
        return True
    weak = sum(mark in text and bool(sign.search(text)) for mark, sign in _WEAK_SIGNS)
    return weak > 1 or (weak == 1 and bool(_LIST.search(text)))


def from_markdown(text: str) -> str:
    """The text that a reader of the page sees; links and images leave their words."""
    import pyromark

    text = text.replace("\0", "")
    if "{" in text:
        text = _without_templates(text)
        if "{#" in text or "{." in text:
            text = _ATTRIBUTES.sub(lambda match: match[1] or "", text)
    if "<" in text:
        # HTML that stands in the Markdown is kept; nothing but its text is taken from it.
        return from_html(pyromark.html(text, options=options()))
    return tidy(shown(pyromark.events(text, options=options())))


@cache
def options() -> Options:
    """What is Markdown here: GitHub's, but for links that are not marked, which read the same."""
    from pyromark import Options

    return (
        Options.ENABLE_TABLES
        | Options.ENABLE_STRIKETHROUGH
        | Options.ENABLE_TASKLISTS
        | Options.ENABLE_FOOTNOTES
    )


def _without_templates(text: str) -> str:
    """In a link's target something must stay, or what is left would not be a link; and in a line
    of its own, or it would be a blank line, which ends what it stands in. Controls go later."""
    holed = _TEMPLATES.sub(_HOLE, text.replace(_HOLE, ""))
    if _HOLE not in holed:
        return holed
    holed = _HOLE_IN_TARGET.sub(lambda match: match[0].replace(_HOLE, "-"), holed)

    def alone_or_blank(match: re.Match[str]) -> str:
        beside = (
            holed[max(match.start() - 1, 0) : match.start()] + holed[match.end() : match.end() + 1]
        )
        return match[0] if not beside.strip() else " "

    return _HOLES.sub(alone_or_blank, holed)
