"""A roster of another company is a question, not an import; and who was erased at their own wish is said, never recognised."""

from __future__ import annotations

from typing import Any

import pytest

from registry.actors import SYSTEM
from registry.employers import EmployerView, add_employer, check_character, find_employer
from registry.rights.erase import erase
from registry.rights.model import RequestKind
from registry.roster.apply import import_roster, preview_roster
from registry.roster.whose import Cautions, OtherCompany, cautions
from registry.scope.history import erased_at_own_wish
from tests.registry.files import HEADER, WUKONG, check
from tests.registry.people import NOBODY, OFFICER, Register, company

BODY = "91370600MA3ABCDE7"
CODE = BODY + check_character(BODY)
OTHER_BODY = "91370600MA3ABCDE8"
OTHER_CODE = OTHER_BODY + check_character(OTHER_BODY)
OWN = EmployerView(1, CODE, "花果山工程有限公司", "", "")
KNOWN = EmployerView(2, "OFFICE-2", "高老庄贸易公司", "", "")


def named(*cells: str, heading: str = "派出单位") -> Cautions:
    """Return what a list says that writes these under a heading, one a row."""
    return cautions(check(*((*WUKONG, one) for one in cells), header=(*HEADER, heading)), OWN, [OWN, KNOWN])


def test_the_own_name_is_no_question() -> None:
    """The own name, in full, in short, of a branch, or as the code, is taken; another writing is only said."""
    assert named("花果山工程有限公司", "花果山工程有限公司赞比亚分公司", "花果山工程", CODE, "") == Cautions()
    assert named("花果山建设") == Cautions(other_names=("花果山建设",))
    assert named(CODE, heading="统一社会信用代码") == Cautions()


def test_another_company_is_a_question() -> None:
    """Another credit code, and the name or code of another company of the register, are certain; a wrong code is not."""
    assert named(OTHER_CODE, heading="统一社会信用代码").other_company == (OTHER_CODE,)
    assert named("高老庄 贸易公司", "花果山工程有限公司").other_company == ("高老庄 贸易公司",)
    assert named("office-2").other_company == ("office-2",)
    assert named(OTHER_CODE[:17] + "?", heading="统一社会信用代码") == Cautions()


def test_it_is_applied_only_with_a_word_of_its_own(register: Register) -> None:
    """The preview names the other company, applying is refused and writes nothing, and the word makes it go; a company is not
    told which other companies there are.
    """
    own = register.employer()
    add_employer(register.connection, SYSTEM, code="OFFICE-2", name="高老庄贸易公司", now=register.clock.now())
    employer = find_employer(register.connection, SYSTEM, "OFFICE-1")
    report = check((*WUKONG, "高老庄贸易公司"), header=(*HEADER, "单位名称"))
    seen = {
        actor: preview_roster(register.connection, actor, employer, report, index_key=register.index_key).cautions
        for actor in (OFFICER, company(own))
    }
    assert seen[OFFICER].other_company == seen[company(own)].other_names == ("高老庄贸易公司",)
    assert seen[company(own)].other_company == ()
    how: dict[str, Any] = {"keys": register.keys, "index_key": register.index_key, "now": register.clock.now()}
    with pytest.raises(OtherCompany, match="高老庄"):
        import_roster(register.connection, OFFICER, employer, report, **how)
    done = import_roster(register.connection, OFFICER, employer, report, **how, any_company=True)
    assert len(done.joined_ids) == 1


def test_who_was_erased_at_their_own_wish_is_a_day_and_no_name(register: Register) -> None:
    """The list that brings somebody back says that people of this company were erased at their wish, and on which day; others
    read nothing of it, and an erasure after the time of keeping is none.
    """
    own, other = register.employer(), register.employer("OFFICE-2")
    employer, report = find_employer(register.connection, SYSTEM, "OFFICE-1"), check(WUKONG)
    how: dict[str, Any] = {"keys": register.keys, "index_key": register.index_key, "now": register.clock.now()}
    for kind, days in ((RequestKind.RETENTION, ()), (RequestKind.ERASURE, (register.clock.now().date(),))):
        done = import_roster(register.connection, OFFICER, employer, report, **how)
        assert done.plan.cautions.erased_on == ()
        erase(register.connection, OFFICER, done.joined_ids, kind=kind, now=register.clock.now())
        again = preview_roster(register.connection, company(own), employer, report, index_key=register.index_key)
        assert again.cautions.erased_on == days
    assert erased_at_own_wish(register.connection, OFFICER, other) == ()
    for actor in (company(other), NOBODY):
        assert erased_at_own_wish(register.connection, actor, own) == ()
