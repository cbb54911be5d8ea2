"""One-character country names of headlines (赴日, 驻乌使馆, 泰柬边境), read only where a place is called for. Pure."""

from __future__ import annotations

import re
from functools import cache

from core.places.names import codes, display
from core.places.normal import any_of
from core.places.tables import DATA, codes_of, rows

_WHO = any_of("""
    中国 中资 我国 我公民 我侨 公民 国民 华侨 华人 华商 华裔 侨胞 侨民 同胞 留学 旅居 旅客 旅游 旅行 游客 游玩
    自由行 自驾 人员 人士 居民 企业 机构 单位 项目 学子 学生 学者 学习 学校 务工 打工 工作 就业 求职 劳务 经商
    投资 商务 出差 探亲 访问 参展 参会 研学 生活 居住 定居 停留 过境 转机 中转 签证 航班 航线 入境 结婚 婚恋
    婚姻 娶 相亲 参赌 赌博 淘金 就医 医疗 整容 代购 潜水 登山 滑雪 观光 度假 员工 工人 船员 教师 志愿者 朝觐
    常驻 长期 短期 临时 境内 期间 当地
""")
"""Who is in, or goes to, a country, and what for: what must follow 在X, 赴X, 来X."""

_AFTER_GO = any_of("""
    (?=$ [\\s,.;:!?，。；：！？、)）\"”」》] 的 前 后 等 时 需 须 应 请 要 将 注意 谨慎 提醒 安全 近期 如 途 团
    游 行 留 务 商 签 考 者 或 和 及)
""")
_CHAR = "(?P<chars>[\u4e00-\u9fff]{1,3}?)"
_PATTERNS = (
    # 驻乌大使馆, 驻日使领馆, 驻美中资企业
    re.compile(f"(?P<verb>驻){_CHAR}(?=大使|使馆|使领馆|使团|总领|领馆|领事|代表处|中国|中资|机构|人员|企业|外交)"),
    # 赴日旅游, 来泰游客, 离乌回国, 留美学生; 正在, 存在 and the like are no 在
    re.compile(
        f"(?P<verb>(?<![正现存实所内潜外自好健旨常不还仍同处])在|赴|来|抵|离|旅(?!居)|留|访|返|滞|入|前往|去往|到访){_CHAR}(?={_WHO})"
    ),
    # 暂勿赴乌。 慎赴日; after a verb of going the sentence may end
    re.compile(f"(?P<verb>赴|前往|访|抵|离){_CHAR}{_AFTER_GO}"),
    re.compile(f"(?P<verb>(?:勿|慎|免|不|要|宜)(?:来|去|入)){_CHAR}{_AFTER_GO}"),
    # 中国公民在澳
    re.compile(f"(?P<verb>(?:公民|同胞|人员|游客|学生|侨胞|留学生|旅客|人)在){_CHAR}(?=$|[\\s,，。;；:：!！、])"),
    re.compile(f"(?P<verb>近期|提醒){_CHAR}(?=境内中国公民|华人华侨)"),
)
_PAIR_TAIL = "(?=边境|边界|边区|交界|冲突|局势|战事|战争|紧张|停火|口岸|关系紧张|实控线|接壤|两国|边民)"


@cache
def customary() -> dict[str, tuple[str, ...]]:
    """Return the customary one-character names with their countries; several mean that an officer must choose."""
    return {row["char"]: codes_of(row) for row in rows(DATA / "shorts.csv")}


@cache
def _by_first() -> dict[str, tuple[str, ...]]:
    """Return, by first character, the countries whose Chinese names begin with it."""
    found: dict[str, tuple[str, ...]] = {}
    for code in sorted(codes() - {"CN", "HK", "MO", "TW"}):
        first = display(code, "zh")[0]
        found[first] = (*found.get(first, ()), code)
    return found


def beginning_with(char: str) -> tuple[str, ...]:
    """Return the countries whose Chinese name begins with `char`: a post in Ghana means Ghana by 加."""
    return _by_first().get(char, ())


def candidates(char: str) -> tuple[str, ...]:
    """Return the countries that `char` may stand for, none if it stands for none."""
    return customary().get(char, ())


def short_names(text: str) -> list[tuple[int, int, str]]:
    """Return `(start, end, issuer)` of each character used as a country name; `issuer` is 驻 or empty."""
    found = []
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not all(candidates(char) for char in match["chars"]):
                continue
            # In a run of several characters each must be customary, or 赴巴西游客 would be read as two countries.
            if len(match["chars"]) > 1 and not all(len(customary().get(char, ())) == 1 for char in match["chars"]):
                continue
            issuer = "驻" if match["verb"] == "驻" else ""
            found += [(at, at + 1, issuer) for at in range(*match.span("chars"))]
    return sorted(set(found))


@cache
def _pair_pattern() -> re.Pattern[str]:
    return re.compile("(" + "|".join(_pairs()) + ")" + _PAIR_TAIL)


@cache
def _pairs() -> dict[str, tuple[str, ...]]:
    return {row["pair"]: codes_of(row) for row in rows(DATA / "pairs.csv")}


def short_pairs(text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    """Return `(start, end, codes)` of each pair of neighbours named by one character each (泰柬边境)."""
    return [(match.start(1), match.end(1), _pairs()[match[1]]) for match in _pair_pattern().finditer(text)]
