"""HTML and Markdown to plain text with its paragraphs kept."""

from __future__ import annotations

import html
import re
import threading
import unicodedata
from collections.abc import Callable
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from lxml.etree import HTMLParser, _Element
    from pyromark import Options

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
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]{2,8});")
#: One that may stand for white space.
_OTHER_ENTITY = re.compile(r"&(?!(?:quot|amp|lt|gt);)")
#: One that is no joke.
_NUMERAL = re.compile(r"\d{1,9}")
#: Where an item of a numbered list has its number; no name that HTML can hold.
_NUMBER = "byline-number"
#: Templating that Jekyll, Hugo and Eleventy leave in posts.
_TEMPLATES = re.compile(r"\{%.*?%\}|\{\{[<%].*?[>%]\}\}|\{\{.*?\}\}|\{:.*?\}", re.DOTALL)
#: Printable ASCII and the ends of lines.
_PLAIN = bytes([10, *range(32, 127)])
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff]")
#: An end of a line beside a space, or the first of three.
_UNEVEN_LINES = re.compile(r"\n(?: |(?<= \n)|\n\n)")
#: White space within a line that is no plain space.
_OTHER_SPACES = "\t\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
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
    ("{", re.compile(r"\{%.*?%\}|\{\{[^{}]*\}\}", re.DOTALL)),
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


def tidy(text: str) -> str:
    """One way to write the same text: NFC, ``\\n``, single spaces, blank lines for paragraphs.

    Control characters and zero-width spaces go; narrow no-break spaces become spaces.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    # Each is looked for before it is replaced: most texts have none, and looking is quick. A
    # pattern for spaces would begin a match at every word.
    if not _is_printable(text):
        text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
        for space in "\t" if text.isascii() else _OTHER_SPACES:
            text = text.replace(space, " ")
        text = _without_controls(text)
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.strip()
    if _UNEVEN_LINES.search(text):
        text = "\n".join([line.strip(" ") for line in text.split("\n")])
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
    return text


def _is_printable(text: str) -> bool:
    """Whether it has no white space but plain spaces and ends of lines, and no controls."""
    # Nearly all of it is plain, which a table takes out in a third of the time that it takes to
    # ask Unicode about each character.
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return not rest or rest.decode("utf-8", "surrogatepass").isprintable()


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
    return _remembered_line(text) if len(text) <= _REMEMBERED_LENGTH else _line(text)


def _line(text: str) -> str:
    return " ".join(plain_text(text).split())


#: Names and topics come again and again; what is longer is none.
_REMEMBERED_LENGTH = 100
_remembered_line = lru_cache(10_000)(_line)


def looks_like_html(text: str) -> bool:
    """Several tags, or one that is closed, or a block."""
    tags = _TAG.findall(text)
    return len(tags) > 1 or bool(re.search(r"<(?:p|br|div|img|hr)\b", text, re.IGNORECASE))


def looks_like_markdown(text: str) -> bool:
    """One sign that means nothing else, or two of those that plain text may have by chance."""
    if any(mark in text and sign.search(text) for mark, sign in _SURE_SIGNS):
        return True
    weak = sum(mark in text and bool(sign.search(text)) for mark, sign in _WEAK_SIGNS)
    return weak > 1 or (weak == 1 and bool(_LIST.search(text)))


def from_html(text: str) -> str:
    """Paragraphs apart; scripts, styles and comments gone; entities decoded once.

    In a text without elements for paragraphs, as WordPress keeps its posts, a blank line parts two.
    """
    plain = _is_printable(text)
    shown = _what_is_no_markup_shown(text if plain else _CONTROLS.sub("", text))
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

    def opening(match: re.Match[str]) -> str:
        ends = match[0].endswith("/>") or f"</{match[1].lower()}" in lower[match.end() :]
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
    elif tag in ("td", "th"):
        parts.append(" ")


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


def from_markdown(text: str) -> str:
    """The text that a reader of the page sees; links and images leave their words."""
    import pyromark

    text = text.replace("\0", "")
    if "{" in text:
        text = _without_templates(text)
        if "{#" in text or "{." in text:
            text = _ATTRIBUTES.sub(lambda match: match[1] or "", text)
    # HTML that stands in the Markdown is kept; nothing but its text is taken from it.
    return from_html(pyromark.html(text, options=_options()))


@cache
def _options() -> Options:
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
