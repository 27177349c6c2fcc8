"""What every test can use: where the real documents are, and a home that is not the user's.

``BYLINE_TEST_DATA`` is the one setting that names the folder with real archives, test sets
and models (default: ``../shared`` beside the checkout). Tests that need it are skipped,
visibly, where it is absent.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("BYLINE_TEST_DATA") or ROOT.parent / "shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real documents, or a skip that says what it waits for."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"waits for the real documents at {SHARED} (set BYLINE_TEST_DATA)")
    return SHARED


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the settings of whoever runs it; models come from disk."""
    for name in [name for name in os.environ if name.startswith("BYLINE_")]:
        if name not in ("BYLINE_TEST_DATA", "BYLINE_CACHE"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
