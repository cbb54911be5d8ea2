"""Writing an officer's alert: what the form says is looked up, worded, and kept as a draft. Nothing is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from core.errors import BadInput
from core.i18n import Language, t
from notify import alerts
from notify.alerts import Acting
from notify.manual import ManualAlert, draft_manual, read_countries
from notify.model import LANGUAGES, AlertDraft
from notify.own import groups, schedule, templates
from notify.own.model import Audience
from notify.store import alerts as store
from notify.texts.values import place_words
from registry.actors import SYSTEM
from registry.employers import find_employer

FORM_FIELDS = ("title_zh", "body_zh", "title_en", "body_en")


def prepare(connection: Connection, manual: ManualAlert, acting: Acting, as_of: datetime) -> AlertDraft:
    """Return the draft that a filled-in form makes; nothing is written.

    Raises:
        BadInput: a country is unknown or means everybody, there is no title, or the template lacks something; the sentence names it.
        NotFound: no such employer, group, person or template.
    """
    worded = from_template(connection, manual, acting) if manual.template else manual
    if not manual.template and manual.values:
        raise BadInput(t("Variables are given, and no template that they would fill."))
    if not worded.title_zh:
        raise BadInput(t("An alert needs a title in Chinese, or a template that has one."))
    broken_by = acting.rules.quiet.broken_by
    return draft_manual(worded, acting.office, as_of, audience_for(connection, manual), broken_by=broken_by)


def write(
    connection: Connection, manual: ManualAlert, acting: Acting, as_of: datetime, *, key: str | None = None
) -> int:
    """Write the draft of a form, and when it is to leave; return the number of the version.

    Args:
        key: of the form as it was shown, unique: a form that is sent twice writes one draft. None: whatever is sent is written.

    Raises:
        BadInput, NotFound: as for `prepare`; or the moment it is to leave is over.
    """
    draft = replace(prepare(connection, manual, acting, as_of), origin_key=key)
    if key is not None and (before := store.by_origin(connection, key)) is not None:
        return store.newest_version(connection, before).id or 0
    version_id = alerts.open_alert(connection, draft, acting)
    assert version_id is not None
    if manual.send_at is not None:
        schedule.set_schedule(connection, version_id, manual.send_at, timedelta(hours=manual.expire_hours), acting)
    return version_id


def audience_for(connection: Connection, manual: ManualAlert) -> Audience:
    """Return whom a form is for within its countries.

    Raises:
        NotFound: no such employer, group or person.
    """
    # Looked up for the office: who may write an alert at all was asked before.
    groups.refuse_unknown(connection, SYSTEM, manual.people)
    return Audience(
        places=tuple(manual.places),
        employers=tuple(find_employer(connection, SYSTEM, code).employer_id for code in manual.employers),
        people=tuple(manual.people),
        groups=tuple(groups.find(connection, name).id or 0 for name in manual.groups),
    )


def from_template(connection: Connection, manual: ManualAlert, acting: Acting) -> ManualAlert:
    """Return the form with the words of its template, filled. What the officer wrote by hand goes before the template's.

    Raises:
        NotFound: there is no such template. BadInput: a gap is left open, or the words do not fit the form.
    """
    template = templates.find(connection, manual.template)
    countries = read_countries(manual.countries)
    known = {one: _known(manual, countries, acting, one) for one in LANGUAGES}
    filled = templates.fill(template, manual.values, cast("dict[str, dict[str, str]]", known))
    filled["title_zh"], filled["title_en"] = (" ".join(filled[one].split()) for one in ("title_zh", "title_en"))
    words = {name: getattr(manual, name) or filled[name].strip() for name in FORM_FIELDS}
    for name, limit in (("title_zh", 120), ("body_zh", 2000), ("title_en", 200), ("body_en", 4000)):
        if len(words[name]) > limit:
            raise BadInput(t("Filled, the template {template} is too long: {name} has {count} characters, {most} are allowed.",
                             template=template.name, name=name, count=len(words[name]), most=limit))  # fmt: skip
    return manual.model_copy(update=words)


def _known(manual: ManualAlert, countries: tuple[str, ...], acting: Acting, language: Language) -> dict[str, str]:
    zh = language == "zh"
    return {
        "countries": place_words(countries, language), "places": ("、" if zh else ", ").join(manual.places),
        "office": acting.office.zh if zh else acting.office.en, "phone": acting.office.phone,
    }  # fmt: skip
