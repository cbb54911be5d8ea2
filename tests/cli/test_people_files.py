"""People as files at the command line: residents of no company in, everybody one may see out."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select
from typer.testing import CliRunner, Result

from cli.app import app
from core.errors import LingbaoError
from core.tables import Audit, table
from registry.tables import Consent, Posting

RESIDENTS = (
    "姓名,所在国家,城市,境外联系电话,同意境外传输,紧急联系人\n"
    "李白,塔吉克斯坦,苦盏,+992935000001,,李某（妻）13900139000\n"
    "杜甫,赞比亚,,+260977123456,否,\n"
    "王维,月球,,+260977123457,,\n"
)
ROSTER = "姓名,所在国家,境外联系电话\n孙悟空,塔吉克斯坦,+992935000002\n"


@dataclass
class Desk:
    """A command line with a home of its own."""

    home: Path
    tokens: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, by: str = "chief", lang: str = "zh-CN") -> Result:
        """Run a command as a user."""
        env = {"LINGBAO_HOME": str(self.home), "LINGBAO_LANG": lang, "LINGBAO_TOKEN": self.tokens.get(by, "")}
        return CliRunner().invoke(app, [*(("--as", by) if by in self.tokens else ()), *words], env=env)

    def ok(self, *words: str, by: str = "chief", code: int = 0) -> str:
        """Run a command that must end with this code; return what it printed."""
        result = self.run(*words, by=by)
        assert result.exit_code == code, (words, result.output, result.exception)
        return result.stdout

    def json(self, *words: str, by: str = "chief", code: int = 0) -> Any:
        """Run a command; return its last line of JSON."""
        return json.loads(self.ok(*words, "--json", by=by, code=code).splitlines()[-1])

    def people(self, *words: str) -> list[dict[str, Any]]:
        """Return the people as an export tells of them."""
        return [json.loads(line) for line in self.ok("people", "export", *words, "--json").splitlines()]

    def rows(self, model: type) -> list[Any]:
        """Return the rows of a table."""
        engine = create_engine(f"sqlite:///{self.home / 'lingbao.db'}")
        with engine.connect() as connection:
            found = list(connection.execute(select(table(model))).all())
        engine.dispose()
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An office with an administrator, an auditor, and a company with one person; a file of residents lies beside."""
    desk = Desk(tmp_path / "home")
    desk.tokens["chief"] = desk.ok("user", "add", "chief").strip().splitlines()[-1]
    desk.ok("employer", "add", "A-1", "花果山公司")
    for name, *more in (("auditor", "--role", "auditor"), ("hr", "--role", "company", "--employer", "A-1")):
        desk.tokens[name] = desk.ok("user", "add", name, *more).strip().splitlines()[-1]
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (tmp_path / "residents.csv").write_text(RESIDENTS, encoding="utf-8")
    desk.ok("roster", "import", str(tmp_path / "roster.csv"), "--employer", "A-1", "--apply")
    return desk


def test_residents_are_imported_after_a_preview(desk: Desk, tmp_path: Path) -> None:
    """Without --apply nothing is written; with it all but the refused rows are, and the same file again changes nothing."""
    file = str(tmp_path / "residents.csv")
    preview = desk.json("people", "import", file, code=1)
    assert (preview["applied"], preview["joined"], preview["report"]["refused"]) == (False, 2, 1)
    assert desk.people("--residents") == []
    assert "未识别出国家" in desk.ok("people", "import", file, code=1)
    done = desk.json("people", "import", file, "--apply", code=1)
    assert (done["applied"], done["joined"], done["asked"], done["refused_rows"]) == (True, 2, 0, 1)
    libai, dufu = desk.people("--residents")
    assert (libai["name"], libai["employer"], libai["city"]) == ("李白", None, "苦盏")
    assert [one["phone"] for one in libai["contacts"]] == ["+8613900139000"]
    assert (libai["consent_abroad"], dufu["consent_abroad"]) == (False, False)
    assert {row.ground for row in desk.rows(Consent)} == {"employment", "statutory"}
    assert [row.kind for row in desk.rows(Posting)] == ["posted", "resident", "resident"]
    again = desk.json("people", "import", file, "--apply", "--foreign", "--ground", "consent", code=1)
    counts = ("joined", "left", "moved", "changed", "unchanged", "doubtful")
    assert [again[name] for name in counts] == [0, 0, 0, 0, 2, 0]
    assert len(desk.rows(Consent)) == 3  # nobody's own word is overturned by a switch
    assert "--full" in desk.run("people", "import", file, "--full").output  # there is no such option
    assert desk.run("people", "import", file, "--full").exit_code == 2


def test_ground_and_consent_are_said_for_new_people(desk: Desk, tmp_path: Path) -> None:
    """--ground and --foreign hold for whoever is new; a no in the file stands."""
    file = str(tmp_path / "residents.csv")
    desk.ok("people", "import", file, "--apply", "--ground", "consent", "--foreign", code=1)
    assert [one["consent_abroad"] for one in desk.people("--residents")] == [True, False]
    assert [row.ground for row in desk.rows(Consent)] == ["employment", "consent", "consent"]
    (tmp_path / "yes.csv").write_text("姓名,国家,电话,同意境外传输\n杜甫,赞比亚,+260977123456,是\n", encoding="utf-8")
    assert desk.json("people", "import", str(tmp_path / "yes.csv"), "--apply")["changed"] == 1
    assert [row.ground for row in desk.rows(Consent)] == ["employment", "consent", "consent", "consent"]


def test_an_import_of_residents_is_taken_back(desk: Desk, tmp_path: Path) -> None:
    """It is listed and undone like a roster, newest first, and leaves the people of companies alone."""
    file = str(tmp_path / "residents.csv")
    desk.ok("people", "import", file, "--apply", code=1)
    (tmp_path / "moved.csv").write_text("姓名,国家,电话\n李白,法国,+992935000001\n", encoding="utf-8")
    assert desk.json("people", "import", str(tmp_path / "moved.csv"), "--apply")["moved"] == 1
    listed = [json.loads(line) for line in desk.ok("people", "imports", "--json").splitlines()]
    assert [(one["import"], one["file"], one["full"]) for one in listed] == [
        (3, "moved.csv", False),
        (2, "residents.csv", False),
    ]
    assert isinstance(desk.run("roster", "undo", "2").exception, LingbaoError)  # 3 stands
    for by in ("hr", "auditor"):
        refused = desk.run("roster", "undo", "3", by=by)
        assert isinstance(refused.exception, LingbaoError), by
    desk.ok("roster", "undo", "3")
    assert sorted(one["country"] for one in desk.people("--residents")) == ["TJ", "ZM"]
    assert len(desk.ok("people", "history", "2", "--json").splitlines()) >= 3
    assert desk.json("roster", "undo", "2")["erased"] == 2
    assert [one["name"] for one in desk.people()] == ["孙悟空"]


def test_whom_a_company_has_registered_is_named(desk: Desk, tmp_path: Path) -> None:
    """A resident with the name and number of somebody of a company is enrolled and named as doubtful."""
    file = tmp_path / "same.csv"
    file.write_text(ROSTER, encoding="utf-8")
    (doubt,) = desk.json("people", "import", str(file))["doubts"]
    assert doubt == {"kind": "employed", "rows": [2], "people": [1]}
    assert "已有单位登记了" in desk.ok("people", "import", str(file))


def test_only_the_office_imports_residents(desk: Desk, tmp_path: Path) -> None:
    """A company and an auditor are refused, in a preview too."""
    for by in ("hr", "auditor"):
        for words in (("import", str(tmp_path / "residents.csv")), ("imports",)):
            assert isinstance(desk.run("people", *words, by=by).exception, LingbaoError), (by, words)
    assert desk.people("--residents") == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_exported_file_comes_back_unchanged(desk: Desk, tmp_path: Path, form: str) -> None:
    """A company exports its people to a file that only its owner can read, imports it again, and nothing changes."""
    file = tmp_path / f"people.{form}"
    told = desk.json("people", "export", "--format", form, "--output", str(file), by="hr")
    assert told == {"file": str(file), "people": 1, "rows": 1, "masked": False}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    back = desk.json("roster", "import", str(file), "--employer", "A-1", "--apply", "--full", by="hr")
    assert [back[name] for name in ("joined", "left", "moved", "changed", "unchanged", "doubtful")] == [
        0,
        0,
        0,
        0,
        1,
        0,
    ]
    (line,) = [one for one in desk.rows(Audit) if one.action == "people.export"]
    assert (line.actor, line.object, line.detail) == ("hr", "registrant", "1")


def test_an_auditor_gets_no_name_and_no_number(desk: Desk) -> None:
    """The export of an auditor is masked, and says that it cannot be imported."""
    result = desk.run("people", "export", by="auditor")
    assert result.exit_code == 0
    assert "孙**" in result.stdout
    assert "992935000002" not in result.output
    assert "孙悟空" not in result.output
    assert "遮蔽" in result.stderr


def test_headings_are_in_the_language_of_the_reader(desk: Desk) -> None:
    """English headings and words with LINGBAO_LANG=en."""
    first, second = desk.run("people", "export", lang="en").stdout.lstrip("\ufeff").splitlines()
    assert first.startswith("No,Employer,Name,Country")
    assert "Tajikistan" in second
    assert ",abroad," in second


def test_an_export_overwrites_nothing_and_leaves_nothing_behind(desk: Desk, tmp_path: Path) -> None:
    """Wrong use is refused before anything is read; a file that is there stays as it is."""
    there = tmp_path / "there.csv"
    there.write_text("mine")
    before = sorted(tmp_path.iterdir())
    for words in (
        ("--output", str(there)), ("--output", str(tmp_path / "no" / "people.csv")), ("--format", "xlsx"),
        ("--employer", "A-1", "--residents"), ("--employer", "B-9"), ("--country", "月球"),
        ("--employer", "B-9", "--output", str(tmp_path / "new.csv")),
    ):  # fmt: skip
        assert isinstance(desk.run("people", "export", *words).exception, LingbaoError), words
    assert there.read_text() == "mine"
    assert sorted(tmp_path.iterdir()) == before
    assert [one for one in desk.rows(Audit) if one.action == "people.export"] == []
