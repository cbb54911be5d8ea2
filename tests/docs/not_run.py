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
}
"""Commands that another test runs: they need a Prefect server, and minutes."""

NOT_RUN: dict[str, tuple[str, ...]] = {
    "docs/capacity.md": ("each takes minutes",),
    "docs/how-to/add-a-source.md": (
        "xx-north is made up; tests/sources/test_how_to.py runs its code",
        "these are tests themselves",
        "xx-north is made up; tests/sources/test_how_to.py runs its code",
    ),
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
    "docs/runbooks/database-full-or-gone.md": ("it needs a backup and the key from the safe",),
    "docs/runbooks/database-full-or-gone.zh-CN.md": ("需要备份和保险柜里的密钥",),
    "docs/runbooks/night-not-finished.md": ("it reads the publishers' pages",),
    "docs/runbooks/night-not-finished.zh-CN.md": ("需要读取发布方网页",),
    "docs/runbooks/source-moved.md": (
        "it reads the publisher's page",
        "it reads the publisher's page",
    ),
    "docs/runbooks/source-moved.zh-CN.md": (
        "需要读取发布方网页",
        "需要读取发布方网页",
    ),
    "docs/tutorial.md": ("it sends over a real provider",),
    "docs/tutorial.zh-CN.md": ("经真实服务商发送",),
}
"""By page: the reasons of its blocks that begin with `# on the server, not run by a test: `, in order."""
