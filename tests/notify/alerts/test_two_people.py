"""An officer's alert goes through two pairs of hands, and leaves once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from core.i18n import Message
from core.tables import Audit, Mode, table
from notify import alerts
from notify.alerts import Acting
from notify.edit import Edit, as_draft, edit
from notify.grounds import Transfer
from notify.manual import ManualAlert, draft_manual
from notify.preview import preview
from notify.store import alerts as store
from notify.store import outbox
from notify.tables import AlertStatus, DeliveryState
from registry.actors import Actor
from registry.people import NewPosting
from registry.tables import Role
from tests.notify.alerts.scene import APPROVER, OFFICER, SECOND, Scene, person
from tests.notify.made import NIGHT, OFFICE, draft

ONE, TWO = "+8613800138001", "+8613800138002"
BOTH_ROLES = Actor("bao.yu", Role.ADMINISTRATOR, 4)


def submitted(scene: Scene, drafter: Actor = OFFICER, submitter: Actor = SECOND) -> int:
    """Return a version that waits for approval."""
    version = scene.open(draft(), drafter)
    with writing(scene.engine) as connection:
        alerts.submit(connection, version, scene.acting(submitter))
    return version


def approve(scene: Scene, version: int, actor: Actor) -> None:
    """Approve a version."""
    with writing(scene.engine) as connection:
        alerts.approve(connection, version, scene.acting(actor))


def test_two_people(scene: Scene) -> None:
    """Drafted by one and approved by another, an alert is released with its people, and every step is in the audit."""
    [one] = scene.enrol(person(sms=(ONE,)))
    version = scene.by_officers(draft())
    assert scene.status(version) is AlertStatus.SENDING
    assert scene.people(version) == [one]
    with reading(scene.engine) as connection:
        query = select(table(Audit).c.actor, table(Audit).c.action).where(
            table(Audit).c.object == f"alert_version/{version}"
        )
        steps = [tuple(row) for row in connection.execute(query.order_by(table(Audit).c.id))]
    assert steps == [
        (OFFICER.name, "alert.open"), (OFFICER.name, "alert.submit"), (APPROVER.name, "alert.approve"),
        (OFFICER.name, "alert.release"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("drafter", "submitter"), [(BOTH_ROLES, OFFICER), (OFFICER, BOTH_ROLES)], ids=["drafter", "submitter"]
)
def test_nobody_approves_their_own(scene: Scene, drafter: Actor, submitter: Actor) -> None:
    """Who wrote or submitted an alert cannot approve it, whatever the role."""
    version = submitted(scene, drafter, submitter)
    with pytest.raises(NotAllowed, match="another person"):
        approve(scene, version, BOTH_ROLES)
    assert scene.status(version) is AlertStatus.SUBMITTED


def test_who_edits_cannot_approve_and_neither_can_who_wrote(scene: Scene) -> None:
    """An editor becomes an author, and the first author stays one: editing a draft does not free anybody to approve it."""
    version = scene.open(draft(), BOTH_ROLES)
    with writing(scene.engine) as connection:
        edit(connection, scene.version(version), Edit(title_zh="提醒中国公民谨慎前往赞比亚"), scene.acting(APPROVER))
        alerts.submit(connection, version, scene.acting(OFFICER))
    for author in (BOTH_ROLES, APPROVER):
        with pytest.raises(NotAllowed, match="another person"):
            approve(scene, version, author)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.COMPANY, None])
def test_only_approvers_approve(scene: Scene, role: Role | None) -> None:
    """An officer, an auditor, a company or nobody in particular cannot approve."""
    version = submitted(scene)
    with pytest.raises(NotAllowed, match="role approver"):
        approve(scene, version, Actor("jia.huan", role, 9))


def steps(scene: Scene) -> dict[str, Callable[[int], object]]:
    """Return every step of an alert by name."""

    def step(done: Callable[..., object], actor: Actor) -> Callable[[int], object]:
        def run(version: int) -> object:
            with writing(scene.engine) as connection:
                return done(connection, version, scene.acting(actor))

        return run

    def mend(version: int) -> None:
        with writing(scene.engine) as connection:
            edit(connection, store.version(connection, version), Edit(level=2), scene.acting(OFFICER))

    return {"submit": step(alerts.submit, OFFICER), "approve": step(alerts.approve, APPROVER),
            "release": step(alerts.release, OFFICER), "cancel": step(alerts.cancel, OFFICER), "edit": mend}  # fmt: skip


@pytest.mark.parametrize(
    ("done", "wrong", "words"),
    [
        ([], ["approve", "release"], "draft"),
        (["submit"], ["submit", "release", "edit"], "waiting for approval"),
        (["submit", "approve"], ["submit", "approve", "edit"], "approved, not sent"),
        (["submit", "approve", "release"], ["submit", "approve", "release", "edit"], "being sent"),
        (["cancel"], ["submit", "approve", "release", "cancel", "edit"], "cancelled"),
    ],
)
def test_a_step_that_is_not_open_is_refused_in_words(
    scene: Scene, done: list[str], wrong: list[str], words: str
) -> None:
    """Each step fits one state; in any other it changes nothing, and the sentence says how the alert stands."""
    version, by_name = scene.open(draft()), steps(scene)
    for step in done:
        by_name[step](version)
    before = scene.version(version)
    for step in wrong:
        with pytest.raises(BadInput, match=f"Alert 1 is {words} now") as refused:
            by_name[step](version)
        message: Message = refused.value.message
        assert words not in message.render("zh")
    assert scene.version(version) == before


def test_what_names_no_country_cannot_be_submitted(scene: Scene) -> None:
    """An unplaced draft stays a draft until an officer has named a country."""
    version = scene.open(draft(countries=()))
    with pytest.raises(BadInput, match="names no country"), writing(scene.engine) as connection:
        alerts.submit(connection, version, scene.acting(OFFICER))
    with writing(scene.engine) as connection:
        edit(connection, scene.version(version), Edit(countries=("MW",)), scene.acting(OFFICER))
        alerts.submit(connection, version, scene.acting(OFFICER))
        assert [place.country for place in store.places(connection, version)] == ["MW"]
        assert all("马拉维" in one.body for one in store.texts(connection, version) if one.language == "zh")


def test_nothing_without_a_country_goes_out_by_rule(scene: Scene) -> None:
    """Even if a rule said so, a version without a country is not released, and stays what it was."""
    version = scene.open(draft(countries=()))
    with pytest.raises(BadInput, match="names no country"), writing(scene.engine) as connection:
        alerts.release_by_rule(connection, version, scene.acting(OFFICER))
    assert scene.status(version) is AlertStatus.DRAFT


def test_two_who_press_at_once_release_once(scene: Scene) -> None:
    """Of two releases at the same moment one plans the notices, and the other is told so."""
    scene.enrol(person(sms=(ONE,)), person(sms=(TWO,)))
    version = submitted(scene)
    approve(scene, version, APPROVER)
    together, planned, refused = threading.Barrier(2), [], []

    def press(acting: Acting) -> None:
        together.wait()
        try:
            with writing(scene.engine) as connection:
                planned.append(alerts.release(connection, version, acting))
        except BadInput as error:
            refused.append(str(error))

    threads = [threading.Thread(target=press, args=[scene.acting(who)]) for who in (OFFICER, SECOND)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert planned == [2]
    assert len(refused) == 1
    assert len(scene.notices(version)) == 2


def test_cancelling_keeps_what_was_taken(scene: Scene) -> None:
    """What a provider has stays as it is; the rest is cancelled, and what is in doubt is not sent again."""
    scene.enrol(*(person(sms=(f"+861380013800{n}",), name=f"工友{n}") for n in range(6)))
    version = scene.by_rule(draft())
    states = [DeliveryState.ACCEPTED, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.PLANNED,
              DeliveryState.READY, DeliveryState.UNRESOLVED]  # fmt: skip
    with writing(scene.engine) as connection:
        for notice, state in zip(scene.notices(version), states, strict=True):
            query = outbox.DELIVERIES.update().where(outbox.DELIVERIES.c.id == notice.id)
            connection.execute(query.values(state=state))
    with writing(scene.engine) as connection:
        assert alerts.cancel(connection, version, scene.acting(OFFICER)) == 3
    assert [notice.state for notice in scene.notices(version)] == [*states[:3], *["canceled"] * 3]
    scene.set_state(version, DeliveryState.READY)  # as the reconciler does with what a provider does not have
    with writing(scene.engine) as connection:
        outbox.expire(connection, scene.clock.now())
    assert {notice.state for notice in scene.notices(version)} == {"expired"}
    assert scene.status(version) is AlertStatus.CANCELED


def test_a_preview_keeps_nothing(scene: Scene) -> None:
    """A preview counts people, notices, parts and who would wait, as a release would make them, and leaves no row."""
    there, asleep = NewPosting("ZM"), NewPosting("ZM", zone="Asia/Shanghai")
    scene.enrol(person(there, sms=(ONE,), email=("a@example.com",)), person(asleep, sms=(TWO,)), person(there))
    version = scene.open(draft(every_channel=False, quiet=True, level=3, channels=("sms",)))
    scene.clock.moment = NIGHT
    seen = preview(scene.engine, version, scene.clock.now(), Transfer())
    assert (seen.people, seen.unreachable, seen.waiting) == (3, 1, 1)
    assert (seen.by_country, seen.by_channel) == ({"ZM": 3}, {"sms": 2})
    # Exactly the texts that would go out: nobody here reads English.
    assert {(text.channel, text.language, text.variant) for text in seen.texts} == {("sms", "zh", "abroad")}
    assert seen.parts == 2 * next(text.parts for text in seen.texts if text.language == "zh")
    assert (scene.notices(version), scene.people(version)) == ([], [])
    assert scene.status(version) is AlertStatus.DRAFT


def test_an_edit_changes_words_and_manner(scene: Scene) -> None:
    """A draft raised to 4 breaks quiet hours and goes over every channel; a mended title is mended in both languages."""
    manual = ManualAlert(countries=["赞比亚"], level=3, title_zh="赞比亚近期请减少外出")
    version = scene.open(draft_manual(manual, OFFICE, NIGHT))
    with writing(scene.engine) as connection:
        edit(connection, scene.version(version), Edit(level=4, title_zh="赞比亚请勿外出"), scene.acting(SECOND))
        told = store.texts(connection, version)
        again = as_draft(connection, store.version(connection, version))
    stored = scene.version(version)
    assert (stored.level, stored.every_channel, stored.quiet, stored.include_doubtful) == (4, True, False, True)
    assert (stored.title_zh, stored.title_en) == ("赞比亚请勿外出", '"赞比亚请勿外出"')
    assert all("赞比亚请勿外出" in text.body and "减少外出" not in text.body for text in told)
    assert (again.level, again.countries, again.channels) == (4, ("ZM",), ("sms", "email"))


def test_an_edit_that_names_nothing_changes_nothing(scene: Scene) -> None:
    """What an edit leaves out stays as it was, the manner of a notice from a source among it."""
    version = scene.open(draft())
    with writing(scene.engine) as connection:
        before = store.texts(connection, version)
        edit(connection, scene.version(version), Edit(), scene.acting(SECOND))
        after = store.texts(connection, version)
        again = as_draft(connection, store.version(connection, version))
    assert [one.body for one in after] == [one.body for one in before]
    assert again == draft()


def test_a_drill_is_marked_in_every_text(scene: Scene) -> None:
    """Texts written while the office is in drill carry its marks, and the alert its mode."""
    scene.open_for_business(Mode.DRILL)
    version = scene.open(draft())
    with reading(scene.engine) as connection:
        texts = store.texts(connection, version)
        alert = store.alert(connection, scene.alert_of(version))
    marks = {"zh": "【演练】", "en": "[DRILL]"}
    assert all(marks[one.language] in one.body for one in texts)
    assert all(marks[one.language] in one.subject and marks[one.language] in one.html for one in texts if one.html)
    assert alert is not None
    assert alert.mode == "drill"


def test_an_alert_that_is_not_there(scene: Scene) -> None:
    """Asking for an alert that does not exist is answered in words; else its newest version is found."""
    version = scene.open(draft())
    later = scene.open(draft(follows=scene.alert_of(version)))
    with reading(scene.engine) as connection:
        assert alerts.find(connection, scene.alert_of(version)).id == later
        with pytest.raises(NotFound, match="no alert 77"):
            alerts.find(connection, 77)
