"""One row of a roster, judged: accepted, changed, doubtful or refused, with every reason. Pure."""

from __future__ import annotations

import re
from datetime import date

from core.errors import BadInput
from core.i18n import t
from core.languages import read_language
from core.places.names import codes as all_codes
from registry.cells import Problem, clean, names, visible
from registry.dates import read_date
from registry.employers import check_credit_code
from registry.people import NewPosting
from registry.roster.columns import Column, Header, meaning
from registry.roster.country import Countries, read_countries
from registry.roster.judgement import Judgement, judgement
from registry.roster.model import Outcome, RosterPerson, RowResult, Weight
from registry.roster.reach import addresses, emergency
from registry.roster.stay import Stay, read_stay
from registry.roster.table import RawRow, RawTable
from registry.tables import PostingStatus

LANGUAGES = {
    **dict.fromkeys(("中文", "汉语", "普通话", "简体中文", "chinese", "zh", "zh-cn"), "zh"),
    **dict.fromkeys(("英文", "英语", "english", "en"), "en"),
}
YES = frozenset({"是", "同意", "y", "yes", "true", "1", "✓", "√"})
NO = frozenset({"否", "不同意", "n", "no", "false", "0", "×"})
NOT_A_PERSON = re.compile(
    r"合计|总计|小计|共计|总人数|填表|填报|制表|备注[:：]|说明[:：]|注[:：]|审核|total\b|notes?:", re.IGNORECASE
)
PRESENT = frozenset({PostingStatus.ABROAD, PostingStatus.PLANNED})
LONGEST_NAME = 100
SEVERAL_NAMES = re.compile(r"[\u4e00-\u9fff]\s*[、/;；,，\n]\s*[\u4e00-\u9fff]")


def is_person(row: RawRow, header: Header) -> bool:
    """Tell a row about somebody from a sum, a remark under the table, an empty numbered line or the header once more."""
    name = row.cells[header.found[Column.NAME][0]]
    if name and name == header.name_of(Column.NAME):
        return False
    numbers = [row.cells[at] for at in header.numbering]
    marked = any(not cell.isdecimal() and NOT_A_PERSON.match("".join(cell.split())) for cell in numbers if cell)
    if not marked and len(name) <= 4 and name.isalpha() and not NOT_A_PERSON.match(name):
        return True
    filled = [at for at, cell in enumerate(row.cells) if cell]
    if not name and _is_nobody(row, header, filled):
        return False
    first = clean(name) or clean(row.cells[filled[0]] if filled else "")
    if not marked and not NOT_A_PERSON.match("".join(first.split())):
        return True
    return any(read_countries(row.cells[at]).codes for at in header.found.get(Column.COUNTRY, ()))


def _is_nobody(row: RawRow, header: Header, filled: list[int]) -> bool:
    """Tell a row without a name that only numbers an empty line, says one thing below the table, or heads it again."""
    if not filled:
        return False  # what it holds is not kept (papers): somebody without a name
    if set(filled) <= header.numbering:
        return True
    read = {at for places in header.found.values() for at in places}
    remark = len(filled) == 1 and filled[0] not in read | header.secret and not row.cells[filled[0]].isdecimal()
    return remark or (len(filled) > 1 and all(meaning(row.cells[at]) is not None for at in filled))


def check_row(row: RawRow, table: RawTable, day: date) -> RowResult:
    """Judge one row. `day` is today at the office."""
    judged = judgement(row, table)
    name = _name(judged)
    stay = _stay(judged, day)
    countries = _countries(judged, stay)
    host = countries.codes[0] if len(countries.codes) == 1 else None
    reached, contacts = addresses(judged, host), emergency(judged)
    language, foreign = _language(judged), _foreign(judged)
    _credit_code(judged)
    if table.hidden:
        judged.add(Column.NAME, name, t("This sheet is hidden. Show it if it holds, or delete it."), Weight.DOUBT)
    if judged.outcome == Outcome.REFUSED:
        return RowResult(row.number, Outcome.REFUSED, None, tuple(judged.findings), table.sheet, name)
    # A country that is not sure makes the stay unsure: it is told from level 3 up only, and marked.
    unsure = (table.hidden or not countries.sure) and stay.status in PRESENT
    status = PostingStatus.DOUBTFUL if unsure else stay.status
    city, project = judged.cell(Column.CITY)[:100], judged.cell(Column.PROJECT)[:200]
    site = judged.cell(Column.SITE)[:200] or project
    postings = tuple(
        NewPosting(code, status, stay.date_from, stay.date_to, city=city, site=site, project=project)
        for code in countries.codes
    )
    person = RosterPerson(name, language, foreign, postings, reached, contacts)
    return RowResult(row.number, judged.outcome, person, tuple(judged.findings), table.sheet, name)


def _name(judged: Judgement) -> str:
    text = judged.cell(Column.NAME)
    name = visible(text).strip()
    if not name:
        judged.add(Column.NAME, text, t("The name is missing."), Weight.REFUSAL)
    elif len(name) > LONGEST_NAME or name[0] in "+-@" or not any(character.isalpha() for character in name):
        judged.add(Column.NAME, text, t("This is no name."), Weight.REFUSAL)
    elif SEVERAL_NAMES.search(name):
        judged.add(Column.NAME, text, t("Several names in one cell. Write one row for each person."), Weight.DOUBT)
    elif name != text:
        judged.add(Column.NAME, text, t("Invisible characters were taken out of the name."), Weight.NOTE)
    return name


def _countries(judged: Judgement, stay: Stay) -> Countries:
    text = judged.cell(Column.COUNTRY)
    found = read_countries(text) if text else _from_elsewhere(judged)
    if stay.status == PostingStatus.RETURNED and not found.codes:
        judged.add(Column.COUNTRY, text, t("Returned: write the country the person came back from."), Weight.REFUSAL)
    elif found.remark is not None:
        weight = Weight.NOTE if found.sure else Weight.DOUBT if found.told else Weight.REFUSAL
        judged.add(Column.COUNTRY, text, found.remark, weight)
    elif not found.sure:
        remark = t("Read as {codes}, but it is not certain. Write only the country.", codes=names(found.codes))
        judged.add(Column.COUNTRY, text, remark, Weight.DOUBT)
    return found


def _from_elsewhere(judged: Judgement) -> Countries:
    """Read the country where the country cell is empty: off the sheet's name, else off the project or the city."""
    table = judged.table
    sheet = read_countries(table.sheet) if table.sheet not in all_codes() else read_countries("")
    if sheet.sure and len(sheet.codes) == 1:
        remark = t("Read as {codes} by the name of the sheet.", codes=names(sheet.codes))
        return Countries(sheet.codes, Column.COUNTRY not in table.header.found, remark)
    for column in (Column.SITE, Column.PROJECT, Column.CITY):
        found = read_countries(judged.cell(column))
        if len(found.codes) == 1:
            remark = t("The country is missing. Read as {codes} by {column}.",
                       codes=names(found.codes), column=table.header.name_of(column))  # fmt: skip
            return Countries(found.codes, False, remark)
    return read_countries("")


def _credit_code(judged: Judgement) -> None:
    for name, text in judged.cells(Column.CREDIT_CODE):
        try:
            check_credit_code(text)
        except BadInput as wrong:
            judged.add(Column.CREDIT_CODE, text, wrong.message, Weight.DOUBT, name=name)


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
        return None, any(finding.column == judged.table.header.name_of(column) for finding in judged.findings)
    found = read_date(text)
    if isinstance(found, Problem):
        judged.add(column, text, found.reason, Weight.DOUBT)
        return None, True
    return found, False


def _language(judged: Judgement) -> str | None:
    text = judged.cell(Column.LANGUAGE)
    word = clean(text).lower()
    found = LANGUAGES.get(word) or (None if word in NO else read_language(word))
    if text and found is None:
        judged.add(
            Column.LANGUAGE, text, t("No language we know: write 中文, English, or the name of another one, such as 法语."),
            Weight.DOUBT,
        )  # fmt: skip
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
