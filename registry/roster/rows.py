"""One row of a roster, judged: accepted, doubtful or refused, with every reason. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from core.i18n import Message, t
from registry.cells import Problem, clean
from registry.dates import read_date
from registry.mails import read_mails
from registry.people import Channel, NewAddress, NewPosting
from registry.phones import Phone, read_phones
from registry.roster.columns import Column, Header
from registry.roster.country import read_countries
from registry.roster.model import Finding, Outcome, RosterPerson, RowResult, Weight
from registry.roster.read import RawRow
from registry.roster.stay import Stay, read_stay
from registry.tables import PostingStatus

LANGUAGES = {
    **dict.fromkeys(("中文", "汉语", "普通话", "简体中文", "chinese", "zh", "zh-cn"), "zh"),
    **dict.fromkeys(("英文", "英语", "english", "en"), "en"),
}
YES = frozenset({"是", "同意", "y", "yes", "true", "1", "✓", "√"})
NO = frozenset({"否", "不同意", "n", "no", "false", "0", "×"})
NOTHING = frozenset({"无", "/", "-", "--", "—", "n/a", "none", "没有", "暂无"})
NOT_A_PERSON = re.compile(
    r"合计|总计|小计|共计|总人数|填表|填报|制表|备注[:：]|说明[:：]|注[:：]|审核|total\b|notes?:", re.IGNORECASE
)


@dataclass
class Judgement:
    """The findings on one row as they come up."""

    row: RawRow
    header: Header
    findings: list[Finding] = field(default_factory=list)

    def cells(self, column: Column) -> list[tuple[str, str]]:
        """Return header and text of the filled cells of this meaning; a dash or 无 is no filling."""
        given = [(at, self.row.cells[at]) for at in self.header.found.get(column, ()) if self.row.cells[at]]
        return [
            (self.header.names[at], text) for at, text in given if len(text) > 4 or clean(text).lower() not in NOTHING
        ]

    def cell(self, column: Column) -> str:
        """Return the text of the one cell of this meaning, or an empty text."""
        for at in self.header.found.get(column, ()):
            text = self.row.cells[at]
            if text and (len(text) > 4 or clean(text).lower() not in NOTHING):
                return text
        return ""

    def add(self, column: Column, read: str, message: Message, weight: Weight, *, name: str = "") -> None:
        """Write down a finding."""
        self.findings.append(Finding(self.row.number, name or self.header.name_of(column), read, message, weight))

    @property
    def outcome(self) -> Outcome:
        """Return what the heaviest finding makes of the row."""
        if not self.findings:
            return Outcome.ACCEPTED
        weights = {finding.weight for finding in self.findings}
        if Weight.REFUSAL in weights:
            return Outcome.REFUSED
        return Outcome.DOUBTFUL if Weight.DOUBT in weights else Outcome.ACCEPTED


def is_person(row: RawRow, header: Header) -> bool:
    """Tell a row about somebody from a sum, a remark under the table or the header once more (合计, 填表说明)."""
    name = clean(row.cells[header.found[Column.NAME][0]])
    if name == clean(header.name_of(Column.NAME)):
        return False
    first = clean(next(cell for cell in row.cells if cell))
    marked = NOT_A_PERSON.match(name) if name else NOT_A_PERSON.match(first)
    countries = [row.cells[at] for at in header.found.get(Column.COUNTRY, ())]
    return not marked or any(read_countries(text).codes for text in countries)


def check_row(row: RawRow, header: Header, day: date) -> RowResult:
    """Judge one row. `day` is today at the office."""
    judged = Judgement(row, header)
    name = _name(judged)
    country = judged.cell(Column.COUNTRY)
    countries = read_countries(country)
    stay = _stay(judged, day)
    if stay.status == PostingStatus.RETURNED and not countries.codes:
        judged.add(Column.COUNTRY, country, t("Returned: write the country the person came back from."), Weight.REFUSAL)
    elif countries.remark is not None:
        weight = Weight.NOTE if countries.sure else Weight.DOUBT if countries.codes else Weight.REFUSAL
        judged.add(Column.COUNTRY, country, countries.remark, weight)
    host = countries.codes[0] if len(countries.codes) == 1 else None
    addresses = _addresses(judged, host)
    language, foreign = _language(judged), _foreign(judged)
    if judged.outcome == Outcome.REFUSED:
        return RowResult(row.number, Outcome.REFUSED, None, tuple(judged.findings))
    # A country that is not sure makes the stay unsure: it is told from level 3 up only, and marked.
    unsure = not countries.sure and stay.status in {PostingStatus.ABROAD, PostingStatus.PLANNED}
    status = PostingStatus.DOUBTFUL if unsure else stay.status
    city, site = judged.cell(Column.CITY)[:100], judged.cell(Column.SITE)[:200]
    postings = tuple(
        NewPosting(code, status, stay.date_from, stay.date_to, city=city, site=site) for code in countries.codes
    )
    person = RosterPerson(name, language, foreign, postings, addresses)
    return RowResult(row.number, judged.outcome, person, tuple(judged.findings))


def _name(judged: Judgement) -> str:
    text = judged.cell(Column.NAME)
    if not text:
        judged.add(Column.NAME, text, t("The name is missing."), Weight.REFUSAL)
    elif not any(character.isalpha() for character in text) or len(text) > 100:
        judged.add(Column.NAME, text, t("This is no name."), Weight.REFUSAL)
    return text


def _stay(judged: Judgement, day: date) -> Stay:
    date_from, unread_from = _date(judged, Column.DATE_FROM)
    date_to, unread_to = _date(judged, Column.DATE_TO)
    text = judged.cell(Column.STATUS)
    stay = read_stay(text, date_from, date_to, day=day, date_unread=unread_from or unread_to)
    for doubt in stay.doubts:
        judged.add(Column.STATUS, text, doubt, Weight.DOUBT)
    return stay


def _date(judged: Judgement, column: Column) -> tuple[date | None, bool]:
    text = judged.cell(column)
    if not text:
        return None, False
    found = read_date(text)
    if isinstance(found, Problem):
        judged.add(column, text, found.reason, Weight.DOUBT)
        return None, True
    return found, False


def _addresses(judged: Judgement, host: str | None) -> tuple[NewAddress, ...]:
    phones = [*_phones(judged, Column.PHONE_ABROAD, host), *_phones(judged, Column.PHONE_HOME, "CN")]
    mails = []
    for name, text in judged.cells(Column.EMAIL):
        for mail in read_mails(text):
            if isinstance(mail, Problem):
                judged.add(Column.EMAIL, mail.read, mail.reason, Weight.DOUBT, name=name)
            else:
                mails.append(mail)
    if not phones and not mails:
        judged.add(
            Column.PHONE_ABROAD, "", t("No phone and no mail address: this person cannot be reached."), Weight.DOUBT
        )
    elif not mails and all(phone.fixed for phone in phones):
        judged.add(
            Column.PHONE_ABROAD, phones[0].e164, t("Only a fixed line: text messages will not arrive."), Weight.DOUBT
        )
    # Mobile numbers before fixed lines, the number abroad before the one at home.
    order = dict.fromkeys(phone.e164 for phone in sorted(phones, key=lambda phone: phone.fixed))
    numbers = [NewAddress(Channel.SMS, value, place) for place, value in enumerate(order, start=1)]
    return (
        *numbers,
        *(NewAddress(Channel.EMAIL, mail, place) for place, mail in enumerate(dict.fromkeys(mails), len(numbers) + 1)),
    )


def _phones(judged: Judgement, column: Column, host: str | None) -> list[Phone]:
    found = []
    for name, text in judged.cells(column):
        for phone in read_phones(text, host_country=host):
            if isinstance(phone, Problem):
                judged.add(column, phone.read, phone.reason, Weight.DOUBT, name=name)
                continue
            found.append(phone)
            if phone.note is not None and column != Column.PHONE_HOME:
                judged.add(column, text, phone.note, Weight.NOTE, name=name)
    return found


def _language(judged: Judgement) -> str | None:
    text = judged.cell(Column.LANGUAGE)
    found = LANGUAGES.get(clean(text).lower())
    if text and found is None:
        judged.add(Column.LANGUAGE, text, t("Notices are in Chinese or English: write 中文 or English."), Weight.DOUBT)
    return found


def _foreign(judged: Judgement) -> bool | None:
    text = judged.cell(Column.CONSENT_ABROAD)
    word = clean(text).lower()
    if text and word not in YES | NO:
        judged.add(
            Column.CONSENT_ABROAD, text, t("Write 是 (yes) or 否 (no). Until then it counts as no."), Weight.DOUBT
        )
        return False
    return word in YES if text else None
