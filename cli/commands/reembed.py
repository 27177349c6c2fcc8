"""``byline reembed``."""


def run() -> None:
    """reembed."""
