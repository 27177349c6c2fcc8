"""One way to write the same text."""

from __future__ import annotations

import re
import unicodedata

#: Printable ASCII and the ends of lines.
_PLAIN = bytes([10, *range(32, 127)])
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\ufeff\ufffe\uffff]")
#: An end of a line beside a space, or the first of three.
_UNEVEN_LINES = re.compile(r"\n(?: |(?<= \n)|\n\n)")
#: White space within a line that is no plain space.
_OTHER_SPACES = "\t\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


def tidy(text: str) -> str:
    """One way to write the same text: NFC, ``\\n``, single spaces, blank lines for paragraphs.

    Control characters and zero-width spaces go; narrow no-break spaces become spaces.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text)
    # Each is looked for before it is replaced: most texts have none, and looking is quick. A
    # pattern for spaces would begin a match at every word.
    if not is_printable(text):
        text = text.replace("\u2028", "\n").replace("\u2029", "\n\n")
        for space in "\t" if text.isascii() else _OTHER_SPACES:
            text = text.replace(space, " ")
        text = without_controls(text)
    while "  " in text:
        text = text.replace("  ", " ")
    text = text.strip()
    if _UNEVEN_LINES.search(text):
        text = "\n".join([line.strip(" ") for line in text.split("\n")])
        while "\n\n\n" in text:
            text = text.replace("\n\n\n", "\n\n")
    return text


def is_printable(text: str) -> bool:
    """Whether it has no white space but plain spaces and ends of lines, and no controls."""
    # Nearly all of it is plain, which a table takes out in a third of the time that it takes to
    # ask Unicode about each character.
    rest = text.encode("utf-8", "surrogatepass").translate(None, _PLAIN)
    return not rest or rest.decode("utf-8", "surrogatepass").isprintable()


def without_controls(text: str) -> str:
    return text if is_printable(text) else _CONTROLS.sub("", text)
