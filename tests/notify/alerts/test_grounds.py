"""Grounds of providers abroad: nobody's number leaves the country without one, and whoever is not told for it is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from core.database import reading, writing
from core.settings import load
from core.tables import table
from notify import alerts, proof
from notify.grounds import Transfer, is_emergency, transfer_of
from notify.preview import preview
from notify.store.outbox import DELIVERIES
from notify.summary import alert_json
from notify.tables import DeliveryState, VersionKind
from registry.actors import SYSTEM
from registry.people import NewPerson
from registry.tables import Consent
from sources import store as source_store
from sources.change import Comparison, Entry
from sources.model import ChangeKind, Grade
from sources.store import ADVISORIES
from tests.notify.alerts.scene import Scene, person
from tests.notify.made import NIGHT, advisory, change, draft

ONE, TWO, THREE = "+8613800138001", "+8613800138002", "+8613800138003"
ADVICE: dict[str, Any] = {"level": 2, "every_channel": False, "include_doubtful": False, "ask_safe": False}
READY, SUPPRESSED = DeliveryState.READY, DeliveryState.SUPPRESSED
FORBIDDEN = Transfer(allowed=False)


def agreeing(one: NewPerson) -> NewPerson:
    """Return the person with consent to providers abroad."""
    return replace(one, consent=replace(one.consent, foreign=True))


def planned(scene: Scene, version: int) -> list[tuple[str, str, str, str, int]]:
    """Return channel, state, reason, ground and people of each notice."""
    rows = scene.notices(version)
    return [(row.channel, row.state, row.reason, row.transfer_ground, row.people) for row in rows]


def gaps(scene: Scene) -> dict[str, str]:
    """Return the sentences of the gaps by kind."""
    with reading(scene.engine) as connection:
        return {gap.kind: str(gap.message) for gap in proof.gaps(connection)}


def release(scene: Scene, transfer: Transfer, **values: Any) -> int:
    """Open and release a draft under another rule for providers abroad."""
    version = scene.open(draft(**values), SYSTEM)
    with writing(scene.engine) as connection:
        alerts.release_by_rule(connection, version, replace(scene.acting(SYSTEM), transfer=transfer))
    return version


def test_advice_needs_consent(scene: Scene) -> None:
    """Below level 3 a number goes abroad only with consent; without it the notice is suppressed, and the person is named."""
    yes, no = scene.enrol(agreeing(person(sms=(ONE,))), person(sms=(TWO,)))
    version = scene.by_rule(draft(**ADVICE))
    assert sorted(planned(scene, version)) == [
        ("sms", READY, "", "consent", 1), ("sms", SUPPRESSED, "no-ground", "", 1),
    ]  # fmt: skip
    assert len(scene.record_of(version, yes)) == len(scene.record_of(version, no)) == 1
    scene.set_state(version, DeliveryState.ACCEPTED)
    with writing(scene.engine) as connection:
        connection.execute(update(DELIVERIES).where(DELIVERIES.c.reason == "no-ground").values(state=SUPPRESSED))
        assert alert_json(connection, version)["notices"] == {"accepted": 1, "suppressed": 1}
    assert gaps(scene) == {
        "no-ground": "Alert 1: 1 people were not told, because they did not agree to providers abroad, this is no emergency, "
        f"and they have no other address: {no}."
    }


def test_an_emergency_is_a_ground_for_everybody(scene: Scene) -> None:
    """From level 3 a notice goes out without consent; which of the two grounds it was is written down for each."""
    scene.enrol(agreeing(person(sms=(ONE,))), person(sms=(TWO,)), person(email=("a@example.com",)))
    version = scene.by_rule(draft(**(ADVICE | {"level": 3})))
    assert sorted(planned(scene, version)) == [
        ("email", READY, "", "", 1), ("sms", READY, "", "consent", 1), ("sms", READY, "", "emergency", 1),
    ]  # fmt: skip


def test_of_several_behind_one_number_the_weaker_ground_counts(scene: Scene) -> None:
    """In an emergency one notice serves all behind a number; "emergency" is written if one of them had not agreed."""
    scene.enrol(agreeing(person(sms=(ONE,))), person(sms=(ONE,)))
    assert planned(scene, scene.by_rule(draft(**(ADVICE | {"level": 3})))) == [("sms", READY, "", "emergency", 2)]


def test_a_ground_is_each_persons_own(scene: Scene) -> None:
    """Of two behind one number the one who agreed is told; the other is not counted, has no record of it, and is named."""
    yes, no = scene.enrol(agreeing(person(sms=(ONE,))), person(sms=(ONE,)))
    version = scene.by_rule(draft(**ADVICE))
    [notice] = scene.notices(version)
    assert planned(scene, version) == [("sms", READY, "", "consent", 1)]
    assert notice.variant == "abroad"
    assert scene.record_of(version, yes) == [notice.id]
    assert scene.record_of(version, no) == []
    found = gaps(scene)
    assert found["no-ground"].endswith(f"no other address: {no}.")
    assert "unreachable" not in found


def test_a_channel_at_home_is_used_instead(scene: Scene) -> None:
    """Who has not agreed and has a mail address gets the mail, though the office prefers text messages."""
    one, two = scene.enrol(
        person(sms=(ONE,), email=("a@example.com",)), agreeing(person(sms=(TWO,), email=("b@example.com",)))
    )
    version = scene.by_rule(draft(**ADVICE))
    sms, mail = scene.notices(version)
    assert planned(scene, version) == [("sms", READY, "", "consent", 1), ("email", READY, "", "", 1)]
    assert (scene.record_of(version, one), scene.record_of(version, two)) == ([mail.id], [sms.id])
    assert "no-ground" not in gaps(scene)


def test_the_switch_forbids_providers_abroad_even_in_an_emergency(scene: Scene) -> None:
    """Switched off, nothing goes abroad at level 4 with consent: mail goes, and who has none is named."""
    scene.enrol(agreeing(person(sms=(ONE,), email=("a@example.com",))))
    [lost] = scene.enrol(agreeing(person(sms=(TWO,))))
    version = release(scene, FORBIDDEN)
    assert sorted(planned(scene, version)) == [
        ("email", READY, "", "", 1), *[("sms", SUPPRESSED, "foreign-forbidden", "", 1)] * 2,
    ]  # fmt: skip
    found = gaps(scene)
    assert set(found) == {"foreign-forbidden", "delivery-ready"}
    assert found["foreign-forbidden"].endswith(f"switched off and they have no other address: {lost}.")


@pytest.mark.parametrize("kind", [VersionKind.UPDATE, VersionKind.CORRECTION, VersionKind.ALL_CLEAR])
def test_who_was_told_in_an_emergency_hears_its_end(scene: Scene, kind: VersionKind) -> None:
    """A later word of a lower level, a correction and an all-clear go out on the ground of the first one."""
    scene.enrol(person(sms=(ONE,)))
    first = scene.by_rule(draft())
    scene.set_state(first, DeliveryState.ACCEPTED)
    last = scene.by_rule(
        draft(**ADVICE, follows=scene.alert_of(first), kind=kind, told_only=kind is VersionKind.ALL_CLEAR)
    )
    assert planned(scene, last) == [("sms", READY, "", "emergency", 1)]


@pytest.mark.parametrize(
    ("level", "values", "expected"),
    [(4, {}, True), (3, {}, True), (2, {}, False), (None, {}, False), (None, {"acute": True}, True), (2, {"acute": True}, True),
     (None, {"tier": 1}, False), (None, {"tier": 2}, True), (None, {"tier": 3}, True)],
)  # fmt: skip
def test_what_counts_as_an_emergency(level: int | None, values: dict[str, Any], expected: bool) -> None:
    """Level 3 and 4, something said to be happening, and a hazard of tier 2 or 3 are; advice is not."""
    assert is_emergency(level, advisory(**values)) is expected
    assert is_emergency(level, None) is ((level or 0) >= 3)


def test_the_source_of_an_alert_tells_of_the_emergency(scene: Scene) -> None:
    """A notice without a level, of an attack that is happening, goes to those who have not agreed."""
    one = advisory(level_national=Grade.UNSTATED, acute=True)
    with writing(scene.engine) as connection:
        result = Comparison([change(ChangeKind.NEW, one)], {one.native_id: Entry(one, NIGHT)})
        source_store.save_comparison(connection, {}, result, None, NIGHT)
        number = connection.execute(select(ADVISORIES.c.id)).scalar_one()
    scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft(**(ADVICE | {"level": None}), advisory_id=number))
    assert planned(scene, version) == [("sms", READY, "", "emergency", 1)]


def test_consent_that_was_withdrawn_is_none(scene: Scene) -> None:
    """The newest consent decides: withdrawn, or given anew without providers abroad, it is no ground."""
    one, two = scene.enrol(agreeing(person(sms=(ONE,))), agreeing(person(sms=(TWO,))))
    consents = table(Consent)
    with writing(scene.engine) as connection:
        now = scene.clock.now()
        connection.execute(update(consents).where(consents.c.registrant_id == one).values(withdrawn_at=now))
        again = {"registrant_id": two, "ground": "consent", "text_version": "2", "foreign": False, "given_at": now,
                 "recorded_by": "x"}  # fmt: skip
        connection.execute(insert(consents).values(again))
    assert {row[1:3] for row in planned(scene, scene.by_rule(draft(**ADVICE)))} == {(SUPPRESSED, "no-ground")}


def test_what_is_suppressed_waits_for_nobody(scene: Scene) -> None:
    """A night where people are does not hold what may not go out, and planning twice still plans once."""
    scene.enrol(person(sms=(ONE,)), person(sms=(ONE,)))
    version = release(scene, FORBIDDEN, level=3, quiet=True)
    with writing(scene.engine) as connection:
        stored = scene.version(version)
        assert alerts.plan(connection, stored, NIGHT, scene.clock.now(), transfer=FORBIDDEN) == 0
    [notice] = scene.notices(version)
    assert (notice.state, notice.not_before, notice.people) == (SUPPRESSED, None, 2)


def test_an_officer_sees_before_release_whom_it_will_not_reach(scene: Scene) -> None:
    """The preview counts those without a ground, and neither notices nor parts that would not go out."""
    scene.enrol(agreeing(person(sms=(ONE,))), person(sms=(TWO,)), person())
    version = scene.open(draft(**ADVICE))
    seen = preview(scene.engine, version, scene.clock.now(), Transfer())
    assert (seen.people, seen.unreachable, seen.ungrounded, seen.by_channel) == (3, 1, 1, {"sms": 1})
    assert seen.parts == next(text.parts for text in seen.texts)


def test_late_comers_are_named_where_a_suppressed_notice_stands_in_their_way(scene: Scene) -> None:
    """Somebody with consent who joins behind a number whose notice was suppressed is listed, not lost."""
    scene.enrol(person(sms=(ONE,)))
    version = scene.by_rule(draft(**ADVICE))
    [late] = scene.enrol(agreeing(person(sms=(ONE,))))
    with writing(scene.engine) as connection:
        moment = scene.clock.now() + timedelta(hours=1)
        alerts.plan(connection, scene.version(version), NIGHT, moment, transfer=Transfer())
    assert str(late) in gaps(scene)["no-ground"]


def test_the_settings_say_which_channels_are_abroad() -> None:
    """Twilio's channels always are, the mail relay if the setting says so; the switch forbids them all."""
    assert transfer_of(load(channels=("sms",))) == Transfer(in_use=frozenset({"sms"}))
    assert "sms" in Transfer().abroad
    assert "email" not in Transfer().abroad
    assert "email" in transfer_of(load(smtp_abroad=True)).abroad
    assert not transfer_of(load(allow_foreign_providers=False)).allowed
