"""The policy: each row of the default table, the guards above it, and what a policy file may not be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import WrongSetting
from notify.decide import decide
from notify.policy import POLICIES, Action, Policy, load_policy
from sources.events import Event, EventKind
from sources.model import Advisory, AdvisoryChange, Authority, ChangeKind, Grade, Level
from tests.notify.made import advisory, change

HOME, HAZARD, PEER = Authority.HOME, Authority.HAZARD, Authority.PEER
NEW, RAISED, LOWERED = ChangeKind.NEW, ChangeKind.RAISED, ChangeKind.LOWERED
UNSTATED, UNKNOWN = Grade.UNSTATED, Grade.UNKNOWN
SEND, DRAFT, DIGEST, BRIEF = Action.SEND, Action.DRAFT, Action.DIGEST, Action.BRIEF
FOLLOW_UP = Action.FOLLOW_UP


def at(level: Level, *, region: Level = UNSTATED, acute: bool = False, tier: int | None = None) -> Advisory:
    """Make an advisory with a national and a regional level."""
    return advisory(level_national=level, level_regional_max=region, acute=acute, tier=tier)


def of_kind(kind: ChangeKind, one: Advisory) -> AdvisoryChange:
    """Make a confirmed change of a kind; what is gone has only a before."""
    before = advisory(level_national=1, summary="")
    if kind in {ChangeKind.WITHDRAWN, ChangeKind.EXPIRED}:
        return change(kind, None, one)
    return change(kind, one, None if kind is NEW else before)


@dataclass(frozen=True)
class Row:
    """One case: a change of an authority, and what the default policy makes of it."""

    authority: Authority
    kind: ChangeKind
    one: Advisory
    action: Action
    route: str


ROWS = [
    *(Row(HOME, kind, at(4), SEND, "home-4") for kind in (NEW, RAISED)),
    *(Row(HOME, kind, at(UNSTATED, region=4), SEND, "home-4") for kind in (NEW, RAISED)),
    *(Row(HOME, kind, at(3), SEND, "home-3") for kind in (NEW, RAISED)),
    Row(HOME, NEW, at(2, region=3), SEND, "home-3"),
    *(Row(HOME, kind, at(level, acute=True), SEND, "home-acute") for kind in (NEW, RAISED) for level in (2, UNSTATED)),
    *(Row(HOME, kind, at(level), DIGEST, "home-advice") for kind in (NEW, RAISED) for level in (1, 2, UNSTATED)),
    *(Row(HOME, kind, at(UNKNOWN), DRAFT, "home-unknown") for kind in (NEW, RAISED)),
    *(Row(HAZARD, kind, at(UNSTATED, tier=3), DRAFT, "hazard-3") for kind in (NEW, RAISED)),
    *(Row(HAZARD, kind, at(UNSTATED, tier=2), DRAFT, "hazard-2") for kind in (NEW, RAISED)),
    *(Row(HAZARD, NEW, at(UNSTATED, tier=tier), BRIEF, "rest") for tier in (0, 1)),
    *(Row(PEER, kind, at(level), DRAFT, "peer-high") for kind in (NEW, RAISED) for level in (3, 4)),
    Row(PEER, RAISED, at(2, region=4), BRIEF, "rest"),
    *(Row(PEER, NEW, at(level, acute=True), BRIEF, "rest") for level in (1, 2, UNSTATED, UNKNOWN)),
    *(
        Row(authority, kind, at(4, tier=3), FOLLOW_UP, "told-before")
        for authority in Authority
        for kind in (LOWERED, ChangeKind.WITHDRAWN, ChangeKind.EXPIRED)
    ),
    *(
        Row(authority, kind, at(4, acute=True, tier=3), BRIEF, "rest")
        for authority in Authority
        for kind in (ChangeKind.REWORDED, ChangeKind.TOUCHED)
    ),
]


def name_of(row: Row) -> str:
    """Name a case."""
    one = row.one
    acute = "-acute" if one.acute else ""
    return f"{row.authority}-{row.kind}-{one.level_national}-{one.level_regional_max}{acute}-{one.tier}"


@pytest.fixture(scope="module")
def policy() -> Policy:
    """Give the default policy."""
    return load_policy(None)


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_each_row_of_the_default_policy(policy: Policy, row: Row) -> None:
    """Authority, change, level, acuteness and tier lead to the action that the table of the design names."""
    decision = decide(of_kind(row.kind, row.one), row.authority, policy)
    assert (decision.action, decision.route.name) == (row.action, row.route)


def test_how_each_level_goes_out(policy: Policy) -> None:
    """Level 4 goes over every channel and breaks quiet hours; the rest keeps them; the doubtful are told from level 3."""
    manner = {one.name: (one.every_channel, one.quiet, one.doubtful) for one in policy.route if one.action is SEND}
    assert manner == {
        "home-4": (True, False, True), "home-3": (False, True, True), "home-acute": (False, True, False),
    }  # fmt: skip


def test_the_officer_is_paged_for_what_cannot_wait(policy: Policy) -> None:
    """A red hazard, and what cannot be placed or understood, calls the duty officer."""
    assert {one.name for one in policy.route if one.page} == {"home-unplaced", "home-unknown", "hazard-3"}


@pytest.mark.parametrize(
    ("summary", "asked"),
    [("已在当地的请尽快撤离。", True), ("Leave now.", True), ("Department of State", False), ("请注意安全。", False)],
)
def test_people_are_asked_whether_they_are_safe(policy: Policy, summary: str, asked: bool) -> None:
    """At level 4 the question "safe?" is put when the text says leave, as a word of its own."""
    assert decide(change(NEW, advisory(summary=summary)), HOME, policy).ask_safe is asked


def test_a_region_that_rises_alone_is_no_national_rise(policy: Policy) -> None:
    """A peer's country that stays at 3 while a part of it rises to 4 stays a line in the brief; a new country does not."""
    before, after = at(3, region=3), at(3, region=4)
    assert decide(change(RAISED, after, before), PEER, policy).action is BRIEF
    wider = advisory(level_national=3, level_regional_max=4, countries=("MW", "ZM"))
    assert decide(change(RAISED, wider, before), PEER, policy).action is DRAFT


@pytest.mark.parametrize("file", sorted(POLICIES.glob("*.toml")), ids=lambda file: file.name)
@pytest.mark.parametrize("kind", list(ChangeKind))
@pytest.mark.parametrize("authority", list(Authority))
def test_what_is_unconfirmed_or_held_never_goes_out(file: Path, kind: ChangeKind, authority: Authority) -> None:
    """Whatever the policy says, an unconfirmed or held change tells nobody; an unconfirmed rise waits for an officer."""
    policy, one = load_policy(file), at(4, tier=3)
    plain = of_kind(kind, one)
    unconfirmed = change(kind, plain.after, plain.before, confirmed=False)
    held = change(kind, plain.after, plain.before, held=True)
    rising = kind in {NEW, RAISED}
    assert decide(unconfirmed, authority, policy).action is (DRAFT if rising else BRIEF)
    assert decide(held, authority, policy).action is BRIEF


@pytest.mark.parametrize("file", sorted(POLICIES.glob("*.toml")), ids=lambda file: file.name)
@pytest.mark.parametrize(
    "values",
    [
        {"countries": ()},
        {"countries": (), "worldwide": True},
        {"countries": ("ZM",), "worldwide": True},
        {"countries": ("CD", "CG"), "ambiguous": ("刚果: CD CG",)},
    ],
    ids=["unplaced", "worldwide", "worldwide-with-a-country", "ambiguous"],
)
@pytest.mark.parametrize("authority", [HOME, PEER])
def test_no_country_no_send(file: Path, values: dict[str, object], authority: Authority) -> None:
    """What is unplaced, ambiguous or about the whole world goes to an officer, never to anybody by rule."""
    for level in (3, 4):
        one = advisory(level_national=level, **values)
        assert decide(change(NEW, one), authority, load_policy(file)).action is DRAFT


def test_the_open_policy_differs_in_the_peers_alone() -> None:
    """The open policy sends the peers' national raises by rule, keeping quiet hours, and is the default one in all else."""
    default, opened = load_policy(None), load_policy(POLICIES / "policy.open.toml")
    assert decide(change(NEW, at(3)), PEER, opened).action is SEND
    assert decide(change(RAISED, at(2, region=4), at(2)), PEER, opened).action is BRIEF
    different = [(a, b) for a, b in zip(default.route, opened.route, strict=True) if a != b]
    assert [(a.name, b.name, b.action, b.quiet) for a, b in different] == [("peer-high", "peer-high", SEND, True)]


BAD = {
    "is no TOML": "version = ",
    "home-9.action": '[[route]]\nname = "home-9"\naction = "shout"',
    "home-9.levels": '[[route]]\nname = "home-9"\nlevels = [4]\naction = "send"',
    "home-9.level.0": '[[route]]\nname = "home-9"\nlevel = [5]\naction = "send"',
    "home-9.valid": '[[route]]\nname = "home-9"\nvalid = 0\naction = "send"',
    "route.1.name": '[[route]]\naction = "send"',
    "route": "",
    "two routes are named x": '[[route]]\nname="x"\nlevel=[4]\naction="send"\n[[route]]\nname="x"\naction="brief"',
    "the last route must fit everything": '[[route]]\nname = "x"\nauthority = ["home"]\naction = "brief"',
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_policy_is_refused_by_name(tmp_path: Path, fault: str) -> None:
    """A policy file with a fault is not used, and the sentence names the file, the route and the field."""
    file = tmp_path / "own.toml"
    file.write_text(f"version = 1\n{BAD[fault]}\n", encoding="utf-8")
    with pytest.raises(WrongSetting) as refused:
        load_policy(file)
    assert fault in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_an_unreadable_policy_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """A policy file that is missing, or no text, is named."""
    file = tmp_path / "own.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(WrongSetting, match="cannot be read"):
        load_policy(file)


@pytest.mark.parametrize(
    ("kind", "before", "after", "hours", "route"),
    [
        (RAISED, 1, 2, 9, "hazard-late"),
        (RAISED, 1, 2, 8, "hazard-2"),
        (RAISED, 1, 3, 200, "hazard-3"),
        (RAISED, 2, 2, 9, "hazard-2"),
        (NEW, None, 2, 20, "hazard-2"),
    ],
    ids=["late", "in time", "the gravest", "told before", "not there before"],
)
def test_a_quake_that_grows_late_is_no_draft(
    kind: ChangeKind, before: int | None, after: int, hours: int, route: str
) -> None:
    """Raised to tier 2 more than 8 hours on, with nobody told before, it is for the digest; tier 3 is never too late."""
    began = datetime(2026, 11, 8, tzinfo=UTC)
    event = Event(EventKind.QUAKE, began, 1.0, 1.0)
    one = change(
        kind, advisory(tier=after, event=event), None if before is None else advisory(tier=before, event=event)
    )
    for file in (None, POLICIES / "policy.open.toml"):
        found = decide(one, HAZARD, load_policy(file), as_of=began + timedelta(hours=hours))
        assert (found.route.name, found.action) == (route, DIGEST if route == "hazard-late" else DRAFT)


def test_lateness_counts_only_for_the_kinds_that_are_named() -> None:
    """A cyclone that grows strong days after its beginning, or an event without a time, is never late."""
    began = datetime(2026, 11, 8, tzinfo=UTC)
    policy = load_policy(None)
    for event in (Event(EventKind.CYCLONE, began), Event(EventKind.QUAKE), None):
        one = change(RAISED, advisory(tier=2, event=event), advisory(tier=1, event=event))
        assert decide(one, HAZARD, policy, as_of=began + timedelta(days=3)).action is DRAFT
