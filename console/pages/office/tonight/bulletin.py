"""`/office/bulletin`: the weekly bulletin: drafted by itself, edited by the office, released once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.responses import Response

from console.pages.forms import FieldError, Posted, Written
from console.pages.office.tonight.weeks import week_of
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, NotFound
from core.i18n import Message, t
from notify.bulletin import edit, store
from notify.bulletin import release as releasing
from notify.bulletin.tables import Bulletin
from notify.bulletin.week import Week, week_at
from notify.bulletin.word import docx
from notify.mailings import store as letters
from notify.mailings.tables import MailingKind
from notify.markup import fragment, page
from notify.store.alerts import instance

routes = APIRouter()
WEEKS = 6
"""So many weeks stand in the list, released or not."""
DONE: Mapping[str, Message] = {
    "bulletin-saved": t("The draft is saved. Nobody outside the office has it."),
    "bulletin-corrected": t(
        "The corrected edition is released and is being mailed to the companies that got the one before."
    ),
    "bulletin-released": t(
        "The bulletin is released and is being mailed to the companies. This page says what came of it."
    ),
}
SENT, LOST = ("accepted", "begun", "doubt"), ("failed", "refused")
KINDS = {"docx": releasing.WORD, "html": "text/html; charset=utf-8", "md": "text/markdown; charset=utf-8"}


@dataclass(frozen=True)
class Line:
    """One week of the list. `is_open`: it is not over yet."""

    week: Week
    released: Bulletin | None
    is_open: bool


@routes.get("/bulletin")
def bulletins(who: Worker) -> Response:
    """Show the last weeks, and every bulletin that was released."""
    zone = who.office.settings.zone
    weeks = [week_at(who.now - timedelta(days=7 * back), zone) for back in range(WEEKS)]
    with who.reading() as connection:
        released = {one.week: one for one in store.every(connection)}
        founded = instance(connection).created_at
    # Of a week before the office began there is nothing to tell.
    weeks = [one for one in weeks if one.ends > founded or one.name in released]
    names = {one.name for one in weeks}
    older = [one for name, one in sorted(released.items(), reverse=True) if name not in names]
    lines = [Line(one, released.get(one.name), who.now < one.ends) for one in weeks]
    return who.render("tonight/bulletins.html", lines=lines, older=older)


@routes.get("/bulletin/{name}")
def bulletin(who: Worker, name: str) -> Response:
    """Show a bulletin that was released; else its draft, to be edited."""
    week = week_of(who, name)
    with who.reading() as connection:
        editions = store.editions(connection, week.name)
        mailed = letters.editions(connection, MailingKind.BULLETIN, week.name)
    if not editions:
        return _edit(who, week, edit.working(who.office, week, who.language))
    found, newest = editions[-1], store.edition_name(week.name, len(editions))
    fates = Counter(one.outcome for (edition, _), one in mailed.items() if edition == newest)
    return who.render(
        "tonight/bulletin.html", week=week, found=found, editions=editions, text=_shown(found.markdown), without=fates["without"],
        sent=sum(fates[one] for one in SENT), lost=sum(fates[one] for one in LOST),
    )  # fmt: skip


@routes.post("/bulletin/{name}")
def save(who: Worker, name: str, form: Written) -> Response:
    """Save the draft; what somebody else saved meanwhile is not lost, and neither is what was typed here."""
    week, text = week_of(who, name), form.text("text", releasing.LONGEST + 1)
    with who.reading() as connection:
        if store.released(connection, week.name) is not None:
            return go(f"/bulletin/{week.name}")
    try:
        edit.save(who.office, who.actor, week, text, form.text("mark", 64))
    except edit.SavedMeanwhile as error:
        mine = edit.Working(text, error.now.mark)
        return _edit(who, week, mine, [FieldError("text", error.message)], theirs=error.now.text, status=409)
    except BadInput as error:
        return _edit(who, week, edit.Working(text, form.text("mark", 64)), [FieldError("text", error.message)])
    return go(f"/bulletin/{week.name}/release" if "check" in form else f"/bulletin/{week.name}", "bulletin-saved")


@routes.get("/bulletin/{name}/release")
def check(who: Worker, name: str) -> Response:
    """Show what would be released, as it is read, and to how many companies."""
    week = week_of(who, name)
    return _check(who, week)


@routes.post("/bulletin/{name}/release")
def release(who: Worker, name: str, form: Posted) -> Response:
    """Release what was shown, and mail it to the companies when this is answered."""
    week = week_of(who, name)
    now = edit.working(who.office, week, who.language)
    if form.text("mark", 64) != _mark(now):
        return _check(
            who, week, FieldError("week", t("The text has changed since this page was shown. Read it again."))
        )
    if form.text("week", 20).upper() != week.name:
        return _check(
            who, week, FieldError("week", t("Type the week, {week}, to say that you mean it.", week=week.name))
        )
    try:
        releasing.release(who.office, who.actor, week, now.text, who.language)
    except BadInput as error:
        return _check(who, week, FieldError("week", error.message))
    answer = go(f"/bulletin/{week.name}", "bulletin-released")
    answer.background = BackgroundTask(releasing.send, who.office, week, by=who.actor.name)
    return answer


@routes.post("/bulletin/{name}/send")
def send(who: Worker, name: str, form: Posted) -> Response:
    """Mail a released bulletin to the companies that have not got it; none gets it twice."""
    week = week_of(who, name)
    releasing.released(who.office, week)
    answer = go(f"/bulletin/{week.name}", "bulletin-released")
    answer.background = BackgroundTask(releasing.send, who.office, week, by=who.actor.name)
    return answer


@routes.get("/bulletin/{name}/file.{kind}")
def file(who: Worker, name: str, kind: str) -> Response:
    """Return a bulletin, or its draft, as a file."""
    week = week_of(who, name)
    if kind not in KINDS:
        raise NotFound(t("There is no such page."))
    with who.reading() as connection:
        found = store.released(connection, week.name)
    text = edit.working(who.office, week, who.language).text if found is None else found.markdown
    mark = "draft-" if found is None else ""
    told = {"Content-Disposition": f'attachment; filename="bulletin-{mark}{week.name}.{kind}"'}
    return Response(_bytes(who, week, text, kind), media_type=KINDS[kind], headers=told)


def _bytes(who: Visit, week: Week, text: str, kind: str) -> bytes:
    title = f"{text.splitlines()[0].lstrip('# ')} {week.name}"
    if kind == "docx":
        return docx(text, title, who.language, week.ends)
    return (page(text, title, who.language, red=True) if kind == "html" else text).encode()


def _edit(
    who: Visit, week: Week, text: edit.Working, errors: list[FieldError] | None = None, *, theirs: str = "",
    status: int = 422,
) -> Response:  # fmt: skip
    return who.render(
        "tonight/bulletin-edit.html", status if errors else 200, week=week, working=text, errors=errors or [], theirs=theirs,
        is_open=who.now < week.ends,
    )  # fmt: skip


def _check(who: Visit, week: Week, error: FieldError | None = None) -> Response:
    with who.reading() as connection:
        if store.released(connection, week.name) is not None:
            return go(f"/bulletin/{week.name}")
    now, problem = edit.working(who.office, week, who.language), None
    try:
        releasing.checked(now.text, week)
    except BadInput as fault:
        problem = fault.message
    readers = [bool(mails) for _, mails in releasing.readers(who.office)]
    return who.render(
        "tonight/bulletin-release.html", 422 if error else 200, week=week, text=_shown(now.text), mark=_mark(now),
        companies=sum(readers), without=len(readers) - sum(readers), problem=problem, errors=[error] if error else [],
        is_open=who.now < week.ends,
    )  # fmt: skip


def _mark(text: edit.Working) -> str:
    return edit.digest(text.text)


def _shown(markdown: str) -> Markup:
    # Markdown is read with every tag of its text escaped (`notify.markup`).
    return Markup(fragment(markdown))  # noqa: S704
