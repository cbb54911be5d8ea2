"""People of one company who may be one: listed until somebody answers, and never merged."""

from __future__ import annotations

import pytest

from core.errors import NotAllowed, NotFound
from registry.doubles import answer_double
from registry.people import NewPerson
from registry.scope.doubles import Likeness, Said, alike_within
from registry.scope.history import history_of
from registry.scope.rights import person_file
from registry.tables import PostingStatus
from tests.registry.people import AUDITOR, NOBODY, OFFICER, Register, company, person, stay

ONE, TWO, CREW = "+260977000001", "+260977000002", "+260977000003"


def listed(register: Register, actor: object = OFFICER, **more: int) -> list[tuple[tuple[int, int], str, str | None]]:
    """Return the pairs with what they have in common and what was said of them."""
    found = alike_within(register.connection, actor, **more)  # type: ignore[arg-type]
    return [(pair.registrant_ids, pair.likeness, pair.said) for pair in found]


def say(register: Register, one: int, two: int, said: Said, actor: object = OFFICER) -> None:
    """Answer for a pair."""
    answer_double(register.connection, actor, one, two, said, register.clock.now())  # type: ignore[arg-type]


def of(employer_id: int, name: str, *phones: str) -> NewPerson:
    """Return somebody of a company."""
    return person(name, employer_id=employer_id, phones=phones)


def test_who_may_be_one_is_listed_for_company_and_office(register: Register) -> None:
    """One name twice, and two names with one number, are pairs of their company; a number of three, another company, somebody
    back home and somebody alone make none.
    """
    own, other = register.employer(), register.employer("OFFICE-2")
    a, b, c, *_ = register.enrol(
        of(own, "王伟", ONE), of(own, "王 伟", TWO), of(own, "王维", TWO, CREW), of(own, "李白", CREW), of(own, "杜甫", CREW),
        of(other, "王伟", ONE), person("王伟", phones=(ONE,)),
        person("李白", stay("ZM", PostingStatus.RETURNED), employer_id=own, phones=()),
    )  # fmt: skip
    d, e = register.enrol(of(other, "王伟"), of(other, "孙悟空", "+260977000009"))
    mine = [((a, b), Likeness.NAME, None), ((b, c), Likeness.NUMBER, None)]
    assert listed(register, company(own)) == mine
    assert listed(register, OFFICER, employer=own) == listed(register, AUDITOR, employer=own) == mine
    assert [pair for pair, *_ in listed(register)] == [(a, b), (b, c), (d - 3, d)]
    assert listed(register, NOBODY) == []
    assert len(listed(register, OFFICER, limit=1)) == 1
    assert e not in {one for pair, *_ in listed(register) for one in pair}


def test_two_people_are_not_asked_about_again(register: Register) -> None:
    """The answer is kept in both histories, either way round, and the last word counts; the same stays listed until one ends."""
    own = register.employer()
    a, b = register.enrol(of(own, "王伟", ONE), of(own, "王伟", TWO))
    say(register, b, a, Said.TWO, company(own))
    assert listed(register) == []
    say(register, a, b, Said.SAME)
    assert listed(register) == [((a, b), Likeness.NAME, Said.SAME)]
    assert [change.change.after for change in history_of(register.connection, OFFICER, b)] == [
        {"double": "two-people"}, {"double": "the-same"},
    ]  # fmt: skip
    assert person_file(register.connection, OFFICER, a, register.keys).name == "王伟"


def test_only_two_of_one_company_are_answered_for(register: Register) -> None:
    """Another company, one person twice, residents and somebody unknown are no pair; an auditor may not answer."""
    own, other = register.employer(), register.employer("OFFICE-2")
    a, b, c, d, e = register.enrol(
        of(own, "王伟"), of(own, "王伟"), of(other, "王伟"), person("王伟"), person("王伟"),
    )  # fmt: skip
    for one, two in ((a, c), (a, a), (d, e), (a, 999)):
        with pytest.raises(NotFound):
            say(register, one, two, Said.TWO)
    with pytest.raises(NotFound):
        say(register, a, b, Said.TWO, company(other))
    with pytest.raises(NotAllowed):
        say(register, a, b, Said.TWO, AUDITOR)
