"""Every command and option, once over a folder and once over a server: the same answers."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cli.registry import NAMES, command

#: ``{archive}`` is the one that is tried; ``cp`` is the shell's, the rest are Byline's commands.
STEPS = """
index columns.jsonl --json --archive {archive}
index columns.jsonl --archive {archive}
cp longer.jsonl other.jsonl
index other.jsonl --format jsonl --field title=kop --strict --archive {archive}
cp shorter/other.jsonl other.jsonl
index other.jsonl --field title=kop --prune --archive {archive}
index broken.jsonl --strict --json --archive {archive}
index columns.jsonl --model none --archive {archive}
rebuild --archive {archive}
search 'bread OR liberty' --archive {archive}
search 'the price of staying out late' --json --explain --archive {archive}
search 'going home in the dark' --mode semantic --json --archive {archive}
search bread --facet author --facet topic --timeline year --sort newest --archive {archive}
search bread --facet topic --timeline month --sort oldest -n 2 --offset 1 --passages 1 --json --archive {archive}
search bread --author quill --publication harbour --topic bread --language en --jsonl --archive {archive}
search bread --after 2021-03-05 --before 2021 --csv --archive {archive}
search bread --section opinion --archive {archive}
search 'author:quill -bread' --mode keyword --json --archive {archive}
search '"on a cricket field" umpir* libertee~' --mode keyword --json --archive {archive}
search '"bread' --strict-query --archive {archive}
search bread --author nobody --archive {archive}
show ledger-1 --highlight bread --archive {archive}
show ledger-1 --json --archive {archive}
show ledger-99 --archive {archive}
authors --archive {archive}
authors a --sort name -n 1 --json --archive {archive}
stats --archive {archive}
stats --json --archive {archive}
check --archive {archive}
rebuild --archive {archive}
search 'the price of staying out late' --json --archive {archive}
copy {archive} copied --json
check --archive {archive} --against copied --json
remove ledger-2 ledger-98 --json --archive {archive}
remove ledger-3 --archive {archive}
check --archive {archive} --against copied --json
copy copied {archive}
check --archive {archive} --against copied
remove ledger-4 --archive copied
copy copied {archive} --prune
evaluate --topics queries.txt --qrels qrels.txt --run out.run --explain --json --archive {archive}
reembed --model none --archive {archive}
search 'the price of staying out late' --json --archive {archive}
search 'the price of staying out late' --mode semantic --archive {archive}
reembed --archive {archive}
search 'the price of staying out late' --json --archive {archive}
check --archive {archive}
"""
#: Tried elsewhere: what asks questions of somebody at a terminal, what goes on until it is
#: stopped, and what makes an archive of a folder of its own.
ELSEWHERE = {("evaluate", "--judge"), ("evaluate", "--pool"), ("evaluate", "--split")}
ELSEWHERE |= {("evaluate", "--model")}
COMMANDS_ELSEWHERE = {"serve", "demo", "keys"}
#: Moments, versions, sizes; and scores, which are exact in no engine (lengths of texts are kept
#: in a byte). The order that they make is compared.
VARYING = {"seconds", "took_ms", "version", "bytes", "created", "fetched_at", "score", "shares"}


@pytest.fixture
def beside(byline: Callable[..., Any], columns: Path, tmp_path: Path) -> Path:
    """The folder in which commands run, with what they take in."""
    lines = columns.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "columns.jsonl").write_text("".join(lines), "utf-8")
    (tmp_path / "shorter").mkdir()
    other = [
        {"id": f"other-{n}", "kop": f"Bread {n}", "text": f"Loaf {n} is dear."} for n in (1, 2)
    ]
    rows = [json.dumps(row) + "\n" for row in other]
    (tmp_path / "longer.jsonl").write_text("".join(rows), "utf-8")
    (tmp_path / "shorter" / "other.jsonl").write_text(rows[0], "utf-8")
    (tmp_path / "broken.jsonl").write_text('{"id": "broken"\n' + lines[0], "utf-8")
    (tmp_path / "queries.txt").write_text("t1\tlate trams\nt2\tprice of bread\n", "utf-8")
    (tmp_path / "qrels.txt").write_text("t1 0 ledger-5 1\nt2 0 ledger-1 2\n", "utf-8")
    return tmp_path


def scrubbed(line: str, out: str, archive: str) -> Any:
    """Without what cannot be equal: addresses, moments, versions, what each engine stores."""
    name = line.split(maxsplit=1)[0]
    try:
        found = [
            json.loads(part) for part in ([out] if out.startswith("{\n") else out.splitlines())
        ]
    except ValueError:
        text = out.replace(archive, "ARCHIVE")
        if name == "check":
            # Each engine looks at parts of its own; that nothing was wrong is what is compared.
            return None
        if name == "stats":
            text = re.sub(r"(?m)^ *(On disk).*(\n {2,}.*)*", "", text)
        return re.sub(r"(in|In) [\d.]+ (ms|s)\b(, [\d.,]+ \w+ a second)?", "TIME", text)
    return compared(found, archive)


def compared(found: Any, archive: str) -> Any:
    match found:
        case {"findings": list(findings)}:
            codes = {"models", "lacking", "beyond", "different", "equal"}
            return [one for one in compared(findings, archive) if one["code"] in codes]
        case dict():
            return {k: compared(v, archive) for k, v in found.items() if k not in VARYING}
        case list():
            return [compared(one, archive) for one in found]
        case str():
            return found.replace(archive, "ARCHIVE")
    return found


def test_both_engines_answer_every_command_alike(
    byline: Callable[..., Any], beside: Path, elastic_address: Callable[[], str]
) -> None:
    places = {"folder": str(beside / "local"), "server": elastic_address()}
    told: dict[str, list[Any]] = {}
    for kind, archive in places.items():
        told[kind] = []
        for line in STEPS.strip().splitlines():
            arguments = [word.replace("{archive}", archive) for word in shlex.split(line)]
            if arguments[0] == "cp":
                shutil.copy(beside / arguments[1], beside / arguments[2])
                continue
            ran = byline(*arguments)
            out = scrubbed(line, ran.out, archive)
            told[kind].append((ran.status, out, ran.err.replace(archive, "ARCHIVE")))
        shutil.rmtree(beside / "copied")
    lines = [line for line in STEPS.strip().splitlines() if not line.startswith("cp ")]
    for line, folder, server in zip(lines, *told.values(), strict=True):
        assert folder == server, line


def test_no_command_or_option_was_left_out() -> None:
    tried = {(line.split()[0], word) for line in STEPS.split("\n") if line for word in line.split()}
    for name in NAMES:
        params = command(name).params
        spellings = [tuple(param.opts) for param in params if param.param_type_name == "option"]
        if name in COMMANDS_ELSEWHERE or not any("--archive" in one for one in spellings):
            continue
        for either in spellings:
            if (name, either[0]) not in ELSEWHERE:
                assert any((name, spelling) in tried for spelling in either), (name, either)
