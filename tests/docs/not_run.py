"""Which fenced commands no test of this folder runs, and why. `test_whole` holds this to the pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Test:
    """Another test that runs a command.

    Attributes:
        where: file in `tests`, and the function in it.
        words: what stands in that file of the command, so that the two stay together.
    """

    where: str
    words: tuple[str, ...]


NIGHT = "flows/test_night.py::nights"
PROVINCE = "flows/province.py::province"
NORTH = "sources/test_how_to.py::test_the_page_followed_to_the_letter"
ELSEWHERE: dict[str, Test] = {
    "lingbao up": Test("cli/test_up_whole.py::test_an_office_keeps_itself_running", ('"up"',)),
    "lingbao night": Test(NIGHT, ('"night"',)),
    "lingbao night --dry-run": Test(NIGHT, ('"--dry-run"',)),
    "lingbao night --captures captures --at 2026-10-04T18:30:00Z": Test(NIGHT, ('"--captures"', '"--at"')),
    "lingbao brief": Test(NIGHT, ('"brief"',)),
    "prefect server start --host 127.0.0.1": Test(
        "flows/running.py::prefect_server", ('"server", "start", "--host", "127.0.0.1"',)
    ),
    "prefect deploy --all": Test(PROVINCE, ('"deploy", "--all"',)),
    "prefect worker start --pool lingbao": Test(PROVINCE, ('"worker"', '"start"', '"--pool"')),
    "lingbao sources record xx-north --file north.xml --at 2026-11-09T00:00:00Z --out tests/sources/captures": Test(
        NORTH, ('"record", "xx-north", "--file", "north.xml"', '"--out", "tests/sources/captures"')
    ),
    "python -m pytest tests/sources -k xx-north": Test(NORTH, ('"tests/sources",', '"-k", "xx-north"')),
    "python -m pytest tests/sources/test_fuzz.py -k xx-north": Test(NORTH, ('"tests/sources/test_fuzz.py",',)),
    "lingbao sources check xx-north": Test(NORTH, ('"check", "xx-north"',)),
    "lingbao sources parse xx-north monday.xml --at 2026-11-09T00:00:00Z": Test(NORTH, ('"parse", "xx-north"',)),
    "lingbao sources diff xx-north monday.xml tuesday.xml": Test(NORTH, ('"diff", "xx-north"',)),
}
"""Commands that another test runs: they need a Prefect server and minutes, or a checkout with a file more."""

NOT_RUN: dict[str, tuple[str, ...]] = {
    "docs/capacity.md": ("each takes minutes",),
    "docs/how-to/install.md": (
        "it needs root and a package index",
        "it needs root and systemd",
        "it acts as the user of the service",
        "it stops a service",
        "it replaces the office",
        "it needs root and systemd",
        "it needs Docker or Podman with Compose 2.24 or newer",
        "it needs a cluster",
    ),
    "docs/how-to/offline.md": (
        "the files were carried there",
        "the demo has tests of its own",
        "it replaces the program",
    ),
    "docs/how-to/postgresql.md": ("the account that owns PostgreSQL does this",),
    "docs/how-to/several-machines.md": (
        "it needs root and systemd",
        "the whole of it takes minutes, its small twin is in the tests",
    ),
}
"""By page: the reasons of its blocks that begin with `# on the server, not run by a test: `, in order."""
