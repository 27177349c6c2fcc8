"""``byline remove``."""


def run() -> None:
    """remove."""
