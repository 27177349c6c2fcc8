"""How text becomes tokens: the one definition, for every engine, for highlights and for tests.

A token is a Unicode word (UAX #29, as Lucene's StandardTokenizer and so Elasticsearch's
``standard`` tokenizer cut it), lower-cased, with accents folded to ASCII (``Brânză`` → ``branza``,
``İzmir`` → ``izmir``, ``ﬁne`` → ``fine``, ``don’t`` → ``don't``). That is the *exact* form. The
*stemmed* form is the Snowball English (Porter2) stem of it. No stop words are removed: quotations
are made of them.

Text is taken to be in Unicode's composed form (NFC), as the indexer stores it and the query
parser makes it; a combining mark that has no composed form stays part of its word.

Each Han and Hiragana character is a token; runs of Katakana, Hangul, Thai, Lao, Khmer and
Myanmar are one; so is an emoji. Offsets are Unicode code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from operator import itemgetter

import tantivy

#: Authors, topics and the like come again and again.
_VALUES_KEPT = 50_000
#: Words of which the stems are kept: some ten megabytes.
_STEMS_KEPT = 100_000


class Form(StrEnum):
    """Both are also the names under which Tantivy knows them."""

    EXACT = "exact"
    STEMMED = "stemmed"


@dataclass(frozen=True, slots=True)
class Token:
    """``text[start:end]`` in its exact or stemmed form; ``position`` counts words from 0."""

    text: str
    start: int
    end: int
    position: int


def _pattern() -> str:
    """UAX #29's word rules (WB4–WB13b) in the syntax of Rust's regex crate.

    Lucene's grammar keeps a segment only if it holds a letter, a digit, an ideograph or a
    pictograph; so does this, by naming what a token may begin with.
    """
    extend = r"[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]*"
    letter = rf"[\p{{wb=ALetter}}\p{{wb=Hebrew_Letter}}]{extend}"
    digit = rf"\p{{wb=Numeric}}{extend}"
    katakana = rf"\p{{wb=Katakana}}{extend}"
    joiner = rf"\p{{wb=ExtendNumLet}}{extend}"
    in_letters = rf"[\p{{wb=MidLetter}}\p{{wb=MidNumLet}}\p{{wb=Single_Quote}}]{extend}"
    in_digits = rf"[\p{{wb=MidNum}}\p{{wb=MidNumLet}}\p{{wb=Single_Quote}}]{extend}"
    letters = rf"{letter}(?:(?:{in_letters})?{letter})*"
    digits = rf"{digit}(?:(?:{in_digits})?{digit})*"
    core = rf"(?:(?:(?:{letters})|(?:{digits}))+|(?:{katakana})+)"
    word = rf"(?:{joiner})*{core}(?:(?:{joiner})+{core})*(?:{joiner})*"
    ideograph = rf"[\p{{Han}}\p{{Hiragana}}]{extend}"
    unspaced = rf"(?:[\p{{Thai}}\p{{Lao}}\p{{Khmer}}\p{{Myanmar}}]{extend})+"
    flag = r"\p{wb=Regional_Indicator}{2}"
    pictograph = (
        r"\p{Extended_Pictographic}"
        r"(?:[\p{wb=Extend}\p{wb=Format}]*\u{200D}\p{Extended_Pictographic})*"
        r"[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]*"
    )
    return f"{word}|{ideograph}|{unspaced}|{flag}|{pictograph}"


def build_retokenizer(form: Form) -> tantivy.TextAnalyzer:
    """For text that is exact terms joined by spaces already.

    Cutting text into words costs more than all the rest of indexing it, so an engine that
    indexes an article in several fields has it cut once, by :func:`terms`.
    """
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    if form is Form.STEMMED:
        builder = builder.filter(tantivy.Filter.stemmer("english"))
    return builder.build()


def build_analyzer(form: Form) -> tantivy.TextAnalyzer:
    """An analyzer for text as it stands, but for what :func:`_dotless` changes."""
    builder = (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(_pattern()))
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
    )
    if form is Form.STEMMED:
        builder = builder.filter(tantivy.Filter.stemmer("english"))
    return builder.build()


@cache
def _analyzer(form: Form) -> tantivy.TextAnalyzer:
    return build_analyzer(form)


def _dotless(text: str) -> str:
    """``text``, as long as it is, with a plain I for the capital I with a dot (İstanbul).

    Its lower case is an i and a combining dot, which nobody types and no folding takes away;
    Lucene makes it an i.
    """
    return text.replace("İ", "I")


def tokens(text: str, form: Form) -> Iterator[Token]:
    """Every token of ``text``, in order."""
    for token in _analyzer(form).pre_tokenize(_dotless(text)).tokens:
        yield Token(token.text, token.char_offset_from, token.char_offset_to, token.position)


def terms(text: str, form: Form) -> list[str]:
    """The tokens' texts alone; several times as fast as :func:`tokens`."""
    if form is Form.STEMMED:
        return stems(terms(text, Form.EXACT))
    plain = _folded(text).lower()
    if plain.isascii():
        return ASCII_WORDS.findall(plain)
    if "\n" in text:
        # No word spans lines, so only the lines with rare characters go the slow way.
        return [word for line in text.split("\n") for word in terms(line, form)]
    return _analyzer(form).analyze(_dotless(text))


def stems(words: Iterable[str]) -> list[str]:
    """The stemmed form of tokens in their exact form, in order."""
    return list(map(_STEMS.__getitem__, words))


class _Stems(dict[str, str]):
    """A language has few words, and texts repeat them: each is stemmed once."""

    def __missing__(self, word: str) -> str:
        if len(self) >= _STEMS_KEPT:
            self.clear()
        (stemmed,) = _stemmer().analyze(word)
        self[word] = stemmed
        return stemmed


_STEMS = _Stems()


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return build_retokenizer(Form.STEMMED)


def spaced(text: str) -> str:
    """The tokens of ``text`` in their exact form, in order, with white space between them: what
    the index's analyzers take (:func:`build_retokenizer`). Several times as fast as :func:`terms`.
    """
    plain = _folded(text)
    rare: list[tuple[int, int]] = []
    if not plain.isascii():
        said = plain
        plain, rare = _blanked(said, [match.span() for match in _BEYOND_ASCII.finditer(said)])
    parted = bytearray(plain.encode().translate(_PARTED))
    for joiner, joining in _JOINING.items():
        for match in joining.finditer(plain):
            parted[match.start()] = joiner
    words = parted.decode()
    if rare:
        pieces, done = [], 0
        for start, end in rare:
            pieces += [words[done:start], *_analyzer(Form.EXACT).analyze(said[start:end])]
            done = end
        words = " ".join((*pieces, words[done:]))
    return _LONE_UNDERSCORES.sub(" ", words) if "_" in words else words


def _folded(text: str) -> str:
    """In ASCII where that says the same, but for case."""
    plain = _common(text)
    return plain if plain.isascii() else _BEYOND_ASCII.sub(_plain, plain)


def _common(text: str) -> str:
    """With what is usual in newspapers as what it counts as; a few quick passes."""
    if not text.isascii():
        for char, plain in _COMMON:
            text = text.replace(char, plain)
    return text


#: Typographic apostrophes, quotation marks, dashes and the like; what :func:`_dotless` changes.
_COMMON = (("’", "'"), ("‘", "'"), ("İ", "I"), *((char, " ") for char in "“”—–…\u00a0"))
#: ASCII as what it is in a token, or as a space; what may join two letters or digits as a space.
_PARTED = bytes(
    ord(chr(code).lower()) if chr(code).isalnum() or chr(code) == "_" else ord(" ")
    for code in range(128)
).ljust(256)
_LETTERS = "(?<=[A-Za-z]{0})(?=[A-Za-z])"
_DIGITS = "(?<=[0-9]{0})(?=[0-9])"
#: What joins two letters or two digits. A pattern for each, as one that begins with a character is
#: looked for several times as fast as one that begins with any of some.
_JOINING = {
    ord(joiner): re.compile(rf"\{joiner}(?:{'|'.join(between).format(re.escape(joiner))})")
    for joiner, between in {
        "'": (_LETTERS, _DIGITS),
        ".": (_LETTERS, _DIGITS),
        ":": (_LETTERS,),
        ",": (_DIGITS,),
        ";": (_DIGITS,),
    }.items()
}
_LONE_UNDERSCORES = re.compile(r"(?<![^ ])_+(?![^ ])")


def placed(text: str) -> list[tuple[str, int, int]]:
    """Every token in its exact form with its start and end; several times as fast as
    :func:`tokens` for most texts."""
    plain, rare = plainly(text)
    found = [(match[0], *match.span()) for match in ASCII_WORDS.finditer(plain)]
    if rare:
        found += thoroughly(text, rare)
        found.sort(key=itemgetter(1))
    return found


def plainly(text: str) -> tuple[str, list[tuple[int, int]]]:
    """``text`` in lower-case ASCII, as long as it is, in which :data:`ASCII_WORDS` finds tokens
    in their exact form; and the stretches that cannot be said so, which are blank in it."""
    if text.isascii():
        return text.lower(), []
    rare: list[tuple[int, int]] = []

    def said(match: re.Match[str]) -> str:
        plain = match[0].translate(_PLAIN)
        if plain.isascii() and len(plain) == len(match[0]):
            return plain
        rare.append(match.span())
        return "\0" * len(match[0])

    plain = _BEYOND_ASCII.sub(said, _common(text)).lower()
    return _blanked(plain, rare) if rare else (plain, rare)


def _blanked(plain: str, rare: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """``rare`` widened to the white space around it, which no token spans, and ``plain`` with
    blanks there."""
    widened: list[tuple[int, int]] = []
    for start, end in rare:
        if widened and start < widened[-1][1]:
            continue
        first = 1 + max(plain.rfind(space, 0, start) for space in " \n")
        space = _SPACE.search(plain, end)
        widened.append((first, space.start() if space else len(plain)))
    pieces, done = [], 0
    for start, end in widened:
        pieces += [plain[done:start], " " * (end - start)]
        done = end
    return "".join((*pieces, plain[done:])), widened


def thoroughly(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[str, int, int]]:
    """The tokens of these stretches of ``text`` in their exact form, with start and end."""
    for start, end in spans:
        for token in tokens(text[start:end], Form.EXACT):
            yield token.text, start + token.start, start + token.end


def stem(word: str) -> str:
    """The stemmed form of a token in its exact form."""
    return _STEMS[word]


def beginning_of(stemmed: str) -> str:
    """What every word with this stem begins with: what a stem does not leave out it keeps, but for
    its last letter (``happi``), and the last two of ``die`` for ``dying`` and the like."""
    return stemmed[:1] if stemmed[1:] == "ie" else stemmed[:-1] or stemmed


#: The same words as :func:`_pattern`'s, for lower-case ASCII; possessive, so that no text is slow.
ASCII_WORDS = re.compile(
    r"(?<!_)_*+(?:[a-z]++(?:[':.][a-z]++)*+|[0-9]++(?:[',;.][0-9]++)*+)++"
    r"(?:_++(?:[a-z]++(?:[':.][a-z]++)*+|[0-9]++(?:[',;.][0-9]++)*+)++)*+_*+"
)


_SPACE = re.compile("[ \\n]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def _plain(match: re.Match[str]) -> str:
    return match[0].translate(_PLAIN)


class _PlainTable(dict[int, str]):
    """Characters beyond ASCII as what they count as, found out when they are first met.

    Latin letters as what they fold to, what parts words as a space, and all else as itself. What
    :func:`_common` replaces never comes here.
    """

    def __missing__(self, code: int) -> str:
        self[code] = found = _counts_as(chr(code))
        return found


_PLAIN = _PlainTable()


def _counts_as(char: str) -> str:
    def cut(text: str) -> list[str]:
        return _analyzer(Form.EXACT).analyze(text)

    # Two regional indicators are a flag, though one is nothing.
    if not cut(char * 2) and cut(f"a{char}b") == ["a", "b"] and cut(f"1{char}2") == ["1", "2"]:
        return " "
    folded = "".join(cut(char)) if char.isalpha() else ""
    plain = (
        folded.isascii()
        and folded.islower()
        and folded.isalpha()
        and cut(f"a{char}b") == [f"a{folded}b"]
    )
    return folded if plain else char


@lru_cache(_VALUES_KEPT)
def fold(text: str) -> str:
    """A whole value for comparison: case and accents folded, white space evened out."""
    return _folder().analyze(_dotless(" ".join(text.split())))[0] if text.strip() else ""


@cache
def _folder() -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw())
        .filter(tantivy.Filter.lowercase())
        .filter(tantivy.Filter.ascii_fold())
        .build()
    )


#: Words that by themselves say too little for an article to count as containing "the words".
STOP_WORDS = frozenset(
    """a about after again all also am an and any are as at be because been before being between
    both but by can could did do does doing done during each either few for from further had has
    have having he her here hers him his how i if in into is it its itself just may me might more
    most must my no nor not now of off on once only or other our out over own same shall she
    should since so some such than that the their them then there these they this those through
    to too under until up upon us very was we were what when where which while who whom whose why
    will with within without would yet you your""".split()
)
