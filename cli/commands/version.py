"""``byline version``."""

from __future__ import annotations

import typer

from cli.options import JsonOption

#: What decides on results and on stored forms, beside Byline itself.
_LIBRARIES = ("tantivy", "numpy", "onnxruntime", "tokenizers", "sentence-transformers", "torch")


def run(json: JsonOption = False) -> None:
    """Say which Byline this is, on what it runs, and which model new archives get."""
    import platform
    import sqlite3
    from importlib.metadata import PackageNotFoundError, version

    from byline.settings import Settings

    libraries: dict[str, str | None] = {"sqlite": sqlite3.sqlite_version}
    for name in _LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = None
    facts = {
        "byline": version("byline"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "model": str(Settings.load().model),
        "libraries": libraries,
    }
    if json:
        from byline.wire import SCHEMA
        from cli.render.programs import print_json

        print_json({"schema": SCHEMA, **facts})
        return
    listed = ", ".join(f"{name} {number or 'missing'}" for name, number in libraries.items())
    typer.echo(f"Byline {facts['byline']}")
    typer.echo(f"Python {facts['python']} on {facts['platform']}")
    typer.echo(f"Model for new archives: {facts['model']}")
    typer.echo(f"With {listed}")
