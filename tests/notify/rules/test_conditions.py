"""Conditions and rules of a policy: countries and hazards, approval, quiet hours, and what a wrong file is told."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import WrongSetting
from notify.decide import decide
from notify.model import manner_of
from notify.policy import Action, Policy, parse_policy
from notify.quiet import Night
from notify.rules.approval import Size, needs_second
from notify.rules.model import Approval, Rules
from sources.model import Authority, ChangeKind, Hazard
from tests.notify.made import advisory, change

REST = '\n[[route]]\nname = "rest"\naction = "brief"\n'


def policy(route: str, *, action: str = "send", more: str = "") -> Policy:
    """Make a policy of one route and the rest."""
    text = f'version = 1\n{more}\n[[route]]\nname = "one"\naction = "{action}"\n{route}\n'
    return parse_policy(text + (REST if action != "brief" else '\n[[route]]\nname = "rest"\naction = "draft"\n'), "own")


def chosen(made: Policy, *countries: str, hazards: tuple[Hazard, ...] = (), worldwide: bool = False) -> str:
    """Return the route that a notice of level 2 leads to."""
    one = advisory(level_national=2, countries=countries, hazards=hazards, worldwide=worldwide)
    return decide(change(ChangeKind.NEW, one), Authority.HOME, made).route.name


@pytest.mark.parametrize(
    ("route", "action", "countries", "expected"),
    [
        ('country = ["ZM"]', "send", ("ZM",), "one"),
        ('country = ["ZM"]', "send", ("KE", "ZM"), "one"),
        ('country = ["ZM"]', "send", ("KE",), "rest"),
        ('country = ["ZM"]', "send", (), "rest"),
        ('country = ["ZM"]', "brief", ("ZM",), "one"),
        ('country = ["ZM"]', "brief", ("KE", "ZM"), "rest"),
        ('not_country = ["ZM"]', "send", ("ZM",), "rest"),
        ('not_country = ["ZM"]', "send", ("KE", "ZM"), "one"),
        ('not_country = ["ZM"]', "send", (), "one"),
        ('not_country = ["ZM"]', "brief", ("KE",), "one"),
        ('not_country = ["ZM"]', "brief", ("KE", "ZM"), "rest"),
        ('not_country = ["ZM"]', "brief", (), "rest"),
        ('country = ["赞比亚", "kenya"]', "brief", ("KE", "ZM"), "one"),
    ],
)
def test_a_route_names_countries(route: str, action: str, countries: tuple[str, ...], expected: str) -> None:
    """What tells is for a notice that names any of its countries; what keeps quiet only for one that names no other."""
    assert chosen(policy(route, action=action), *countries) == expected


def test_a_worldwide_notice_is_never_kept_quiet_for_a_country() -> None:
    """A notice for the whole world that names one country is not only about that one."""
    assert chosen(policy('country = ["ZM"]', action="brief"), "ZM", worldwide=True) == "rest"


@pytest.mark.parametrize(
    ("action", "hazards", "expected"),
    [
        ("send", (Hazard.EPIDEMIC,), "one"),
        ("send", (Hazard.CRIME, Hazard.EPIDEMIC), "one"),
        ("send", (Hazard.CRIME,), "rest"),
        ("digest", (Hazard.CRIME, Hazard.EPIDEMIC), "rest"),
        ("digest", (Hazard.EPIDEMIC,), "one"),
        ("digest", (), "rest"),
    ],
)
def test_a_route_names_hazards(action: str, hazards: tuple[Hazard, ...], expected: str) -> None:
    """A route for epidemics that keeps quiet does not swallow a notice that also speaks of crime."""
    assert chosen(policy('hazard = ["epidemic"]', action=action), "ZM", hazards=hazards) == expected


@given(
    has=st.frozensets(st.sampled_from(["ZM", "KE", "MW", "TZ"]), min_size=1),
    named=st.frozensets(st.sampled_from(["ZM", "KE", "MW", "TZ"]), min_size=1),
)
def test_country_and_not_country_leave_no_notice_between_them(has: frozenset[str], named: frozenset[str]) -> None:
    """Whatever a notice names, a telling route for some countries or the one for all but these fits, and no quiet one steals it."""
    words = str(sorted(named)).replace("'", '"')
    here, elsewhere = policy(f"country = {words}"), policy(f"not_country = {words}")
    assert "one" in {chosen(here, *sorted(has)), chosen(elsewhere, *sorted(has))}
    quiet = policy(f"country = {words}", action="brief")
    assert (chosen(quiet, *sorted(has)) == "one") == (has <= named)


FAULTS = {
    "one.country: “Nowhere” is no country": ('country = ["Nowhere"]', ""),
    "one.country: an empty list": ("country = []", ""),
    "one.hazard: an empty list": ("hazard = []", ""),
    "one.hazard.0: must be one of": ('hazard = ["plague"]', ""),
    "one.template: may only hold small letters": ('template = "My Words"', ""),
    "caps.per_day: must be 0 or more": ("", "[caps]\nper_day = -1"),
    "caps.per_day: must be a whole number": ("", '[caps]\nper_day = "3"'),
    "quiet: the night must not end at the hour it begins": ("", "[quiet]\nbegins = 7"),
    "approval.level: must be 4 or less": ("", "[approval]\nlevel = 5"),
    "inhibit.on: must be true or false": ("", '[inhibit]\non = "yes"'),
    "repeat.often: there is no such field": ("", "[repeat]\noften = 1"),
    "silence: there is no such field": ("", "[silence]\nx = 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_by_route_and_field(fault: str) -> None:
    """What is wrong is told by the route or the table, and the field, in both languages."""
    route, more = FAULTS[fault]
    with pytest.raises(WrongSetting) as refused:
        policy(route, more=more)
    assert fault in str(refused.value)
    chinese = refused.value.message.render("zh")
    assert "处置规则 own 有误" in chinese
    assert fault.split(": ")[0] in chinese
    assert "must be" not in chinese


def test_every_fault_is_told_at_once() -> None:
    """Three faults in three places are three words of one sentence, not three tries."""
    with pytest.raises(WrongSetting) as refused:
        policy('action2 = "x"\nlevel = [9]', more="[caps]\nper_day = -1")
    assert str(refused.value).count(";") == 2


@pytest.mark.parametrize("limit", ['country = ["ZM"]', 'not_country = ["ZM"]', 'hazard = ["crime"]', "national = true"])
def test_the_last_route_has_no_new_condition_either(limit: str) -> None:
    """A last route that names countries, hazards or the national level leaves some change without an answer."""
    with pytest.raises(WrongSetting, match="last route must fit everything"):
        parse_policy(f'version = 1\n[[route]]\nname = "x"\naction = "brief"\n{limit}\n', "own")


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        (Size(199, 3, 2), ""),
        (Size(200, 3, 2), "200 people"),
        (Size(1, 4, 1), "level 4"),
        (Size(1, 2, 3), "3 countries"),
        (Size(0, None, 0), ""),
        (Size(500, None, 1), "500 people"),
    ],
)
def test_the_size_says_who_releases(size: Size, reason: str) -> None:
    """From 200 people, level 4 or three countries on, a second person must release; the sentence says which it is."""
    said = needs_second(size, Approval(people=200, level=4, countries=3))
    assert (said is None) == (reason == "")
    assert reason in str(said or "")


@given(people=st.integers(0, 10**6), level=st.sampled_from([None, 1, 2, 3, 4]), countries=st.integers(0, 200))
def test_by_default_a_second_person_always_releases(people: int, level: int | None, countries: int) -> None:
    """Nobody releases alone unless the office has said so in its policy."""
    assert needs_second(Size(people, level, countries), Rules().approval) is not None


def test_the_night_is_data() -> None:
    """An office may set another night, also one that does not cross midnight, and from which level officers break it."""
    made = policy("", more="[quiet]\nbegins = 0\nends = 6\nbroken_by = 3")
    night = made.quiet.night
    assert night == Night(time(0), time(6))
    assert [night.holds(time(hour)) for hour in (23, 0, 5, 6)] == [False, True, True, False]
    assert [manner_of(level, made.quiet.broken_by).quiet for level in (2, 3, 4)] == [True, False, False]
    assert manner_of(3).quiet


def test_an_action_is_what_the_file_says() -> None:
    """The made policies of this file do what they are made for."""
    one = change(ChangeKind.NEW, advisory())
    assert decide(one, Authority.HOME, policy("")).action is Action.SEND
