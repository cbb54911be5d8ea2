"""The officers' safety board: figures that refresh, people marked by name, the telephone list, strangers, and the workbook."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from core.database import reading, writing
from notify.safety.strangers.keep import Message, keep
from notify.safety.strangers.keep import list_open as open_strangers
from registry.scope.door import ADDRESSES
from registry.tables import Role
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.drafted import audited, hidden, sent
from tests.console.pages.surfer import Surfer


def board(desk: Desk) -> tuple[int, Surfer, str]:
    """Send an alert that asks; open its board as an officer."""
    number, wang = sent(desk, ask_safe=True), desk.as_(Role.OFFICER)
    return number, wang, wang.get(f"/office/alerts/{number}/safety")


def test_people_are_marked_by_what_was_heard(office_desk: Desk) -> None:
    """Safe on the telephone, help with a note: shown with who said it, help first; the duty officer is called; all in the audit."""
    number, wang, page = board(office_desk)
    assert "4 people; those who need help first" in page
    address = f"/office/alerts/{number}/safety"
    page = wang.post(address, person=[1, 2], answer="safe", phoned="yes", note="本人接听")
    assert "Written down: safe." in page
    assert "told an officer on the telephone" in page
    assert "本人接听" in page
    page = wang.post(address, person=[4], answer="help")
    assert "The officer on duty is called" in page
    assert page.index("林黛玉") < page.index("孙悟空")
    assert len(audited(office_desk, "safe.mark")) == 2
    assert "猪八戒" not in wang.get(f"{address}?state=help").split('id="people"')[1]


def test_a_form_without_people_or_answer_keeps_what_was_typed(office_desk: Desk) -> None:
    """Nobody chosen: said at the top; the note is kept; nothing is written. Nor of people the alert was not for."""
    number, wang, _ = board(office_desk)
    address = f"/office/alerts/{number}/safety"
    page = wang.post(address, 422, answer="safe", note="在使馆")
    assert "Choose whom you speak of" in page
    assert 'value="在使馆"' in page
    wang.post(address, 422, person=[1], answer="dancing")
    wang.post(address, 404, person=[3], answer="safe")  # in Zambia
    assert audited(office_desk, "safe.mark") == []


def test_the_figures_refresh_in_place(office_desk: Desk) -> None:
    """A poll is answered only when something changed, without the list: what is being chosen there is not disturbed."""
    number, wang, _ = board(office_desk)
    address, mark = f"/office/alerts/{number}/safety", {"seen_mark": hidden(wang, "seen_mark")}
    script = {"HX-Request": "true"}
    assert wang.ask("GET", address, params=mark, headers=script).status_code == 204
    wang.get(address)
    wang.post(address, person=[1], answer="safe")
    part = wang.ask("GET", address, params=mark, headers=script)
    assert part.status_code == 200
    assert "The figures have changed since" in part.text
    assert "孙悟空" not in part.text


def test_rounds_are_told_and_taken(office_desk: Desk) -> None:
    """The page says when whoever is silent is asked again; the button takes what is due."""
    number, wang, page = board(office_desk)
    assert "Next, for whoever is still not known: they are asked again over their other ways, at" in page
    assert "The steps that are due" in wang.post(f"/office/alerts/{number}/safety/rounds")


def test_the_telephone_list(office_desk: Desk) -> None:
    """Numbers to press, the most pressing first; who is safe is not on it; the look is in the audit."""
    number, wang, _ = board(office_desk)
    wang.post(f"/office/alerts/{number}/safety", person=[1], answer="safe")
    page = wang.get(f"/office/alerts/{number}/safety/phone")
    assert 'href="tel:+992935000002"' in page
    assert "孙悟空" not in page
    assert "stopped" not in page
    with writing(office_desk.office.engine) as connection:
        connection.execute(ADDRESSES.update().values(stopped_at=office_desk.office.clock.now(), stop_reason="refused"))
    page = wang.get(f"/office/alerts/{number}/safety/phone")
    assert 'href="tel:+992935000002"' in page
    assert "stopped" in page
    assert len(audited(office_desk, "safe.phone")) == 2


def test_the_workbook_is_no_formula(office_desk: Desk) -> None:
    """The form for the ministry holds everybody; what was typed is text; the export is in the audit."""
    number, wang, _ = board(office_desk)
    wang.post(f"/office/alerts/{number}/safety", person=[1], answer="safe", note="=1+1")
    answer = wang.ask("POST", f"/office/alerts/{number}/safety/export", data={"form_token": wang.token})
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[1]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert [cell.data_type for cell in cells if cell.value == "=1+1"] in ([], ["s"])
    assert "孙悟空" in {cell.value for cell in cells}
    assert len(audited(office_desk, "safe.export")) == 1


def test_a_stranger_is_given_to_whom_it_is(office_desk: Desk) -> None:
    """A message from a number nobody asked becomes the word of a person by an officer's hand; another is taken off the list."""
    number, wang, _ = board(office_desk)
    office = office_desk.office
    with writing(office.engine) as connection:
        for at, words in enumerate(("我在大使馆，平安<b>", "广告")):
            keep(connection, Message("sms", f"+99293500008{at}", words, f"SM{at}", office.clock.now()), office.keys)
    address = f"/office/alerts/{number}/safety/strangers"
    page = wang.ask("GET", address).text
    assert "我在大使馆，平安&lt;b&gt;" in page
    assert "Write the person" in wang.post(f"{address}/1", 422, answer="safe")
    assert "was not for all of these people" in wang.post(f"{address}/1", 422, answer="safe", person="3")
    assert "off the list" in wang.post(f"{address}/1", answer="safe", person="1")
    wang.post(f"{address}/2", settle="yes")
    with writing(office.engine) as connection:
        assert open_strangers(connection, office_desk.actor(Role.OFFICER), office.keys, office.clock.now()) == []
    assert "told an officer on the telephone" in wang.get(f"/office/alerts/{number}/safety?state=safe")
    with reading(office.engine):
        assert len(audited(office_desk, "safe.mark")) == 1
