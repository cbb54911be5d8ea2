"""People in the console of the office: found, listed, put right, taken away as a file, erased; and not for the auditor."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update

from core.database import reading, writing
from core.tables import Audit, table
from notify.safety.model import Answer
from notify.safety.take import Mark, mark
from registry.tables import Posting, PostingStatus, Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.surfer import Surfer

WUKONG, BAJIE = 1, 2


def officer(desk: Desk, page: str = "/office/people") -> Surfer:
    """Return an officer's browser at a page."""
    found = desk.as_(Role.OFFICER)
    found.get(page)
    return found


def state(surfer: Surfer) -> str:
    """Return the mark of the person on the page at hand."""
    return surfer.page.text.split('name="state" value="')[1].split('"')[0]


def audited(desk: Desk, action: str) -> list[tuple[str, str, str]]:
    """Return who did something, of whom and with which detail."""
    with reading(desk.office.engine) as connection:
        query = select(table(Audit).c.actor, table(Audit).c.object, table(Audit).c.detail).where(
            table(Audit).c.action == action
        )
        return [(row[0], row[1], row[2]) for row in connection.execute(query.order_by(table(Audit).c.id))]


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("孙悟空", "孙悟空"), (" 孙 悟空", "孙悟空"), ("+992 935 000 001", "孙悟空"), ("wukong@example.com", "孙悟空"),
        ("#2", "猪八戒"), ("2", "猪八戒"), ("孙", "Nobody has exactly"), ("%", "Nobody has exactly"),
        ("' OR 1=1 --", "Nobody has exactly"), ("99999", "Nobody has exactly"), ("公司", "大观园公司"),
    ],
)  # fmt: skip
def test_one_field_finds_people_companies_and_countries(shared_desk: Desk, text: str, leads: str) -> None:
    """A whole name, a number in any form, a mail, the number of a person, a part of a company's name; tricks find nobody."""
    surfer = officer(shared_desk)
    assert leads in surfer.post("/office/people/find", q=text)
    assert str(surfer.page.url).endswith("/office/people/find")  # no name in an address


@pytest.mark.parametrize(
    ("text", "leads"),
    [("demo-a", "/office/companies/1"), ("大观园", "/office/companies/2"), ("塔吉克斯坦", "/office/countries/TJ")],
)
def test_what_means_one_thing_is_opened(shared_desk: Desk, text: str, leads: str) -> None:
    """A code, a part of one company's name, a country: its page is opened at once."""
    surfer = officer(shared_desk)
    surfer.ask("POST", "/office/people/find", data={"form_token": surfer.token, "q": text}, follow=False)
    assert (surfer.page.status_code, surfer.page.headers["location"]) == (303, leads)


def test_nothing_typed_is_told(shared_desk: Desk) -> None:
    """An empty field for finding says what may be typed there."""
    assert "Type a whole name, a number, a company or a country." in officer(shared_desk).post(
        "/office/people/find", 422, q=" "
    )


def test_the_list_is_narrowed_and_counted(shared_desk: Desk) -> None:
    """By country, company, residents and state: the caption says how many, and each look leaves a line."""
    surfer = officer(shared_desk)
    assert "6 people" in surfer.get("/office/people")
    assert "4 people" in surfer.get("/office/people?country=TJ")
    shown = surfer.get("/office/people?country=TJ&company=DEMO-A")
    assert "2 people" in shown
    assert "孙悟空" in shown
    assert "林黛玉" not in shown
    assert "3 people" in surfer.get("/office/people?company=大观园")
    assert "Nobody, as of now." in surfer.get("/office/people?alone=1")
    assert "Nobody, as of now." in surfer.get("/office/people?show=planned&country=ZM")
    assert "6 people" in surfer.get("/office/people?show=nonsense&country=XX")
    assert audited(shared_desk, "people.view")[-1] == ("wang", "registrant", "1,2,3,4,5,6")


def test_words_that_fit_several_companies_or_none(shared_desk: Desk) -> None:
    """Nobody is shown by a guess: several companies are offered, none is said so."""
    surfer = officer(shared_desk)
    shown = surfer.get("/office/people?company=公司", 422)
    assert "Several companies fit." in shown
    assert "company=DEMO-B" in shown
    assert "孙悟空" not in shown
    assert "No company has this code" in surfer.get("/office/people?company=%25", 422)


def test_pages_follow_one_another(office_desk: Desk) -> None:
    """After fifty people a link leads on; the next page begins where this one ended, and the count stays."""
    rows = tuple((f"某人{one}", "赞比亚", "", f"+2609771{one:05}", "", "", "", "", "在外") for one in range(60))
    office_desk.world.a.apply(rows)
    surfer = officer(office_desk)
    assert "66 people" in surfer.get("/office/people?show=abroad")
    (following,) = surfer.links("?")[-1:]
    assert following.startswith("?show=abroad&after=")
    shown = surfer.get(f"/office/people{following}")
    assert "66 people" in shown
    assert shown.count('scope="row"') == 16
    assert "Back to the beginning" in shown


@pytest.mark.parametrize(
    "path", ["/office/people?after=-1", "/office/people?after=x", "/office/people?after=9" + "9" * 30]
)
def test_a_mended_address_breaks_nothing(shared_desk: Desk, path: str) -> None:
    """A number that is none, or too great, is a page that says so."""
    officer(shared_desk).get(path, 422)


def test_an_auditor_reads_the_ledger_and_no_people(shared_desk: Desk) -> None:
    """Whoever only looks at what the office does is let to neither list nor person, finds nobody, and gets no file."""
    auditor = shared_desk.as_(Role.AUDITOR)
    auditor.get("/office/me")
    for page in (
        "/office/people",
        f"/office/people/{WUKONG}",
        "/office/people/coverage",
        f"/office/people/{WUKONG}/why/1",
    ):
        auditor.get(page, 403)
    auditor.get("/office/me")
    auditor.post("/office/people/find", 403, q="孙悟空")
    auditor.post("/office/people/export", 403, format="csv", show="away")


def test_a_stay_is_put_right(office_desk: Desk) -> None:
    """State and city are saved, the change is in the history with the officer's name."""
    surfer = officer(office_desk, f"/office/people/{WUKONG}")
    shown = surfer.post(
        f"/office/people/{WUKONG}/stays/1",
        state=state(surfer),
        status="abroad",
        city="彭吉肯特",
        date_from="",
        date_to="",
    )
    assert "Saved." in shown
    assert "彭吉肯特" in shown
    assert "wang" in shown


def test_a_new_stay_takes_the_place_of_the_old(office_desk: Desk) -> None:
    """Who moved on is away in the new country alone."""
    surfer = officer(office_desk, f"/office/people/{WUKONG}")
    surfer.post(f"/office/people/{WUKONG}/stays", state=state(surfer), country="KZ", status="abroad", ends="1")
    assert "1 people" in surfer.get("/office/people?country=KZ")
    assert "3 people" in surfer.get("/office/people?country=TJ")
    shown = surfer.get(f"/office/people/{WUKONG}")
    assert "back" in shown


def test_what_is_wrong_stands_at_its_field(office_desk: Desk) -> None:
    """A stay without a country, a number that is none, a language nobody speaks: told, and what was typed is kept."""
    surfer = officer(office_desk, f"/office/people/{WUKONG}")
    mark = state(surfer)
    shown = surfer.post(f"/office/people/{WUKONG}/stays", 422, state=mark, country="", city="阿斯塔纳")
    assert "Choose the country or region." in shown
    assert 'value="阿斯塔纳"' in shown
    assert 'id="value-error"' in surfer.post(f"/office/people/{WUKONG}/addresses", 422, state=mark, value="12")
    shown = surfer.post(f"/office/people/{WUKONG}/entry", 422, state=mark, name="", language="xx")
    assert "The name is missing." in shown
    assert "xx is no language we know" in shown


def test_addresses_name_language_and_consent(office_desk: Desk) -> None:
    """A number is added and stopped, with why; name, language and the word on providers abroad are put right."""
    surfer = officer(office_desk, f"/office/people/{BAJIE}")
    path = f"/office/people/{BAJIE}"
    assert "+992935000777" in surfer.post(
        f"{path}/addresses", state=state(surfer), value="+992 935 000 777", country="TJ"
    )
    stop = surfer.links(f"{path}/addresses/")[0]
    assert "not used any more" in surfer.post(stop, state=state(surfer))
    shown = surfer.post(f"{path}/entry", state=state(surfer), name="猪悟能", language="法语", foreign="yes")
    assert "猪悟能" in shown
    assert "is told in French" in shown
    assert "providers abroad: agreed" in shown
    assert "this person is where their stays say" in surfer.post(f"{path}/still", state=state(surfer))


def test_two_officers_at_one_person(office_desk: Desk) -> None:
    """Whoever comes second is told, sees what is there now, and keeps what was typed; nothing of the first is lost."""
    first, second = officer(office_desk, f"/office/people/{WUKONG}"), office_desk.as_("sun")
    second.get(f"/office/people/{WUKONG}")
    mark = state(second)
    first.post(
        f"/office/people/{WUKONG}/stays/1", state=state(first), status="abroad", city="胡占德", date_from="", date_to=""
    )
    shown = second.post(
        f"/office/people/{WUKONG}/stays/1",
        409,
        state=mark,
        status="returned",
        city="别的城市",
        date_from="",
        date_to="",
    )
    assert "Somebody changed this person since." in shown
    assert "胡占德" in shown
    assert 'value="别的城市"' in shown


def test_a_person_shows_what_they_were_told(office_desk: Desk) -> None:
    """Notices with their state, and for each alert why; what is in force where they are stands even for whoever got nothing."""
    office_desk.house.drain(office_desk.office.clock.now() + timedelta(hours=6))  # there it is night now
    surfer = officer(office_desk, f"/office/people/{WUKONG}")
    why = surfer.links(f"/office/people/{WUKONG}/why/")
    assert why
    assert 'tag good">delivered' in surfer.page.text
    with writing(office_desk.office.engine) as connection:
        made = Mark(1, (WUKONG,), Answer.HELP, "腿伤，在使馆门口")
        mark(connection, made, office_desk.office.acting(office_desk.actor("sun")), office_desk.office.keys)
    shown = surfer.get(f"/office/people/{WUKONG}")
    assert "腿伤，在使馆门口" in shown
    assert "sun, an officer says so" in shown
    shown = surfer.get(why[0])
    assert "孙悟空" in shown
    assert "passes" in shown
    surfer.get("/office/people/999/why/1", 404)
    assert audited(office_desk, "people.view")[0] == ("wang", "registrant", str(WUKONG))


def test_a_file_for_the_person(office_desk: Desk) -> None:
    """Everything held, as JSON; the request is written down beside the person."""
    surfer = officer(office_desk, f"/office/people/{WUKONG}")
    surfer.post(f"/office/people/{WUKONG}/export")
    held = json.loads(surfer.page.content)
    assert (held["name"], held["addresses"][0]["value"]) == ("孙悟空", "+992935000001")
    assert held["notices"]
    assert "attachment" in surfer.page.headers["content-disposition"]
    assert audited(office_desk, "person.export") == [("wang", f"registrant/{WUKONG}", "")]
    assert "a file to take away" in surfer.get(f"/office/people/{WUKONG}")


def test_only_an_administrator_erases_and_types_the_name(office_desk: Desk) -> None:
    """Another role, or another name: nobody is erased. The right name: nothing opens any more, and the page says so."""
    surfer = officer(office_desk, f"/office/people/{BAJIE}")
    surfer.post(f"/office/people/{BAJIE}/erase", 403, whole_name="猪八戒")
    chief = office_desk.as_(Role.ADMINISTRATOR)
    chief.get(f"/office/people/{BAJIE}")
    shown = chief.post(f"/office/people/{BAJIE}/erase", 422, whole_name="猪")
    assert "nobody is erased by a slip" in shown
    assert 'value="猪"' in shown
    assert "still on its way" in chief.post(f"/office/people/{BAJIE}/erase", whole_name=" 猪 八戒")
    office_desk.house.drain(office_desk.office.clock.now() + timedelta(hours=6))  # there it is night now
    assert "Erased." in chief.post(f"/office/people/{BAJIE}/erase", whole_name="猪八戒")
    assert f"Person {BAJIE} was erased" in chief.get(f"/office/people/{BAJIE}", 410)
    assert audited(office_desk, "person.erase")[-1][:2] == ("chief", f"registrant/{BAJIE}")


def test_the_list_as_a_file(office_desk: Desk) -> None:
    """As narrowed, as text that no spreadsheet computes, and written down before anybody has it."""
    surfer = officer(office_desk, "/office/people/3")
    surfer.post("/office/people/3/entry", state=state(surfer), name="=1+1", language="zh")
    surfer.post("/office/people/export", format="xlsx", show="away", country="ZM", company="DEMO-A")
    sheet = load_workbook(io.BytesIO(surfer.page.content), read_only=True).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [one for row in rows for one in row if one in {"=1+1", "孙悟空", "薛宝钗"}] == ["=1+1"]
    surfer.post("/office/people/export", format="csv", show="away", country="ZM")
    assert "'=1+1" in surfer.page.content.decode("utf-8-sig")
    assert [one[:2] for one in audited(office_desk, "people.export")] == [("wang", "registrant")] * 2
    with writing(office_desk.office.engine) as connection:
        stays = table(Posting)
        connection.execute(update(stays).where(stays.c.id == 5).values(status=PostingStatus.RETURNED))
    surfer.get("/office/people")
    surfer.post("/office/people/export", format="csv", show="returned", country="ZM")
    back = surfer.page.content.decode("utf-8-sig")
    assert "薛宝钗" in back
    assert "Zambia" in back
    surfer.get("/office/people")
    surfer.post("/office/people/export", 422, company="nobody")


def test_coverage_by_country_and_whom_to_mend(office_desk: Desk) -> None:
    """The whole is asked for apart; of one country or company it is whom to mend, by name and with the reason."""
    old = office_desk.office.clock.now() - timedelta(days=91)
    with writing(office_desk.office.engine) as connection:
        stays = table(Posting)
        connection.execute(update(stays).where(stays.c.id == 1).values(confirmed_at=old, status=PostingStatus.ABROAD))
    surfer = officer(office_desk, "/office/people/coverage")
    assert 'hx-get="/office/people/coverage?part=figures"' in surfer.page.text
    assert "Score" not in surfer.page.text
    assert "Tajikistan" in surfer.get("/office/people/coverage?part=figures")
    part = surfer.ask("GET", "/office/people/coverage?part=figures", headers={"HX-Request": "true"})
    assert part.text.lstrip().startswith("<section>")
    assert "<html" not in part.text
    shown = surfer.get("/office/people/coverage?country=TJ")
    assert "孙悟空" in shown
    assert "not confirmed for 90 days" in shown
    assert "猪八戒" in surfer.get("/office/people/coverage?company=DEMO-A&country=TJ")
    assert "No company, or more than one" in surfer.get("/office/people/coverage?company=公司", 422)


def test_no_name_stands_in_the_title_of_a_page(office_desk: Desk) -> None:
    """What a tab says is kept in the history of the browser, which others in the office may open: the number will do."""
    page = officer(office_desk).get(f"/office/people/{WUKONG}")
    assert "孙悟空" in page
    assert "孙悟空" not in page.split("<title>")[1].split("</title>")[0]
