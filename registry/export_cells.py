"""The cells of an exported roster, in the words that the reader of rosters understands, and for machines. Pure."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from core.i18n import Language, Message, t
from core.languages import language_name
from core.places.names import display
from registry.export import ExportRow
from registry.people import ContactView, PostingView
from registry.roster.country import read_countries
from registry.roster.stay import read_stay
from registry.tables import PostingStatus

HEADINGS: dict[Language, tuple[str, ...]] = {
    "zh": (
        "编号", "派出单位", "姓名", "所在国家", "城市", "境外机构", "项目名称", "境外电话", "国内手机", "邮箱",
        "抵达日期", "预计回国日期", "状态", "通知语言", "同意境外传输", "紧急联系人", "备注",
    ),
    "en": (
        "No", "Employer", "Name", "Country", "City", "Site", "Project", "Phone abroad", "Phone at home", "Email",
        "From", "To", "Status", "Language", "Consent abroad", "Emergency contact", "Remarks",
    ),
}  # fmt: skip
"""Words of `registry/roster/columns.csv`; number, employer and remarks are not read when the file is imported."""

STATUS: dict[Language, dict[PostingStatus, str]] = {
    "zh": {
        PostingStatus.ABROAD: "在外", PostingStatus.PLANNED: "计划", PostingStatus.RETURNED: "已回国",
        PostingStatus.DOUBTFUL: "待确认",
    },
    "en": {status: status.value for status in PostingStatus},
}  # fmt: skip
LANGUAGE: dict[Language, dict[str, str]] = {
    "zh": {"zh": "中文", "en": "英文"},
    "en": {"zh": "Chinese", "en": "English"},
}
YES_NO: dict[Language, tuple[str, str]] = {"zh": ("否", "是"), "en": ("no", "yes")}
BETWEEN = "; "
Dates = tuple[date | None, date | None]


def cells(row: ExportRow, language: Language, day: date) -> tuple[str, ...]:
    """Return the cells of a row, under `HEADINGS`.

    Dates that would make an import doubt the status (abroad, and yet past the last day) stand in the remark instead, so that
    a file nobody has touched changes nothing.

    Args:
        day: today at the office.
    """
    stay = row.stay
    begins, ends = _kept(stay, day) if stay is not None else (None, None)
    return (
        str(row.number), row.employer, row.name, _place(stay.country, language) if stay is not None else "",
        *((stay.city, stay.site, stay.project) if stay is not None else ("", "", "")),
        BETWEEN.join(row.abroad), BETWEEN.join(row.home), BETWEEN.join(row.mails), _date(begins), _date(ends),
        STATUS[language][stay.status] if stay is not None else "",
        LANGUAGE[language].get(row.language) or language_name(row.language, language),
        YES_NO[language][row.foreign], BETWEEN.join(_contact(one) for one in row.contacts),
        BETWEEN.join(one.render(language) for one in _remarks(row, (begins, ends))),
    )  # fmt: skip


def plain(row: ExportRow) -> dict[str, object]:
    """Return a row for machines: country as ISO alpha-2, every date as it is known, phones and mails as lists."""
    stay = row.stay
    return {
        "person": row.number, "employer": row.employer or None, "name": row.name, "language": row.language,
        "country": stay.country if stay else None, "city": stay.city if stay else "", "site": stay.site if stay else "",
        "project": stay.project if stay else "", "status": stay.status.value if stay else None,
        "date_from": stay.date_from if stay else None, "date_to": stay.date_to if stay else None,
        "confirmed_at": stay.confirmed_at if stay else None,
        "phones_abroad": row.abroad, "phones_home": row.home, "mails": row.mails, "addresses_stopped": row.stopped,
        "consent_abroad": row.foreign,
        "contacts": [{"name": one.name, "relation": one.relation, "phone": one.phone} for one in row.contacts],
    }  # fmt: skip


@lru_cache(maxsize=1024)
def _place(code: str, language: Language) -> str:
    """Return the name of a country if the reader of rosters is sure of it, else its code, of which it always is."""
    name = display(code, language)
    found = read_countries(name)
    return name if found.sure and found.codes == (code,) else code


@lru_cache(maxsize=4096)
def _fits(status: PostingStatus, begins: date | None, ends: date | None, day: date) -> bool:
    word = STATUS["zh"][status]
    read = read_stay(word, begins, ends, day=day, date_unread=False)
    return (read.status, read.date_from, read.date_to) == (status, begins, ends)


def _kept(stay: PostingView, day: date) -> Dates:
    """Return the dates with which the status is read as it is known."""
    wanted: list[Dates] = [(stay.date_from, stay.date_to), (stay.date_from, None), (None, stay.date_to)]
    return next((one for one in wanted if _fits(stay.status, *one, day)), (None, None))


def _remarks(row: ExportRow, kept: Dates) -> list[Message]:
    found = []
    if row.stay is not None and (row.stay.date_from, row.stay.date_to) != kept:
        found.append(t("Please check: known as {begins} to {ends}.",
                       begins=_date(row.stay.date_from) or "…", ends=_date(row.stay.date_to) or "…"))  # fmt: skip
    if row.stopped:
        found.append(t("Every address is stopped: nothing is sent to them."))
    elif not (row.abroad or row.home or row.mails):
        found.append(t("No address."))
    return found


def _contact(one: ContactView) -> str:
    relation = f"（{one.relation}）" if one.relation else " "
    return f"{one.name}{relation}{one.phone}".strip()


def _date(one: date | None) -> str:
    return one.isoformat() if one is not None else ""
