"""`lingbao freshness`: is the register still right? Who is asked, who is silent, and what they answer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, say, table
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from core.places.names import display
from notify.letters import Letters, send_letters
from registry import scope
from registry.asking import questions, rounds
from registry.asking.rules import Answer
from registry.asking.tables import QuestionKind
from registry.asking.weekly import care, rehearse
from registry.employers import find_employer, list_employers
from registry.scope.coverage import without_place

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
At = Annotated[str, typer.Option(metavar="ISO", help="演练的时刻 Moment to rehearse for.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只演练：不写入、不发送 Rehearse: nothing is written or sent.")]
KINDS = {QuestionKind.ABSENT: t("not on the full list"), QuestionKind.ENDED: t("past the end of the stay")}


@app.command("run")
def run(context: typer.Context, dry_run: DryRun = False, at: At = "", json: Json = False) -> None:
    """询问、提醒、标记存疑、到期。Ask for the lists of the month, remind, and look after stays past their end."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    if at and not dry_run:
        raise WrongUse(t("--at is for rehearsing: give it with --dry-run. What is written bears the time of now."))
    moment = parse_moment(at) if at else here.office.clock.now()
    if dry_run:
        done = rehearse(here.office.engine, actor, moment, here.office.settings.zone)
        letters = Letters((), (), ())
    else:
        with writing(here.office.engine) as connection:
            done = care(connection, actor, moment, here.office.settings.zone)
        letters = send_letters(here.office, by=actor.name)
    if json:
        as_json(asdict(done) | {"letters": asdict(letters), "dry_run": dry_run, "at": iso(moment)})
        return
    if dry_run:
        say(t("Rehearsal for {at}: nothing is written, nothing is sent.", at=iso(moment) or ""))
    say(t("{month}: companies asked: {asked}, reminded: {reminded}. Stays past their end: {new} asked about, {doubted} now doubtful, "
          "{expired} now over.", month=done.month, asked=len(done.asked), reminded=len(done.reminded),
          new=done.questions, doubted=done.doubted, expired=done.expired))  # fmt: skip
    if not dry_run:
        say(t("Letters to companies: {sent} on their way, {failed} failed, {without} companies named no mail address: call them.",
              sent=len(letters.sent), failed=len(letters.failed), without=len(letters.without)))  # fmt: skip


@app.command("list")
def list_(context: typer.Context, at: At = "", json: Json = False) -> None:
    """未回复的单位、待答问题、久未核实、去向不明。Companies without an answer, open questions, stale rows, people without place."""
    here: Context = context.obj
    actor, now = here.actor, parse_moment(at) if at else here.office.clock.now()
    with reading(here.office.engine) as connection:
        codes = {one.employer_id: one.code for one in list_employers(connection, actor)}
        waiting = rounds.list_open(connection, actor, now)
        asked = questions.list_open(connection, actor, now)
        stale = scope.stale_by_employer(connection, actor, now.date())
        lost: defaultdict[int | None, list[int]] = defaultdict(list)
        for person in without_place(connection, actor):
            lost[person.employer_id].append(person.registrant_id)
    if json:
        as_json({
            "rounds": [_dated(one) | {"employer": codes.get(one.employer_id, "")} for one in waiting],
            "questions": [_dated(one) | {"employer": codes.get(one.employer_id or 0, "")} for one in asked],
            "stale": [{"employer": codes.get(one or 0, ""), "stays": all_, "stale": old} for one, (all_, old) in stale.items()],
            "no_place": [{"employer": codes.get(one or 0, ""), "people": people} for one, people in lost.items()],
        })  # fmt: skip
        return
    table([t("Company"), t("Month"), t("Asked on"), t("Reminders"), t("Note")],
          [(codes.get(one.employer_id, ""), one.month, f"{one.asked_at:%Y-%m-%d}", one.reminders,
            t("silent: call them") if one.silent else "") for one in waiting])  # fmt: skip
    table([t("Question"), t("Company"), t("Person"), t("Country"), t("Why asked"), t("Asked on"), t("Note")],
          [(one.question_id, codes.get(one.employer_id or 0, ""), one.registrant_id, display(one.country, language()),
            KINDS[one.kind], f"{one.asked_at:%Y-%m-%d}", t("no answer for 14 days") if one.overdue else "")
           for one in asked])  # fmt: skip
    table([t("Company"), t("Stays"), t("Stale")],
          [(codes.get(one or 0, t("residents")), all_, old) for one, (all_, old) in stale.items()])  # fmt: skip
    if lost:
        say(t("No country is known of these people, so no alert finds them. Ask their company where they are:"))
        table([t("Company"), t("Person")],
              [(codes.get(one or 0, t("residents")), ", ".join(str(person) for person in people))
               for one, people in lost.items()])  # fmt: skip


@app.command("answer")
def answer(
    context: typer.Context,
    question: Annotated[int, typer.Argument(help="问题编号 Number of the question.")],
    said: Annotated[str, typer.Argument(metavar="returned|still-there", help="已回国或仍在外 Back, or still there.")],
    until: Annotated[str, typer.Option(metavar="DATE", help="新的回国日期 New end of the stay, as 2026-03-05.")] = "",
) -> None:
    """回答一个问题。Answer a question about a person: back, or still there."""
    here: Context = context.obj
    actor, now = here.actor, here.office.clock.now()
    if said not in {Answer.RETURNED, Answer.STILL_THERE}:
        raise WrongUse(t("The answer is returned or still-there, not {said}.", said=said))
    try:
        end = datetime.strptime(until, "%Y-%m-%d").date() if until else None  # noqa: DTZ007 (a day, no moment)
    except ValueError as error:
        raise WrongUse(t("{text} is no date. Write it as 2026-03-05.", text=until)) from error
    with writing(here.office.engine) as connection:
        questions.answer(connection, actor, question, Answer(said), now, until=end)
    say(t("Question {question} is answered.", question=question))


@app.command("unchanged")
def unchanged(
    context: typer.Context,
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Code of the employer.")],
) -> None:
    """无变化：单位确认名单仍然有效。The company says that nothing changed: its list is confirmed."""
    here: Context = context.obj
    actor, now = here.actor, here.office.clock.now()
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer)
        count = rounds.confirm_unchanged(connection, actor, company.employer_id, now)
    say(t("Confirmed: {count} stays of {code}.", count=count, code=company.code))


def _dated(one: Any) -> dict[str, Any]:
    return {name: iso(value) if isinstance(value, datetime) else value for name, value in asdict(one).items()}
