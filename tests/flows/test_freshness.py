"""The flow that looks after the register, called as the plain function it wraps: no server is needed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.clock import FixedClock
from core.database import reading, writing
from core.settings import load
from flows.freshness import look_after, write_to_companies
from notify.letters import Letters
from notify.office import open_office
from notify.sandbox.running import running
from registry.actors import SYSTEM
from registry.asking import questions, rounds
from registry.asking.weekly import CareReport
from registry.contacts import add_contact
from registry.employers import add_employer
from registry.enrol import enrol, index_key
from registry.liaisons import Duty, NewLiaison
from registry.tables import PostingStatus
from tests.registry.people import OFFICER, person, stay


def test_the_weekly_care_does_what_is_due_once(tmp_path: Path) -> None:
    """A company is asked for its list and about a stay past its end; a second run of the same day finds nothing to do."""
    clock = FixedClock(datetime(2026, 11, 23, 1, tzinfo=UTC))
    settings = load(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'lingbao.db'}", master_keys="")
    office = open_office(settings, clock)
    with writing(office.engine) as connection:
        own = add_employer(connection, SYSTEM, code="OFFICE-1", name="花果山工程有限公司", now=clock.now())
        late = stay("ZM", PostingStatus.ABROAD, None, date(2026, 11, 30))
        secret = index_key(connection, office.keys)
        new = [person("孙悟空", late, employer_id=own)]
        enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=clock.now())
    clock.advance(timedelta(days=14))
    assert look_after.fn(office) == CareReport("2026-12", (own,), (), 1, 0, 0)
    assert look_after.fn(office) == CareReport("2026-12", (), (), 0, 0, 0)
    with reading(office.engine) as connection:
        assert [one.employer_id for one in rounds.list_open(connection, OFFICER, clock.now())] == [own]
        assert len(questions.list_open(connection, OFFICER, clock.now())) == 1
    office.engine.dispose()


def test_a_letter_goes_out_over_the_offices_mail(tmp_path: Path) -> None:
    """The company that was asked gets its mail from the relay in use, here the sandbox's; the flow is what sends it."""
    with running(tmp_path / "sandbox") as sandbox:
        settings = load(home=tmp_path, database_url=f"sqlite:///{tmp_path / 'lingbao.db'}", master_keys="",
                        sandbox_port=sandbox.port)  # fmt: skip
        office = open_office(settings, FixedClock(datetime(2026, 11, 23, 1, tzinfo=UTC)))
        with writing(office.engine) as connection:
            now, secret = office.clock.now(), index_key(connection, office.keys)
            own = add_employer(connection, SYSTEM, code="OFFICE-1", name="花果山工程有限公司", now=now)
            liaison = NewLiaison(Duty.LIAISON, "沙悟净", mail="liaison@one.example")
            add_contact(connection, SYSTEM, own, liaison, keys=office.keys, now=now)
            new = [person("孙悟空", stay("ZM", PostingStatus.ABROAD, None, None), employer_id=own)]
            enrol(connection, SYSTEM, new, keys=office.keys, index_key=secret, now=now - timedelta(days=40))
        look_after.fn(office)
        assert write_to_companies.fn(office) == Letters((own,), (), ())
        assert write_to_companies.fn(office) == Letters((), (), ())
        [mail] = sandbox.mail("liaison@one.example")
        office.engine.dispose()
    assert "2026-11" in mail.subject
