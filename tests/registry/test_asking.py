"""Questions and rounds: companies are asked, reminded twice, then an officer reads of it; nothing is ended unasked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select

from core.errors import BadInput, NotAllowed, NotFound
from core.tables import table
from registry import scope
from registry.actors import SYSTEM
from registry.asking import questions, rounds
from registry.asking.questions import OpenQuestion
from registry.asking.rules import Answer, Month, month_of, reminder_due, silent
from registry.asking.tables import ConfirmationRound, Question, QuestionKind
from registry.asking.weekly import care
from registry.employers import find_employer
from registry.people import PostingView
from registry.roster.apply import import_roster
from registry.roster.check import check_roster
from registry.scope.history import history_of
from registry.tables import PostingStatus
from tests.registry.files import HEADER, changed, table_csv
from tests.registry.people import AUDITOR, OFFICER, Register, company, person, stay

ZONE = "Asia/Shanghai"
ABROAD, DOUBTFUL, RETURNED = PostingStatus.ABROAD, PostingStatus.DOUBTFUL, PostingStatus.RETURNED
MONDAY = datetime(2026, 12, 1, tzinfo=UTC)


def days(register: Register, count: int) -> datetime:
    """Let days go by; return the new moment."""
    register.clock.advance(timedelta(days=count))
    return register.clock.now()


def view(register: Register, employer: int) -> PostingView:
    """Return the one stay of an employer's one person."""
    ((posting,),) = [one.postings for one in scope.known_people(register.connection, SYSTEM, employer)]
    return posting


def asked(register: Register) -> list[OpenQuestion]:
    """Return the open questions as an officer sees them."""
    return list(questions.list_open(register.connection, OFFICER, register.clock.now()))


def tended(register: Register) -> tuple[int, int, int, int, int]:
    """Do what is due now; return how many were asked, reminded, newly questioned, doubted and expired."""
    done = care(register.connection, OFFICER, register.clock.now(), ZONE)
    return len(done.asked), len(done.reminded), done.questions, done.doubted, done.expired


def test_the_month_is_the_offices_own() -> None:
    """On the evening of the 30th in UTC it is the first of the month in Beijing."""
    moment = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)
    assert month_of(moment, ZONE) == Month("2026-12", datetime(2026, 11, 30, 16, tzinfo=UTC))
    assert month_of(moment, "UTC").name == "2026-11"


@pytest.mark.parametrize(
    ("reminders", "since", "due", "is_silent"),
    [(0, 6, False, False), (0, 7, True, False), (1, 6, False, False), (1, 7, True, False), (2, 6, False, False), (2, 7, False, True)],
)  # fmt: skip
def test_when_a_company_is_reminded(reminders: int, since: int, due: bool, is_silent: bool) -> None:
    """A week after the question and a week after the first reminder, never a third time; a week later it is silent."""
    reminded = MONDAY if reminders else None
    now = MONDAY + timedelta(days=since)
    assert reminder_due(MONDAY, reminders, reminded, now) is due
    assert silent(MONDAY, reminders, reminded, now) is is_silent


def test_a_round_from_the_question_to_the_officer(register: Register) -> None:
    """A company with people abroad is asked once a month, reminded after 7 and 14 days, and listed as silent after 21."""
    own, empty = register.employer(), register.employer("OFFICE-2")
    register.enrol(person(employer_id=own), person("沙悟净", stay("ZM", RETURNED), employer_id=empty), person("唐三藏"))
    assert tended(register) == (0, 0, 0, 0, 0)
    register.clock.moment = MONDAY
    seen = []
    for _ in range(5):
        seen.append(
            (
                *tended(register)[:2],
                *tended(register)[:2],
                len(waiting := rounds.list_open(register.connection, OFFICER, register.clock.now())),
                waiting[0].silent,
            )
        )
        days(register, 7)
    assert seen == [
        (1, 0, 0, 0, 1, False), (0, 1, 0, 0, 1, False), (0, 1, 0, 0, 1, False), (0, 0, 0, 0, 1, True), (0, 0, 0, 0, 1, True),
    ]  # fmt: skip
    assert tended(register)[:2] == (1, 0)
    months = [one.month for one in rounds.list_open(register.connection, OFFICER, register.clock.now())]
    assert months == ["2027-01"]


def test_no_change_is_one_act(register: Register) -> None:
    """无变化 confirms the stays of that company alone and closes its rounds; nothing of it waits any more."""
    own, other = register.employer(), register.employer("OFFICE-2")
    mine, theirs = register.enrol(person(employer_id=own), person("猪八戒", employer_id=other))
    register.clock.moment = MONDAY
    assert tended(register)[0] == 2
    now = days(register, 1)
    assert rounds.confirm_unchanged(register.connection, company(own), own, now) == 1
    assert (view(register, own).confirmed_at, view(register, other).confirmed_at < now) == (now, True)
    assert [one.employer_id for one in rounds.list_open(register.connection, OFFICER, now)] == [other]
    assert [p.by for p in history_of(register.connection, OFFICER, mine)] == ["xue.pan"]
    assert history_of(register.connection, OFFICER, theirs) == []
    for actor in (company(other), AUDITOR):
        with pytest.raises(NotAllowed):
            rounds.confirm_unchanged(register.connection, actor, own, now)
    assert tended(register)[0] == 0


def test_a_company_sees_its_own_rounds_and_questions(register: Register) -> None:
    """What another company is asked does not exist for a company; an auditor reads questions, which carry ids only."""
    own, other = register.employer(), register.employer("OFFICE-2")
    late = stay("ZM", ABROAD, None, date(2026, 11, 1))
    register.enrol(
        person("孙悟空", late, employer_id=own), person("猪八戒", late, employer_id=other), person("唐三藏", late)
    )
    register.clock.moment = MONDAY
    assert tended(register) == (2, 0, 3, 0, 0)
    now = register.clock.now()
    for actor, count in ((company(own), 1), (OFFICER, 3), (AUDITOR, 3)):
        assert len(questions.list_open(register.connection, actor, now)) == count
    for actor, seen in ((company(own), [own]), (OFFICER, [own, other]), (AUDITOR, [])):
        assert [one.employer_id for one in rounds.list_open(register.connection, actor, now)] == seen
    foreign = next(one for one in asked(register) if one.employer_id == other)
    with pytest.raises(NotFound):
        questions.answer(register.connection, company(own), foreign.question_id, Answer.RETURNED, now)
    alone = next(one for one in asked(register) if one.employer_id is None)
    with pytest.raises(NotAllowed):
        questions.answer(register.connection, AUDITOR, alone.question_id, Answer.RETURNED, now)


def test_a_stay_past_its_end_is_asked_about_doubted_and_expires(register: Register) -> None:
    """Asked at once, doubtful after 14 days without an answer, over after 60 more; each step is in the history."""
    own = register.employer()
    (one,) = register.enrol(person("孙悟空", stay("ZM", ABROAD, None, date(2026, 11, 22)), employer_id=own))
    assert tended(register)[2:] == (0, 0, 0)
    days(register, 1)
    assert tended(register)[2:] == (1, 0, 0)
    assert tended(register)[2:] == (0, 0, 0)
    days(register, 13)
    assert (tended(register)[2:], asked(register)[0].overdue) == ((0, 0, 0), False)
    days(register, 1)
    assert (tended(register)[2:], view(register, own).status, asked(register)[0].overdue) == ((0, 1, 0), DOUBTFUL, True)
    days(register, 59)
    assert tended(register)[2:] == (0, 0, 0)
    days(register, 1)
    assert (tended(register)[2:], view(register, own).status, asked(register)) == ((0, 0, 1), RETURNED, [])
    assert tended(register)[2:] == (0, 0, 0)
    row = register.connection.execute(select(table(Question))).one()
    assert (row.answer, row.answered_by) == (Answer.EXPIRED, SYSTEM.name)
    steps = [(p.by, (p.change.before or {})["status"], (p.change.after or {})["status"])
             for p in history_of(register.connection, OFFICER, one)]  # fmt: skip
    assert steps == [("system", "abroad", "doubtful"), ("system", "doubtful", "returned")]


def test_still_there_gives_the_stay_a_new_end(register: Register) -> None:
    """The company says that a person is still there: the stay is confirmed, has its new end, and is asked about after it."""
    own = register.employer()
    register.enrol(person("孙悟空", stay("ZM", ABROAD, None, date(2026, 11, 1)), employer_id=own))
    tended(register)
    days(register, 20)
    tended(register)
    (question,) = asked(register)
    now = register.clock.now()
    with pytest.raises(BadInput):
        questions.answer(
            register.connection, company(own), question.question_id, Answer.STILL_THERE, now, until=date(2026, 11, 30)
        )
    end = date(2026, 12, 31)
    questions.answer(register.connection, company(own), question.question_id, Answer.STILL_THERE, now, until=end)
    stays = view(register, own)
    assert (stays.status, stays.date_to, stays.confirmed_at) == (ABROAD, end, now)
    assert (asked(register), tended(register)[2:]) == ([], (0, 0, 0))
    with pytest.raises(BadInput):
        questions.answer(register.connection, company(own), question.question_id, Answer.RETURNED, now)
    days(register, 30)
    assert tended(register)[2] == 1


def test_somebody_missing_from_a_list_never_ends_by_silence(register: Register) -> None:
    """Nobody answers for a year: the stay is as it was, and the question is listed as overdue."""
    own = register.employer()
    (one,) = register.enrol(person(employer_id=own))
    row = {"employer_id": own, "registrant_id": one, "posting_id": view(register, own).posting_id,
           "kind": QuestionKind.ABSENT, "asked_at": register.clock.now(), "asked_by": "x"}  # fmt: skip
    register.connection.execute(insert(table(Question)).values(row))
    days(register, 365)
    tended(register)
    assert (view(register, own).status, [q.overdue for q in asked(register)]) == (ABROAD, [True])
    assert rounds.confirm_unchanged(register.connection, OFFICER, own, register.clock.now()) == 0
    questions.answer(
        register.connection, OFFICER, asked(register)[0].question_id, Answer.RETURNED, register.clock.now()
    )
    assert view(register, own).status == RETURNED


def test_stale_is_ninety_days_everywhere(register: Register) -> None:
    """90 days after the last confirmation somebody is told from level 3 up only, marked, and counted as stale."""
    own = register.employer()
    register.enrol(person(employer_id=own))

    def told(**wishes: bool) -> list[int]:
        day = register.clock.now().date()
        return [row.doubtful for row in register.connection.execute(scope.people_in(SYSTEM, ["ZM"], day, **wishes))]

    def counted() -> tuple[int, int, int]:
        (row,) = scope.count_by_country(register.connection, SYSTEM, register.clock.now().date())
        return row.abroad, row.stale, row.doubtful

    day = days(register, 90).date()
    assert (told(), told(include_doubtful=True), counted()) == ([0], [0], (1, 0, 0))
    assert view(register, own).stale_on(day) is False
    day = days(register, 1).date()
    assert (told(), told(include_doubtful=True), counted()) == ([], [1], (0, 1, 0))
    assert view(register, own).stale_on(day) is True
    assert scope.stale_by_employer(register.connection, OFFICER, day) == {own: (1, 1)}
    rounds.confirm_unchanged(register.connection, OFFICER, own, register.clock.now())
    assert (told(), counted()) == ([0], (1, 0, 0))


def test_care_is_for_the_office(register: Register) -> None:
    """A company does not ask other companies."""
    with pytest.raises(NotAllowed):
        care(register.connection, company(register.employer()), register.clock.now(), ZONE)
    assert register.connection.execute(select(table(ConfirmationRound))).all() == []


def listed(register: Register, employer: int, **cells: str) -> None:
    """Import a roster of one row about the person of that company."""
    import_roster(
        register.connection, OFFICER, find_employer(register.connection, SYSTEM, "OFFICE-1"),
        check_roster(table_csv(HEADER, changed(home="", mail="", **cells)).encode(), "roster.csv", register.clock.now().date()),
        keys=register.keys, index_key=register.index_key, now=register.clock.now(),
    )  # fmt: skip
    assert len(scope.known_people(register.connection, SYSTEM, employer)) == 1


@pytest.mark.parametrize(("end", "status"), [("", "在外"), ("2026-12-01", "在外"), ("2026-12-01", "休假")])
def test_whom_a_company_lists_every_month_is_never_expired(register: Register, end: str, status: str) -> None:
    """A monthly list that gives no end, or repeats the old one, keeps a stay from ending by silence."""
    own = register.employer()
    listed(register, own, end="2026-12-01", status="在外")
    for _ in range(8):
        days(register, 30)
        listed(register, own, end=end, status=status)
        assert tended(register)[4] == 0
    posting = view(register, own)
    assert posting.status == (ABROAD if not end else DOUBTFUL)
    assert (posting.date_to is None, asked(register) == []) == (not end, not end)
    days(register, 200)
    assert tended(register)[4] == 0


def test_a_resident_of_whom_nobody_was_asked_is_not_expired(register: Register) -> None:
    """A stay of somebody of no company becomes doubtful and stays on the officer's list; it never ends by silence."""
    register.enrol(person("唐三藏", stay("ZM", ABROAD, None, date(2026, 11, 1))))
    tended(register)
    days(register, 15)
    assert tended(register)[3:] == (1, 0)
    days(register, 365)
    assert tended(register)[3:] == (0, 0)
    (one,) = asked(register)
    assert (one.employer_id, one.overdue) == (None, True)
    (known,) = scope.known_people(register.connection, SYSTEM, None)
    assert known.postings[0].status == DOUBTFUL
