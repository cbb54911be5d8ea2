"""Reading an answer: safe, needs help, or unclear. Pure.

The two errors are not alike: who needs help and is taken for safe is not looked for; who is safe and is taken for unclear is asked
once more. So whatever smells of need is help, and safe is only who says so plainly, of themselves, now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from core.places.normal import normalise
from notify.safety.model import Answer
from notify.safety.phrases import (
    ASKING,
    ASKS,
    DOUBT,
    EMOJI,
    HAZARD,
    HEARD,
    MINE,
    MY_OTHERS,
    NEED,
    NOTHING,
    OTHERS,
    PLAIN,
    QUOTED,
    SAFE,
    STEPS,
    TAG,
    WEAK,
)

LONGEST = 2000
"""Characters that are read. Of a longer text it is not said that somebody is safe: what is behind may say otherwise."""
_QUOTE_BEGINS = re.compile(
    r"^\s*(?:-{2,}\s*(?:原始邮件|回复的?邮件|转发的?邮件|original message|forwarded message).*|on .{4,120} wrote:|在.{4,80}写道[:：]"
    r"|(?:发件人|寄件者|from)\s*[:：].+|_{8,}|--\s*|发自我的.*|sent from my .*|来自.{0,20}(?:手机|邮箱).*)$",
    re.IGNORECASE,
)
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\ufe0e\ufe0f\u20e3\ue000-\uf8ff\U0001f3fb-\U0001f3ff]")
_DIGITS = str.maketrans({"❶": "1", "❷": "2", "➀": "1", "➁": "2", "➊": "1", "➋": "2", "壹": "1", "贰": "2"})
_CLAUSES = re.compile(
    r"([,，。;；!！?？、…~～\n]+|\.(?=\s|$)|但是|不过|可是|然而|只是|但|\bbut\b|\bhowever\b|\bthough\b|\balthough\b|\bexcept\b)"
)
_COUNTED = "人|名|个|位|天|日|号|楼|层|点|小时|分|月|周|年|岁|次|家|辆|间|公里|米|km|%|:\\d|\\.\\d|/|-\\d"
_CHOSEN = re.compile(
    rf"^\W*(?:我?(?:回复|回|选择|选|按|答)|reply|answer|press|option)?\W*([12])(?!\d|\s*(?:{_COUNTED}))"
    r"(?=$|[,，。;；!！、:：)）\]】.~-]|\s+[^a-z\s]|\s*(?:td|t|stop|pls|please)\b|平安|安全|safe|ok|没事|需要|求助|救|help|被困|受伤)"
)
_CHOSEN_LAST = re.compile(
    rf"(?:(?:回复|回|选择|选|按|答|reply|answer|press|option)\W*|(?<=[,，。;；!！、])\s*|(?:平安|安全|没事|帮助|求助|safe|ok|help|{SAFE})\s+)([12])\W*$"
)
_LINK = re.compile(r"(?:https?://|www\.)[!-~]+|[a-z0-9.:-]*/safe/[a-z0-9]+", re.IGNORECASE)
"""Our own link, sent back: its words are not the writer's. It ends where Chinese begins, with or without a blank."""

_ECHO = re.compile(
    r"^\W*(?:liked|loved|disliked|emphasi[sz]ed|questioned|laughed at|reacted \S{1,8} to"
    r"|赞了|喜欢了?|不喜欢|强调了?|质疑了?|哈哈大笑|心爱)\s*[“\"「]",
    re.IGNORECASE,
)
"""What a telephone writes when its owner taps a sign onto our message: the words behind it are ours."""
_EMERGENCY = frozenset({"110", "112", "119", "120", "911", "999", "12308"})
_ALONE = {"一": Answer.SAFE, "二": Answer.HELP, "no": Answer.HELP, "不": Answer.HELP, "不是": Answer.HELP, "否": Answer.HELP,
          "nope": Answer.HELP, "在": Answer.UNCLEAR}  # fmt: skip
"""What only says something as the whole answer. A bare no to "are you safe?" smells of need."""


@dataclass
class _Clause:
    """A part of an answer, with what is marked in it. `tag`: it only asks about the part before it."""

    words: str
    text: str
    asks: bool = False
    sure: bool = True
    tag: bool = False

    def marks(self) -> set[str]:
        """Return what counts of what is marked."""
        found = {one for one in (SAFE, NEED, WEAK, HAZARD) if one in self.text}
        if self.asks:
            found &= {NEED}
        return found if self.sure else found - {SAFE}


def read(text: str) -> Answer:
    """Read an answer as it came, by whichever way: a digit, a word, an emoji or free text, in Chinese or English."""
    if _ECHO.match(text):
        return Answer.UNCLEAR
    written = _LINK.sub(" ", own_words(text))
    words = _folded(written[:LONGEST])
    whole = re.sub(r"[\s\W_]+", "", words)
    if whole.isdecimal() and "?" not in words:
        return _digits(whole)
    if whole in _ALONE:
        return _ALONE[whole]
    found = _judged(QUOTED.sub(PLAIN, words))
    return Answer.UNCLEAR if found is Answer.SAFE and len(written) > LONGEST else found


def own_words(text: str) -> str:
    """Return what somebody wrote themselves, without the mail they answer and without what their telephone adds."""
    kept: list[str] = []
    for line in text.splitlines():
        if _QUOTE_BEGINS.match(line):
            break
        if not line.lstrip().startswith((">", "》 ", "| ")):
            kept.append(line)
    return "\n".join(kept).strip()


def _folded(text: str) -> str:
    plain = _INVISIBLE.sub("", text).translate(_DIGITS)
    for sign, mark in EMOJI.items():
        plain = plain.replace(sign, mark)
    return normalise(plain).casefold().strip()


def _digits(digits: str) -> Answer:
    """Read an answer of digits alone: 2 is chosen wherever it stands beside 1; anything else is a number of its own."""
    if digits in _EMERGENCY or (set(digits) <= {"1", "2"} and "2" in digits):
        return Answer.HELP
    return Answer.SAFE if digits == "1" else Answer.UNCLEAR


def _judged(words: str) -> Answer:
    clauses = _clauses(words)
    found: set[str] = set().union(*(clause.marks() for clause in clauses))
    chosen = _chosen(words)
    if found & {NEED, WEAK} or chosen == "2":
        return Answer.HELP
    if SAFE in found and not _only_heard(words, clauses):
        return Answer.SAFE
    if chosen == "1" and not any(clause.asks for clause in clauses):
        return Answer.UNCLEAR if HAZARD in found else Answer.SAFE
    denied = any(_ALONE.get(clause.words) is Answer.HELP for clause in clauses)
    return Answer.HELP if HAZARD in found or denied else Answer.UNCLEAR


def _chosen(words: str) -> str:
    """Return the digit that was chosen in front of, or behind, other words; empty if a number only counts something."""
    first, last = _CHOSEN.match(words), _CHOSEN_LAST.search(words)
    digits = {one.group(1) for one in (first, last) if one is not None}
    if re.search(rf"(?:平安|安全|{SAFE}|safe|ok)2\W*$", words):
        digits.add("2")
    return max(digits, default="")


def _clauses(words: str) -> list[_Clause]:
    parts = _CLAUSES.split(words)
    found = [_clause(text, end) for text, end in zip(parts[::2], [*parts[1::2], ""], strict=True)]
    for before, clause in pairwise(found):
        before.asks |= clause.tag
    return found


def _clause(words: str, end: str) -> _Clause:
    text = NOTHING.sub(PLAIN, words.strip())
    asked = re.search("是不是|有没有|需不需要|安不安全|安全不安全|平不平安|好不好|要不要|用不用", text)
    text = text if asked is None else text.replace(asked[0], ASKS)
    for pattern, mark in STEPS:
        text = pattern.sub(mark, text)
    asks = asked is not None or "?" in end or "？" in end or ASKING.search(text) is not None
    return _Clause(words.strip(), text, asks, _is_sure(words, text), asks and TAG.match(words) is not None)


def _is_sure(words: str, marked: str) -> bool:
    """Tell whether what says safe in a clause is said as known, of now, and of whoever says it."""
    if DOUBT.search(marked):
        return False
    ours = MY_OTHERS.sub("", words)
    return not OTHERS.search(ours) or MINE.search(ours) is not None


def _only_heard(words: str, clauses: list[_Clause]) -> bool:
    """Tell whether `ok` only says that our message came."""
    bare = re.sub(rf"\b(?:ok|okay)\b|(?<![a-z])ok(?![a-z])|[{PLAIN}{SAFE}\s\W]", "", HEARD.sub("", words))
    return HEARD.search(words) is not None and not bare
