"""HTML to plain text with its paragraphs kept."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from indexer.sources.whitespace import is_printable, tidy, without_controls

if TYPE_CHECKING:
    from lxml.etree import HTMLParser, _Element

Flow: TypeAlias = Callable[[str], str]

_BLOCKS = frozenset(
    "address article aside blockquote body dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot "
    "th thead tr ul".split()
)
#: Each begins a line of its own, not a paragraph.
_ROWS = frozenset("li tr dt dd".split())
#: After each a paragraph ends.
_PARTING = _BLOCKS - _ROWS
_DROPPED = frozenset("script style template noscript svg math iframe object head title".split())
_INLINE = frozenset(
    "a abbr acronym audio b base basefont bdi bdo big br button canvas caption center cite code "
    "col colgroup data datalist del dfn dir dialog embed em font frame frameset hgroup html i img "
    "input ins kbd label legend link map mark meta meter noframes optgroup option output param "
    "path picture progress q rp rt ruby s samp search select slot small source span strike strong "
    "sub sup textarea time track tt u var video wbr".split()
)
_ELEMENTS = _BLOCKS | _DROPPED | _INLINE
#: A tag that begins or ends, of an element there is: ``a < b`` is none, nor is ``List<String>``.
_TAG = re.compile(
    rf"</?({'|'.join(sorted(_ELEMENTS, key=len, reverse=True))})"
    r"(?:\s[^<>]*)?/?>|<!--",
    re.IGNORECASE,
)
#: A name in angle brackets, and nothing but the name.
_BARE_TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)>")
_WHOLE_PAGE = re.compile(r"\s*<(?:html|!doctype)", re.IGNORECASE)
_OPENING = re.compile(rf"<({'|'.join(sorted(_DROPPED))})\b[^<>]*>", re.IGNORECASE)
#: What gives paragraphs by markup; where there is none of it, blank lines part them.
_PARAGRAPHS = ("p", "div")
_BLANK_LINE = re.compile(r"\n\s*\n")
_APART = "\n\n"
#: Text straight in these is white space between items.
_HOLDERS = frozenset("ul ol dl table thead tbody tfoot tr".split())
#: Elements that begin and end nothing: text runs on, and no footnote's mark is one.
_RUNNING = _INLINE - {"a", "br", "sup"}
#: A footnote's number in the text and the way back from the note, as GitHub's renderer and
#: pulldown-cmark mark them.
_FOOTNOTE_MARKS = frozenset(("footnote-ref", "footnote-backref", "footnote-reference"))
#: A footnote as pulldown-cmark leaves it, where it was written: its number and what it says.
_FOOTNOTE = "footnote-definition"
#: One that may stand for white space.
_OTHER_ENTITY = re.compile(r"&(?!(?:quot|amp|lt|gt);)")
#: One that is no joke.
_NUMERAL = re.compile(r"\d{1,9}")
#: Where an item of a numbered list has its number; no name that HTML can hold.
_NUMBER = "byline-number"


def looks_like_html(text: str) -> bool:
    """Several tags, or one that is closed, or a block."""
    tags = _TAG.findall(text)
    return len(tags) > 1 or bool(re.search(r"<(?:p|br|div|img|hr)\b", text, re.IGNORECASE))


def from_html(text: str) -> str:
    """Paragraphs apart; scripts, styles and comments gone; entities decoded once.

    In a text without elements for paragraphs, as WordPress keeps its posts, a blank line parts two.
    """
    plain = is_printable(text)
    shown = _what_is_no_markup_shown(text if plain else without_controls(text))
    root = _parsed(shown)
    if root is None:
        return tidy(html.unescape(_TAG.sub(_in_its_place, text)))
    if _FOOTNOTE in shown:
        _list_footnotes(root)
    if next(root.iterdescendants(*_PARAGRAPHS), None) is None:
        flow: Flow = _in_paragraphs
    else:
        flow = _on_a_line if plain and not _OTHER_ENTITY.search(shown) else _flowing
    return tidy("".join(_parts(root, flow)))


def _parsed(text: str) -> _Element | None:
    """``None`` where the parser gives up: on what is empty, or nested thousands deep."""
    from lxml.etree import LxmlError, fromstring

    # Of what is no whole page, it would else make paragraphs that nobody wrote.
    page = text if _WHOLE_PAGE.match(text) else f"<html><body>{text}</body></html>"
    parser = _parsers.html
    try:
        root = fromstring(page.encode(), parser)
    except (LxmlError, ValueError):
        return None
    # It stops without a word to whoever called it.
    error = parser.error_log.last_error
    return None if error is not None and error.level_name == "FATAL" else root


class _Parsers(threading.local):
    """One a thread, as a parser keeps the errors of what it parsed last."""

    @cached_property
    def html(self) -> HTMLParser:
        from lxml.etree import HTMLParser

        # "Huge" is more than 10 MB, or nested more than 256 deep, which takes no more than as many
        # tags that nobody closed.
        return HTMLParser(encoding="utf-8", huge_tree=True)


_parsers = _Parsers()


def _in_its_place(tag: re.Match[str]) -> str:
    return _APART if (tag[1] or "").lower() in _BLOCKS else " "


def _list_footnotes(root: _Element) -> None:
    """As a numbered list at the end, where a reader of the page finds them."""
    from lxml.etree import SubElement

    notes: list[tuple[int, _Element, _Element]] = []
    for note in root.iter("div"):
        label = note.find("sup") if note.get("class") == _FOOTNOTE else None
        if label is not None and _NUMERAL.fullmatch(number := label.text or ""):
            notes.append((int(number), label, note))
    ending = SubElement(root, "ol")
    for _, label, note in sorted(notes, key=itemgetter(0)):
        note.remove(label)
        note.tag = "li"
        ending.append(note)


def _what_is_no_markup_shown(text: str) -> str:
    """Names in angle brackets that are no element's become text, and so do elements whose content
    is not shown and which never end: a parser would take all that follows for their content."""
    unknown = {name.lower() for name in set(_BARE_TAG.findall(text))} - _ELEMENTS
    if not unknown and not _OPENING.search(text):
        return text
    lower = text.lower()
    shown = {name for name in unknown if f"</{name}" not in lower}

    def bare(match: re.Match[str]) -> str:
        return f"&lt;{match[1]}&gt;" if match[1].lower() in shown else match[0]

    last_end = {name: lower.rfind(f"</{name}") for name in _DROPPED}

    def opening(match: re.Match[str]) -> str:
        ends = match[0].endswith("/>") or last_end[match[1].lower()] >= match.end()
        return match[0] if ends else html.escape(match[0])

    return _OPENING.sub(opening, _BARE_TAG.sub(bare, text) if shown else text)


def _parts(root: _Element, flow: Flow) -> list[str]:
    """The text of each element, and white space as it parts them. No recursion, as markup may be
    nested deeper than calls may be."""
    from lxml.etree import iterwalk

    parts = [_APART]
    # Of elements that are not ended: how the text below flows, and that which stands straight in.
    flows = [(flow, flow)]
    walk = iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            # Asked for once: lxml makes it anew each time.
            tag = node.tag
            below, _ = flows[-1]
            straight = below
            if tag not in _RUNNING:
                if tag in _DROPPED or node.get("class") in _FOOTNOTE_MARKS:
                    walk.skip_subtree()
                    flows.append((below, below))
                    continue
                _begin(tag, node, parts)
                if tag == "pre":
                    straight = below = _as_it_is
                elif tag in _HOLDERS and below is _in_paragraphs:
                    straight = _flowing
            flows.append((below, straight))
            _say(node.text, parts, straight)
        else:
            if event == "end":
                flows.pop()
                if node.tag in _PARTING:
                    _part(parts)
            _say(node.tail, parts, flows[-1][1])
    return parts


def _begin(tag: str, node: _Element, parts: list[str]) -> None:
    if tag in _ROWS:
        parts.append("\n")
    elif tag in _BLOCKS and not (tag == "p" and _begins_item(node)):
        _part(parts)
    if tag == "li":
        parts.append(node.get(_NUMBER, ""))
    elif tag == "ol":
        _count(node)
    elif tag == "br":
        parts.append("\n")


def _count(node: _Element) -> None:
    """A numbered list's items by their numbers, which the text may refer to."""
    start = node.get("start", "1")
    first = int(start) if _NUMERAL.fullmatch(start) else 1
    for number, item in enumerate(node.iterchildren("li"), first):
        item.set(_NUMBER, f"{number}. ")


def _part(parts: list[str]) -> None:
    if parts[-1] != _APART:
        parts.append(_APART)


def _say(text: str | None, parts: list[str], flow: Flow) -> None:
    # Between blocks stands the end of a line of markup.
    if text and not (text == "\n" and parts[-1] == _APART):
        parts.append(flow(text))


def _begins_item(paragraph: _Element) -> bool:
    """Whether it is the first paragraph of a list's item, beside the item's number."""
    parent = paragraph.getparent()
    if parent is None or parent.tag != "li":
        return False
    return paragraph.getprevious() is None and not (parent.text or "").strip()


def _as_it_is(text: str) -> str:
    return text


def _on_a_line(text: str) -> str:
    """:func:`_flowing` of what has no white space but plain spaces and ends of lines."""
    return text.replace("\n", " ")


def _in_paragraphs(text: str) -> str:
    return "\n\n".join(_flowing(part) for part in _BLANK_LINE.split(text))


def _flowing(text: str) -> str:
    if not text:
        return ""
    flat = _on_a_line(text)
    if flat.isprintable():
        # What spaces there are more than one of, the whole is rid of in the end.
        return flat
    before = " " if text[0].isspace() else ""
    after = " " if text[-1].isspace() else ""
    return before + " ".join(text.split()) + after
