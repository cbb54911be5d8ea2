"""The care of the register: companies are asked for the list of the month and reminded, stays past their end looked after."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from core.database import writing
from flows.office import open_here
from notify.letters import Letters, send_letters
from notify.office import Office
from registry.actors import SYSTEM
from registry.asking.weekly import CareReport, care


@task(cache_policy=NO_CACHE)
def look_after(office: Office) -> CareReport:
    """Do what is due now, in one transaction; a second run finds nothing left to do."""
    with writing(office.engine) as connection:
        return care(connection, SYSTEM, office.clock.now(), office.settings.zone)


@task(cache_policy=NO_CACHE)
def write_to_companies(office: Office) -> Letters:
    """Send the letters that are due; a second run sends none again."""
    return send_letters(office, by=SYSTEM.name)


@flow(name="freshness")
def freshness() -> tuple[CareReport, Letters]:
    """Ask, remind, doubt and expire, and write to the companies. Whom nobody could write to: `lingbao freshness list`."""
    office = open_here()
    return look_after(office), write_to_companies(office)
