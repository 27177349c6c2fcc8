"""HTML and Markdown to plain text with its paragraphs kept."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_BLOCKS = frozenset(
    "address article aside blockquote body dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot "
    "th thead tr ul".split()
)
_DROPPED = frozenset("script style template noscript svg math iframe object head title".split())
#: A tag that begins or ends: a comparison such as ``a < b`` is none.
_TAG = re.compile(r"</?(?:[a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*)?/?>|<!--")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});")
#: Templating that Jekyll, Hugo and Eleventy leave in posts.
_TEMPLATES = re.compile(r"\{%.*?%\}|\{\{[<%].*?[>%]\}\}|\{\{.*?\}\}|\{:.*?\}", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff]")
#: White space within a line that is no plain space.
_OTHER_SPACES = "\t\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_BLANK = re.compile(r"\n{3,}")
#: Without any of these there is no Markdown to look for: a list alone is no sure sign of it.
_MARKS = re.compile(r"[#*_>\[\]`{+]")
_SURE_SIGNS = (
    re.compile(r"\]\([^()\s]+(?:\s+\"[^\"]*\")?\)"),
    re.compile(r"^#{1,6} \S", re.MULTILINE),
    re.compile(r"\*\*[^\s*][^*\n]*\*\*"),
    re.compile(r"\{%.*?%\}|\{\{[^{}]*\}\}", re.DOTALL),
    re.compile(r"^```", re.MULTILINE),
)
_WEAK_SIGNS = (
    re.compile(r"^\s*(?:[*+-]|\d+\.) \S.*\n(?:\s*\n)?\s*(?:[*+-]|\d+\.) \S", re.MULTILINE),
    re.compile(r"^> \S", re.MULTILINE),
    re.compile(r"(?<![\w_])_[^\s_][^_\n]*_(?![\w_])"),
    re.compile(r"^\[[^\]]+\]: \S+", re.MULTILINE),
)


def tidy(text: str) -> str:
    """One way to write the same text: NFC, ``\\n``, single spaces, blank lines for paragraphs.

    Control characters and zero-width spaces go; narrow no-break spaces become spaces.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # Each is looked for before it is replaced: most texts have none, and looking is quick. A
    # pattern for spaces would begin a match at every word.
    if not _is_printable(text):
        text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
        for space in _OTHER_SPACES:
            text = text.replace(space, " ")
        text = _without_controls(text)
    while "  " in text:
        text = text.replace("  ", " ")
    if " \n" in text or "\n " in text:
        text = "\n".join([line.strip(" ") for line in text.split("\n")])
    if "\n\n\n" in text:
        text = _BLANK.sub("\n\n", text)
    return text.strip()


def _is_printable(text: str) -> bool:
    """Whether it has no white space but plain spaces and ends of lines, and no controls."""
    return text.replace("\n", "").isprintable()


def _without_controls(text: str) -> str:
    return text if _is_printable(text) else _CONTROLS.sub("", text)


def plain_text(text: str) -> str:
    """Whatever a record's body holds — HTML, Markdown or plain text — as plain text."""
    # Markdown may hold HTML, which stays HTML in it; so it is looked for first.
    if looks_like_markdown(text):
        return from_markdown(text)
    if "<" in text and looks_like_html(text):
        return from_html(text)
    return tidy(html.unescape(text) if _ENTITY.search(text) else text)


def one_line(text: str) -> str:
    """For titles and names: no markup, no line ends."""
    return " ".join(plain_text(text).split())


def looks_like_html(text: str) -> bool:
    """Several tags, or one that is closed, or a block."""
    tags = _TAG.findall(text)
    return len(tags) > 1 or bool(re.search(r"<(?:p|br|div|img|hr)\b", text, re.IGNORECASE))


def looks_like_markdown(text: str) -> bool:
    """One sign that means nothing else, or two of those that plain text may have by chance."""
    if not _MARKS.search(text):
        return False
    if any(sign.search(text) for sign in _SURE_SIGNS):
        return True
    return sum(bool(sign.search(text)) for sign in _WEAK_SIGNS) > 1


def from_html(text: str) -> str:
    """Paragraphs apart; scripts, styles and comments gone; entities decoded once."""
    import lxml.html

    try:
        root = lxml.html.fragment_fromstring(_without_controls(text), create_parent="div")
    except (lxml.etree.ParserError, ValueError):
        return tidy(html.unescape(_TAG.sub(" ", text)))
    parts: list[str] = []
    _walk(root, parts, preformatted=False)
    return tidy("".join(parts))


def _walk(node: HtmlElement, parts: list[str], *, preformatted: bool) -> None:
    if not isinstance(node.tag, str) or node.tag in _DROPPED:
        return
    block = node.tag in _BLOCKS
    if block:
        parts.append("\n" if node.tag in ("li", "tr", "dt", "dd") else "\n\n")
        parts.append(_number(node))
    if node.tag == "br":
        parts.append("\n")
    if node.tag in ("td", "th"):
        parts.append(" ")
    preformatted = preformatted or node.tag == "pre"
    parts.append(_flowing(node.text, preformatted))
    for child in node:
        _walk(child, parts, preformatted=preformatted)
        parts.append(_flowing(child.tail, preformatted))
    if block and node.tag not in ("li", "tr", "dt", "dd"):
        parts.append("\n\n")


def _number(node: HtmlElement) -> str:
    """An item's number in a numbered list, which its text may refer to."""
    parent = node.getparent()
    if node.tag != "li" or parent is None or parent.tag != "ol":
        return ""
    start = parent.get("start", "1")
    first = int(start) if start.isdecimal() else 1
    return f"{first + sum(1 for _ in node.itersiblings('li', preceding=True))}. "


def _flowing(text: str | None, preformatted: bool) -> str:
    if not text:
        return ""
    if preformatted:
        return text
    flat = text.replace("\n", " ")
    if flat.isprintable():
        # What spaces there are more than one of, the whole is rid of in the end.
        return flat
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return before + " ".join(text.split()) + after


def from_markdown(text: str) -> str:
    """The text that a reader of the page sees; links and images leave their words."""
    import cmarkgfm
    from cmarkgfm.cmark import Options

    # "Unsafe" keeps HTML that stands in the Markdown; nothing but its text is taken from it.
    stripped = (_TEMPLATES.sub(" ", text) if "{" in text else text).replace("\0", "")
    return from_html(cmarkgfm.github_flavored_markdown_to_html(stripped, Options.CMARK_OPT_UNSAFE))
