"""Sizes, rates and times as people say them."""

from __future__ import annotations


def size(count: int) -> str:
    """Bytes, in the unit that leaves one to three digits before the point."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def rate(number: float) -> str:
    """``0.4``, ``7.2``, ``154``: as exact as one cares."""
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def duration(seconds: float) -> str:
    """``0.4 s``, ``3 s``, ``12 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 10 and seconds != round(seconds):
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
