"""The running API keeps to its OpenAPI document, over each engine: schemathesis asks it what the
document allows, and what it does not, of every operation by every method.

How parameters are read does not depend on the engine, so the phase that tries each parameter's
every edge is left out over the second engine.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from indexer.sources import Found, ReadOptions, read_sources
from sample import folder

EXAMPLES = 8
#: The key as a program shows it; schemathesis leaves it out, or sends another, where it should.
CONFIG = """\
auth.openapi.header.api_key = "${BYLINE_TEST_KEY}"
"""


PHASES = {"elastic": "examples,fuzzing,stateful", "embedded": "examples,coverage,fuzzing,stateful"}


@pytest.fixture(scope="module")
def served(
    serve_columns: Any, each_engine: Callable[[Path], str], tmp_path_factory: Any
) -> Iterator[Any]:
    """The sample columns, which the document's examples name; nothing is answered without a key."""
    events = read_sources([str(folder())], ReadOptions())
    columns = [event.article for event in events if isinstance(event, Found)]
    address = each_engine(tmp_path_factory.mktemp("contract") / "columns")
    with serve_columns(
        columns, public=False, address=address, BYLINE_API_KEY_RATE="100000000/minute"
    ) as made:
        yield made


def test_the_api_keeps_to_its_document(served: Any, tmp_path: Path) -> None:
    elastic = served.archive.engine.address.startswith("elasticsearch")
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG, "utf-8")
    ran = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file", str(config), "--no-color",
            "run", f"{served.address}/api/v1/openapi.json",
            "--checks", "all", "--max-examples", str(EXAMPLES), "--generation-deterministic",
            "--continue-on-failure", "--phases", PHASES["elastic" if elastic else "embedded"],
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "BYLINE_TEST_KEY": served.key("search", "write", "admin"),
            "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("contract_hooks.py")),
        },
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
