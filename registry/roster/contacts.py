"""Emergency contacts as rosters write them: 李某（妻）138…, 妻子李某 138…, or name, relation and number apart. Pure."""

from __future__ import annotations

import re

from registry.cells import Problem, clean
from registry.people import NewContact
from registry.phones import Phone, read_phone

# Longest first: 妻子 before 妻. A word alone is a relation; a long one may stand before or after the name without a mark.
WORDS = """
    妻子 丈夫 配偶 爱人 老婆 老公 夫妻 父亲 母亲 爸爸 妈妈 父子 母子 父女 母女 儿子 女儿 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄妹
    姐弟 岳父 岳母 公公 婆婆 叔叔 姑姑 舅舅 亲属 亲戚 家属 家人 朋友 同事 领导 女友 男友
    wife husband spouse partner father mother parent son daughter brother sister friend colleague
"""
LONG = tuple(WORDS.split())
RELATIONS = frozenset((*LONG, *"妻夫父母爸妈子女兄弟姐妹哥叔舅姑"))
LABELS = re.compile(
    r"紧急联系人|联系人|联系电话|联系方式|电话号?码?|手机号?码?|姓名|关系|微信同号|phone|mobile|tel\b|name|relation",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\+?\d[\d\s\-().]{4,}\d|\d(?:\.\d+)?[eE]\+?\d+")
BETWEEN = re.compile(r"[;\n\r]+")
MARKS = re.compile(r"[\s,:：;、|/()\[\]\-—~]+")


def read_contacts(text: str) -> tuple[NewContact | Problem, ...]:
    """Read every contact in a cell, each as far as it is told; numbers that cannot be read are handed back."""
    return tuple(one for part in BETWEEN.split(clean(text)) for one in _read_part(part))


def _read_part(text: str) -> list[NewContact | Problem]:
    contacts: list[NewContact] = []
    problems: list[NewContact | Problem] = []
    start = 0
    for number in NUMBER.finditer(text):
        name, relation = _who(text[start : number.start()])
        phone = read_phone(number[0], host_country="CN")
        if isinstance(phone, Problem):
            problems.append(Problem(number[0], phone.reason))
        if not name and contacts:
            name, relation = contacts[-1].name, contacts[-1].relation  # a second number of the same person
        contacts.append(NewContact(name, relation, phone.e164 if isinstance(phone, Phone) else ""))
        start = number.end()
    name, relation = _who(text[start:])
    if contacts and (not name or not contacts[-1].name):  # 138… 李某（妻）, 李某 138… 妻
        last = contacts[-1]
        contacts[-1] = NewContact(last.name or name, last.relation or relation, last.phone)
    elif name or relation:
        contacts.append(NewContact(name, relation, ""))
    return [*problems, *(one for one in contacts if one.name or one.phone or one.relation)]


def _who(text: str) -> tuple[str, str]:
    """Return name and relation of the words before a number."""
    relation, names = "", []
    for word in MARKS.split(LABELS.sub(" ", text)):
        plain = word.lower()
        if plain in RELATIONS:
            relation = relation or word
        elif (
            word
            and len(word) > 2
            and not relation
            and (joint := next((one for one in LONG if plain.startswith(one)), ""))
        ):
            relation, rest = word[: len(joint)], word[len(joint) :]
            names.append(rest)
        elif word:
            names.append(word)
    return " ".join(names), relation


def together(known: list[NewContact], relation: str) -> tuple[NewContact, ...]:
    """Join what stands in several columns: one name and its numbers are one person; the relation goes to the first."""
    names, numbers = [one for one in known if one.name], [one for one in known if one.phone and not one.name]
    if len(names) == 1 and not names[0].phone and numbers:
        known = [NewContact(names[0].name, names[0].relation or one.relation, one.phone) for one in numbers]
    if known and relation and not any(one.relation for one in known):
        first = known[0].name
        known = [NewContact(one.name, relation if one.name == first else "", one.phone) for one in known]
    return tuple(dict.fromkeys(known))
