"""The commands around the register: a roster previewed, applied and taken back; who is asked; who can be reached."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.app import app
from core.errors import LingbaoError

FIRST = (
    "姓名,所在国家,境外联系电话,邮箱\n示例甲,塔吉克斯坦,+992935000001,a@example.com\n示例乙,赞比亚,+8613800138000,\n"
)
SECOND = "姓名,所在国家,境外联系电话,邮箱\n示例甲,赞比亚,+992935000001,a@example.com\n示例丙,赞比亚,+260977123456,\n"
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Give a command line with a home of its own and one company; it returns the JSON lines of a command."""

    def command(*words: str, code: int = 0) -> Any:
        env = {"LINGBAO_HOME": str(tmp_path / "home"), "LINGBAO_LANG": "en"}
        result = CliRunner().invoke(app, [*words, "--json"] if words[0] != "employer" else [*words], env=env)
        if isinstance(result.exception, LingbaoError):
            raise result.exception
        assert result.exit_code == code, (words, result.output, result.exception)
        return [json.loads(line) for line in result.stdout.splitlines() if line[:1] == "{"]

    command("employer", "add", "DEMO1", "示例一公司")
    return command


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """Give the rosters of two months."""
    for name, text in (("first.csv", FIRST), ("second.csv", SECOND)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return str(tmp_path / "first.csv"), str(tmp_path / "second.csv")


def counts(outcome: dict[str, Any]) -> tuple[int, ...]:
    """Return how many joined, left, moved, changed and stayed as they were."""
    return tuple(outcome[name] for name in ("joined", "left", "moved", "changed", "unchanged"))


def test_a_roster_there_and_back(run: Run, files: tuple[str, str]) -> None:
    """The preview says what applying then does, the company is asked about who is missing, and undo takes all back."""
    first, second = files
    (applied,) = run("roster", "import", first, "--employer", "DEMO1", "--apply")
    assert (counts(applied), applied["import"]) == ((2, 0, 0, 0, 0), 1)
    where = run("people", "where")
    (preview,) = run("roster", "import", second, "--employer", "DEMO1", "--full")
    assert (counts(preview), preview["applied"], run("people", "where")) == ((1, 1, 1, 0, 0), False, where)
    (applied,) = run("roster", "import", second, "--employer", "DEMO1", "--full", "--apply")
    assert (counts(applied), applied["asked"]) == ((1, 1, 1, 0, 0), 2)
    (care,) = run("freshness", "list")
    assert [(q["kind"], q["country"], q["employer"]) for q in care["questions"]] == [
        ("absent", "ZM", "DEMO1"), ("absent", "TJ", "DEMO1"),
    ]  # fmt: skip
    assert [one["full"] for one in run("roster", "imports", "--employer", "DEMO1")] == [True, False]
    run("roster", "undo", "2")
    assert (run("people", "where"), run("freshness", "list")[0]["questions"]) == (where, [])
    with pytest.raises(LingbaoError, match="undone already"):
        run("roster", "undo", "2")


def test_what_to_mend(run: Run, files: tuple[str, str]) -> None:
    """Coverage names by number who has one way only and who has Chinese numbers only; the look at numbers is asked for."""
    run("roster", "import", files[0], "--employer", "DEMO1", "--apply")
    (plain,) = run("coverage")
    assert [(one["country"], one["score"]) for one in plain["countries"]] == [("ZM", 50), ("TJ", 100)]
    assert [(one["person"], one["faults"]) for one in plain["mend"]] == [(2, ["one-way"])]
    (opened,) = run("coverage", "--numbers", "--country", "赞比亚")
    assert [(one["person"], one["faults"]) for one in opened["mend"]] == [(2, ["one-way", "home-number"])]
    assert "示例" not in json.dumps(opened, ensure_ascii=False)
    assert run("people", "doubles") == []
    assert [one["by"] for one in run("people", "history", "1")] == ["console"]


def test_people_without_a_place_are_listed(run: Run, tmp_path: Path) -> None:
    """非洲 is no country: the person is counted by coverage and named for their company, until a roster says where they are."""
    file = tmp_path / "roster.csv"
    for country, code in (("非洲", 1), ("赞比亚", 0)):
        file.write_text(f"姓名,所在国家,境外联系电话\n示例甲,{country},260977123456\n", encoding="utf-8")
        run("roster", "import", str(file), "--employer", "DEMO1", "--apply", code=code)
        (covered,), (care,) = run("coverage"), run("freshness", "list")
        lost = [{"employer": "DEMO1", "people": [1]}] if code else []
        assert (covered["no_place"], care["no_place"]) == (len(lost), lost)
        assert [one["faults"] for one in covered["no_place_people"]] == [["no-place", "one-way"]] * code


def test_a_rehearsal_writes_nothing(run: Run, tmp_path: Path) -> None:
    """`freshness run --dry-run --at` tells what a later run would do, and leaves no question; `--at` alone is refused."""
    file = tmp_path / "roster.csv"
    file.write_text(
        "姓名,所在国家,境外联系电话,预计回国日期\n示例甲,赞比亚,+260977123456,2030-01-01\n", encoding="utf-8"
    )
    run("roster", "import", str(file), "--employer", "DEMO1", "--apply")
    moment = ("--at", "2030-02-01T00:00:00Z")
    with pytest.raises(LingbaoError, match="--dry-run"):
        run("freshness", "run", *moment)
    (told,) = run("freshness", "run", "--dry-run", *moment)
    assert (told["month"], told["questions"], told["asked"], told["dry_run"]) == ("2030-02", 1, [1], True)
    (now,), (later,) = run("freshness", "list"), run("freshness", "list", *moment)
    assert (now["questions"], now["rounds"], now["stale"][0]["stale"], later["stale"][0]["stale"]) == ([], [], 0, 1)


def test_doubles_within_a_company_are_answered(run: Run, tmp_path: Path) -> None:
    """Two of one name are listed until somebody says that they are two; the same are kept on the list and not merged."""
    file = tmp_path / "roster.csv"
    file.write_text("姓名,所在国家,境外联系电话\n王伟,马里,+22370000001\n王伟,马里,+22370000002\n", encoding="utf-8")
    run("roster", "import", str(file), "--employer", "DEMO1", "--apply")
    pair = {"people": [1, 2], "employer": "DEMO1", "likeness": "same-name", "said": ""}
    assert run("people", "doubles", "--within", "--employer", "DEMO1") == [pair]
    with pytest.raises(LingbaoError, match="--within"):
        run("people", "doubles", "--employer", "DEMO1")
    run("people", "double", "1", "2", "the-same")
    assert run("people", "doubles", "--within") == [pair | {"said": "the-same"}]
    run("people", "double", "2", "1", "two-people")
    assert run("people", "doubles", "--within") == []
    assert len(run("people", "history", "2")) == 3
