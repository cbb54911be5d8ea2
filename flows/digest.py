"""The digest, every morning at 08:00: what is no alert, for those who chose to read of it."""

from __future__ import annotations

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.office import open_here
from notify.digest.send import send_digests
from notify.mailings.once import Fate, Outcome
from notify.office import Office
from registry.actors import SYSTEM


@task(cache_policy=NO_CACHE)
def send(office: Office) -> list[Outcome]:
    """Send the digests that are due; a second run sends none again."""
    return send_digests(office, by=SYSTEM.name)


@flow(name="digest")
def digest() -> dict[str, int]:
    """Send the digests that are due; return how many readers came to which end."""
    done = send(open_here())
    return {fate.value: sum(one.fate is fate for one in done) for fate in Fate}
