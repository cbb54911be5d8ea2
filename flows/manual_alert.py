"""The form for a manual alert in Prefect's pages. It writes a draft and shows a preview; it never sends.

Whoever fills in the form is not proven: Prefect knows no users. So the draft waits until an officer with a token of their own
submits it, and another one approves it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from core.clock import iso
from core.database import reading, writing
from core.i18n import Language, Message, t
from flows.form import titled
from flows.office import open_here
from flows.shown import Board
from notify.manual import ManualAlert
from notify.markdown import quoted
from notify.office import Office
from notify.own import store as own_store
from notify.own.narrowing import narrowing
from notify.own.write import prepare, write
from notify.preview import preview
from notify.rundown import language
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
    alert: Annotated[ManualAlert, titled("预警内容 Alert")],
    dry_run: Annotated[bool, titled("只检查，不生成草稿 Dry run")] = True,
) -> dict[str, Any]:
    """Write a draft of an officer's own alert. Another person approves it before anything is sent.

    Args:
        alert: 预警内容，按本人措辞填写 The alert in the officer's own words.
        dry_run: 核对表单，确认无误后再取消勾选 Only check the form, write no draft.
    """
    office = open_here()
    told, reader = write_draft(office, alert, dry_run), language(office)
    board = Board("manual-alert", reader)
    board.text("manual-alert", _page(alert.title_zh or alert.template, told, reader))
    if told["alert"] is not None:
        url = f"{office.settings.public_base_url}/office/alerts/{told['alert']}"
        board.link(url, t("To the draft: submit it, then another person approves it"))
    return told


def _page(title: str, told: dict[str, Any], reader: Language) -> str:
    """Write what became of the form. Numbers only, no people."""
    names: dict[str, Message] = {
        "alert": t("Alert"), "countries": t("Countries"), "people": t("People"), "left_out": t("Left out as elsewhere"),
        "notices": t("Notices"), "unreachable": t("Without an address"), "ungrounded": t("Without consent"), "parts": t("Parts of SMS"),
        "drill": t("Drill"), "send_at": t("Leaves at"),
    }  # fmt: skip
    lines = [f"- {names[name].render(reader)}: {value}" for name, value in told.items() if value not in (None, {}, [])]
    end = t("Only checked: nothing was written.") if told["alert"] is None else t(
        "Next: `lingbao alert submit {alert}`; another person: `lingbao alert approve {alert}`.", alert=told["alert"])  # fmt: skip
    return "\n".join([f"# {quoted(title)}", "", *lines, "", end.render(reader)])
