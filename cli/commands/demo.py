"""``byline demo``."""


def run() -> None:
    """demo."""
