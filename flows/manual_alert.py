"""The form for a manual alert in Prefect's pages. It writes a draft and shows a preview; it never sends.

Whoever fills in the form is not proven: Prefect knows no users. So the draft waits until an officer with a token of their own
submits it, and another one approves it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from core.clock import iso
from core.database import reading, writing
from flows.office import open_here
from notify.manual import ManualAlert
from notify.markdown import quoted
from notify.office import Office
from notify.own import store as own_store
from notify.own.narrowing import narrowing
from notify.own.write import prepare, write
from notify.preview import preview
from notify.store import alerts as alert_store
from registry.actors import Actor

FORM = Actor("prefect-form", None)


@task(cache_policy=NO_CACHE)
def write_draft(office: Office, alert: ManualAlert, dry_run: bool) -> dict[str, Any]:
    """Write the draft and preview it; with `dry_run`, only check the form."""
    acting, now = office.acting(FORM), datetime.now(UTC)
    if dry_run:
        with reading(office.engine) as connection:
            return {"alert": None, "countries": list(prepare(connection, alert, acting, now).countries)}
    with writing(office.engine) as connection:
        version_id = write(connection, alert, acting, now)
    seen = preview(office.engine, version_id, office.clock.now(), acting.transfer)
    with reading(office.engine) as connection:
        version = alert_store.version(connection, version_id)
        countries, left = own_store.countries(connection, version_id), narrowing(connection, version)
    return {"alert": version.alert_id, "countries": countries, "people": seen.people, "left_out": left.there - left.told,
            "notices": seen.by_channel, "unreachable": seen.unreachable, "ungrounded": seen.ungrounded, "parts": seen.parts,
            "drill": alert.drill, "send_at": iso(alert.send_at)}  # fmt: skip


@flow(name="manual-alert")
def manual_alert(
    alert: ManualAlert,
    dry_run: bool = True,
) -> dict[str, Any]:
    """Write a draft of an officer's own alert. Another person approves it before anything is sent.

    Args:
        alert: 预警内容 The alert in the officer's own words.
        dry_run: 只检查，不生成草稿 Only check the form, write no draft.
    """
    told = write_draft(open_here(), alert, dry_run)
    lines = "\n".join(f"- {name}: {value}" for name, value in told.items())
    following = "" if told["alert"] is None else f"\n\n`lingbao alert submit {told['alert']}`"
    create_markdown_artifact(
        key="manual-alert", markdown=f"# {quoted(alert.title_zh or alert.template)}\n\n{lines}{following}"
    )
    return told
