"""What units and manifests say, held to the program: commands that exist, and settings that exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from pathlib import Path

from prefect.settings import Settings as PrefectSettings

from core.settings import Settings
from tests.test_docs import faults

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
OTHERS = {"FORWARDED_ALLOW_IPS", "DO_NOT_TRACK", "PATH", "HOME", "PGPASSWORD"}
"""Variables of uvicorn, of telemetry, of the system and of PostgreSQL's clients."""

PREFECT = re.compile(
    r"prefect (server|worker) start|prefect deploy --all|prefect work-pool create lingbao --type process"
)
"""What tests/flows runs for real."""


def wrong_commands(lines: Iterable[str]) -> list[str]:
    """Return what is wrong with command lines: each must be ours, complete, or one of Prefect's that is run elsewhere."""
    found = []
    for line in lines:
        if line.startswith("lingbao "):
            found += faults(line, whole=True)
        elif line.startswith("python -m "):
            found += (
                [] if (ROOT / (line.split()[2].replace(".", "/") + ".py")).is_file() else [f"{line}: no such module"]
            )
        elif not PREFECT.match(line):
            found.append(f"{line}: not known")
    return found


def command_lines(command: Iterable[str]) -> list[str]:
    """Return the lines that a command of a container runs, out of `sh -c` too."""
    words = [str(word) for word in command]
    if words[0] != "sh":
        return [shlex.join(words)]
    parts = [one.strip().removeprefix("do ") for one in re.split(r";|\|\|", words[2])]
    return [one for one in parts if one.split()[0] not in {"done", "sleep", "while", "test"}]


def unknown_settings(names: Iterable[str]) -> list[str]:
    """Return the variables that neither we nor Prefect, nor anybody else here, reads."""
    ours = {f"LINGBAO_{name}".upper() for name in Settings.model_fields}
    prefects = set(_variables(PrefectSettings))
    return sorted(set(names) - ours - prefects - OTHERS - {"PREFECT_HOME"})


def _variables(model: type, prefix: str = "PREFECT_") -> Iterable[str]:
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_config") and hasattr(inner, "model_fields"):
            yield from _variables(inner, inner.model_config.get("env_prefix", prefix))
        else:
            yield f"{prefix}{name}".upper()
