"""Rosters over the API: compared, applied once, looked at again, taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from core.database import writing
from core.tables import table
from registry.tables import RosterImport
from tests.console.api.test_apart import OWN_BOOKS
from tests.console.api.test_people import named, patch, read
from tests.console.api.world import A_ROWS, CSV, World, everything, roster
from tests.registry.files import HEADER, xlsx

NEW = ("唐三藏", "安哥拉", "罗安达", "+244923000111", "", "", "2026-11-01", "", "在外")
MOVED = ("孙悟空", "塔吉克斯坦", "苦盏", "+992935000001", "", "", "", "", "在外")
DOUBTFUL = ("白龙马", "非洲", "", "+260977000222", "", "", "", "", "在外")
REFUSED = ("", "赞比亚", "", "+260977000333", "", "", "", "", "在外")
LIST = (MOVED, A_ROWS[1], NEW, DOUBTFUL, REFUSED)


def names(world: World) -> list[str]:
    """Return the names of A's people."""
    return [one["name"] for one in world.a.get("/people")["items"]]


def test_a_preview_tells_and_writes_nothing(two: World) -> None:
    """Every row that needs a person is told with its place, what was read and what to do; the register is untouched."""
    before = everything(two.office.engine, OWN_BOOKS)
    answer = two.a.call("POST", "/rosters?full=true", content=roster(LIST), headers=CSV)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["id"], told["applied"], told["full"]) == (None, False, True)
    assert sum(told["rows"].values()) == len(LIST)
    assert (told["rows"]["doubtful"], told["rows"]["refused"]) == (1, 1)
    assert {one: told["people"][one] for one in ("joined", "moved", "unchanged", "left")} == {
        "joined": 2, "moved": 1, "unchanged": 1, "left": 1,
    }  # fmt: skip
    wrong = [(one["row"], one["outcome"], one["column"]) for one in told["findings"] if one["weight"] != "note"]
    assert (5, "doubtful", "所在国家（地区）") in wrong
    assert (6, "refused", "姓名") in wrong
    assert all(one["problem"] for one in told["findings"])
    assert everything(two.office.engine, OWN_BOOKS) == before


def test_what_is_applied_is_what_was_told(two: World) -> None:
    """The counts of the preview are those of the import, which can be looked at again, and applied again changes nothing."""
    preview = two.a.call("POST", "/rosters", content=roster(LIST), headers=CSV).json()
    done = two.a.apply(LIST)
    assert done["people"] == preview["people"]
    assert done["findings"] == preview["findings"]
    kept = two.a.get(f"/rosters/{done['id']}")
    assert (kept["people"], kept["rows"], kept["undone_at"]) == (done["people"], done["rows"], None)
    assert "唐三藏" in names(two)
    again = two.a.apply(LIST)
    assert (again["people"]["joined"], again["people"]["moved"], again["people"]["changed"]) == (0, 0, 0)


def test_the_same_upload_twice_is_one_import(two: World) -> None:
    """Under one key the second upload answers as the first, also as a form, whose bytes differ each time."""
    for upload in (
        {"content": roster(LIST), "headers": CSV},
        {"files": {"file": ("名单.csv", roster(LIST))}, "headers": {}},
    ):
        key = two.a.key()
        answers: list[Any] = []
        for _ in range(2):
            more = dict(upload)
            headers = {**more.pop("headers"), **key}  # type: ignore[dict-item]
            answers.append(two.a.call("POST", "/rosters?apply=true", headers=headers, **more))
        assert [one.status_code for one in answers] == [201, 201]
        assert answers[0].json() == answers[1].json()


def test_a_workbook_comes_as_it_is(light: World) -> None:
    """An Excel workbook is read as the body itself and as the file of a form; its name is kept without its path."""
    book = xlsx(HEADER, NEW)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    plain = light.a.call("POST", "/rosters", content=book, headers={"Content-Type": kind}).json()
    form = light.a.call("POST", "/rosters", files={"file": ("C:\\表\\名单.xlsx", book)}).json()
    assert (plain["people"], plain["file_name"]) == (form["people"], "roster.xlsx")
    assert form["file_name"] == "名单.xlsx"


def test_taken_back_it_is_as_before(two: World) -> None:
    """After the undo the people are those of before; a second undo, and one of an older roster, are refused."""
    before = two.a.get("/people")["items"]
    done = two.a.apply(LIST)
    older = two.a.call("POST", f"/rosters/{two.rosters['a']}/undo", headers=two.a.key())
    assert (older.status_code, older.json()["code"], older.json()["newest"]) == (409, "not-newest", done["id"])
    key = two.a.key()
    answers = [two.a.call("POST", f"/rosters/{done['id']}/undo", headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["undone_at"] is not None
    now = two.a.get("/people")["items"]
    assert [_content(one) for one in now] == [_content(one) for one in before]
    again = two.a.call("POST", f"/rosters/{done['id']}/undo", headers=two.a.key())
    assert (again.status_code, again.json()["code"]) == (409, "undone")


def _content(person: Any) -> Any:
    stays = [{name: value for name, value in stay.items() if name != "confirmed_at"} for stay in person["postings"]]
    return person | {"postings": stays}


def test_what_was_changed_since_is_not_undone(light: World) -> None:
    """Where somebody changed a person of the roster since, the undo is refused; no number of a row is in the answer."""
    done = light.a.apply(LIST)
    person, etag = read(light.a, named(light.a, "唐三藏")["id"])
    assert patch(light.a, person["id"], {"language": "en"}, etag).status_code == 200
    answer = light.a.call("POST", f"/rosters/{done['id']}/undo", headers=light.a.key())
    assert (answer.status_code, answer.json()["code"]) == (409, "changed")
    assert not any(character.isdigit() for character in answer.json()["detail"])


def test_what_the_office_imported_the_office_undoes(light: World) -> None:
    """A company cannot take back a roster that somebody of the office applied; it is told whom to ask."""
    done = light.a.apply(LIST)
    with writing(light.office.engine) as connection:
        connection.execute(update(table(RosterImport)).values(created_by="zhang"))
    answer = light.a.call("POST", f"/rosters/{done['id']}/undo", headers=light.a.key())
    assert (answer.status_code, answer.json()["code"]) == (409, "office-only")


def test_files_that_are_no_rosters(light: World) -> None:
    """Damaged, empty and foreign files are refused in words; other media types by their type."""
    kinds: list[tuple[dict[str, Any], int, str]] = [
        ({"content": b"", "headers": CSV}, 422, "no-file"),
        ({"content": b"PK\x03\x04 broken", "headers": CSV}, 422, "unreadable-file"),
        ({"content": b"<html><table></table></html>", "headers": CSV}, 422, "unreadable-file"),
        ({"content": b"\x00\xff\x00\xff" * 50, "headers": CSV}, 422, "unreadable-file"),
        ({"content": b"{}", "headers": {"Content-Type": "application/json"}}, 415, "media-type"),
        ({"content": b"x"}, 415, "media-type"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 422, "no-file"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 422, "no-file"),
        ({"data": {"file": "text"}, "files": {"other": b"x"}}, 422, "no-file"),
        ({"files": [("file", b"x"), ("file", b"y")]}, 422, "no-file"),
        ({"files": {"file": ("roster.pdf", b"x")}}, 422, "unreadable-file"),
    ]
    for more, status, code in kinds:
        answer = light.a.call("POST", "/rosters", **more)
        assert (answer.status_code, answer.json().get("code")) == (status, code), more
