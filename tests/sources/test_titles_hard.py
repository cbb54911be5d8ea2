"""Titles that hold the words of a grade and mean something else: none of them may go out by rule as what it seems.

All are made up for this test; countries, level and doubts were worked out by hand. A notice with a doubt (`ambiguous`), without
a country, or of an unknown level is a draft at most; only a clear one is sent.
"""

from __future__ import annotations

import pytest

from core.places.finder import find
from core.places.spans import Role
from sources.model import Grade, Level
from sources.reading.lifted import ends, lifting
from sources.reading.titles import TitleReading, read_title

LIFTED = [
    ("解除暂勿前往缅甸的安全提醒", "MM"),
    ("“暂勿前往伊拉克”提醒即日起解除", "IQ"),
    ("黎巴嫩安全提醒由“暂勿前往”调整为“谨慎前往”", "LB"),
    ("取消暂勿前往缅甸提醒", "MM"),
    ("暂勿前往海地提醒到期失效", "HT"),
    ("暂勿前往海地的提醒有效期已满", "HT"),
    ("不再建议中国公民暂勿前往斯里兰卡", "LK"),
    ("不存在暂勿前往印度的提醒", "IN"),
    ("取消赴泰国旅行的谣言", "TH"),
    ("外交部：即日起撤销对尼泊尔的“谨慎前往”提醒", "NP"),
    ("驻孟加拉国使馆宣布终止暂勿前往提醒", "BD"),
    ("肯尼亚安全提醒由谨慎前往下调为注意安全", "KE"),
    ("网传“暂勿前往越南” 我使馆辟谣", "VN"),
    ("使馆澄清：未发布暂勿前往老挝的提醒", "LA"),
    ("約旦局勢恢復正常，撤回暫勿前往提醒", "JO"),
    ("中方从未发布暂勿前往马来西亚的提醒", "MY"),
    ("乍得安全级别降为谨慎前往", "TD"),
    ("由“谨慎前往”调整为“暂勿前往” 驻也门使馆", "YE"),
    ("“谨慎前往”改为“注意安全”：驻秘鲁使馆", "PE"),
    ("解禁：不再暂勿前往黎巴嫩", "LB"),
    ("中国公民可正常前往缅甸 原安全提醒撤销", "MM"),
    ("日本海啸预警已解除", "JP"),
    ("智利海啸警报解除 驻智利使馆提醒", "CL"),
]
"""Lifted, expired, denied or changed: which level holds now is for an officer to say."""

STANDS = [
    ("提醒中国公民取消赴黎巴嫩旅行", "LB", 4),
    ("外交部提醒今日起取消赴泰旅行", "TH", 4),
    ("局势恢复正常前暂勿前往加蓬", "GA", 4),
    ("航班恢复正常 请在黎中国公民尽快撤离", "LB", 4),
    ("暂勿前往缅甸，勿信谣言", "MM", 4),
    ("提醒中国公民暂勿前往尼日尔 有效期至2027年3月31日", "NE", 4),
    ("将也门安全提醒升级为“暂勿前往”", "YE", 4),
    ("驻乌干达使馆：签证到期中国公民请尽快离境", "UG", 4),
    ("缅甸解除宵禁 提醒中国公民暂勿前往缅甸", "MM", 4),
    ("请不再前往阿富汗", "AF", 4),
    ("驻巴西使馆提醒中国公民尽快撤离", "BR", 4),
    ("驻马里等国使馆提醒中国公民尽快撤离", "ML", 4),
    ("驻美使馆要求在美中国公民注意安全", "US", 2),
    ("泰国、老挝等国发生洪水 提醒中国公民注意安全", "LA TH", 2),
    ("阿富汗暂勿前往提醒继续有效", "AF", 4),
    ("日本政府发布海啸警报 请立即疏散", "JP", 4),
    ("菲律宾海啸预警 提醒中国公民远离海边", "PH", 2),
    ("如没有必要请勿前往缅甸", "MM", 4),
    ("无需恐慌 请在黎巴嫩中国公民尽快撤离", "LB", 4),
    ("提醒尚未撤离的在苏丹中国公民尽快离境", "SD", 4),
    ("中国公民不得前往伊朗", "IR", 4),
    ("驻委内瑞拉使馆：请中国公民立即转移", "VE", 4),
    ("中国公民紧急疏散！驻海地使馆", "HT", 4),
    ("暂勿前往尼日利亚 注意安全", "NG", 4),
    ("暂勿前往以色列、黎巴嫩", "IL LB", 4),
    ("我驻缅甸使馆提醒尽快撤离", "MM", 4),
    ("中国外交部提醒暂勿前往也门", "YE", 4),
    ("伊朗政府呼吁民众保持冷静 驻伊朗使馆提醒中国公民尽快撤离", "IR", 4),
    ("提醒在摩洛哥中国公民不必恐慌，无需撤离", "MA", 2),
    ("驻土耳其使馆：目前尚未要求中国公民撤离", "TR", 2),
    ("不必取消赴泰国旅行", "TH", Grade.UNSTATED),
    ("提醒中国公民警惕解除婚约诈骗 驻越南使馆", "VN", 2),
    ("泰国取消免签提醒", "TH", 2),
    ("驻日本使馆提醒：熟悉疏散通道", "JP", 2),
    ("驻日使馆提醒：请立即转移资金是骗局", "JP", 2),
    ("印尼火山喷发 紧急转移3万人", "ID", Grade.UNSTATED),
    ("驻赞比亚使馆提醒中国公民切勿前往政府大楼", "ZM", 2),
    ("驻秘鲁使馆提醒切勿前往夜市", "PE", 2),
]
"""The same words in ordinary business: the grade, or its absence, is clear."""

DOUBTFUL = [
    ("暂勿前往苏丹，谨慎前往埃及", "EG SD", "暂勿前往/谨慎前往"),
    ("谨慎前往哥伦比亚、暂勿前往委内瑞拉", "CO VE", "谨慎前往/暂勿前往"),
    ("暂勿前往刚果（金）东部，谨慎前往卢旺达边境", "CD RW", "暂勿前往/谨慎前往"),
    ("在阿富汗中国公民尽快撤离，在巴基斯坦的注意安全", "AF PK", "尽快撤离/注意安全"),
    ("请在乍得中国公民立即撤离，在喀麦隆中国公民加强防范", "CM TD", "请在乍得中国公民立即撤离/加强防范"),
    ("以色列空袭黎巴嫩 在黎中国公民尽快撤离", "IL LB", "尽快撤离"),
    ("暂勿前往马里以外地区", "ML", "马里以外地区"),
    ("暂勿前往除利比亚之外的国家", "LY", "利比亚之外的国家"),
    ("英国外交部提醒公民不要前往埃及", "EG", "英国外交部"),
    ("日本政府提醒日本公民暂勿前往乌克兰", "UA", "日本政府"),
    ("美国使馆要求美国公民立即离开委内瑞拉", "VE", "美国使馆"),
    ("法国外交部：请公民立即离开马里", "ML", "法国外交部"),
    ("加拿大驻海地使馆敦促公民尽快离境", "HT", "加拿大驻海地使馆"),
    ("美国务院提醒公民不要前往伊拉克", "IQ", "美国务院"),
    ("美英等国政府要求公民尽快离开黎巴嫩", "LB", "美英等国政府"),
    ("多国敦促公民撤离南苏丹", "SS", "多国"),
    ("联合国要求工作人员撤离海地", "HT", "联合国"),
    ("香港保安局呼吁市民暂勿前往尼泊尔", "NP", "香港保安局"),
    ("美驻华使馆提醒公民暂勿前往委内瑞拉", "VE", "美驻华使馆"),
    ("韩国防部要求公民尽快离开利比亚", "LY", "韩国防部"),
]
"""Clear words, an unclear whole: several grades or countries, a reversed place, another government's warning."""

REGIONAL = [
    ("提醒在刚果（金）中国公民切勿前往矿区", "CD", 4, "矿区"),
    ("驻南非使馆：谨慎前往普尔省", "ZA", 3, "普尔省"),
    ("驻安哥拉使馆提醒：切勿前往北隆达省", "AO", 4, "北隆达省"),
    ("驻菲律宾使馆提醒切勿前往边境地区", "PH", 4, "边境地区"),
    ("请立即疏散！贝鲁特南郊", "LB", 4, "贝鲁特"),
]
"""A part without a country's name beside it is a part of the country that the title names elsewhere."""

NO_PLACE = [
    ("提醒在巴黎泰国城中国公民注意安全", "FR"),
    ("提醒在洛杉矶韩国城中国公民注意安全", "US"),
    ("在曼谷日本料理店发生爆炸 提醒注意安全", "TH"),
    ("印度餐厅火灾 驻迪拜总领馆提醒", "AE"),
    ("越南银行被抢 提醒在金边中国公民", "KH"),
    ("美国城市枪击频发 注意安全", "US"),
    ("提醒在泰国街头中国游客注意安全", "TH"),
    ("日本村庄发生熊袭 提醒注意安全", "JP"),
    ("赴墨西哥城中国公民注意安全", "MX"),
]
"""A country's name in the name of a shop or quarter is no place; its towns, streets and villages are in it."""

UNPLACED = [
    ("在韩国城中国公民注意安全", "韩国"),
    ("在缅甸超市中国公民注意安全", "缅甸"),
    ("越南航空客机失事 提醒中国公民", "越南"),
    ("英国外交部提醒公民注意安全", "英国"),
    ("提醒在乍得湖地区中国公民注意安全", "乍得湖"),
]
"""Nothing names a place: the word is shown to an officer, never silently dropped."""


def _codes(read: TitleReading) -> str:
    return " ".join(read.countries)


@pytest.mark.parametrize(("title", "countries"), LIFTED)
def test_a_lifted_denied_or_changed_grade_is_unknown(title: str, countries: str) -> None:
    """Neither level 4 nor nothing: an officer decides, and sees the words."""
    read = read_title(title)
    assert (_codes(read), read.level, read.regional) == (countries, Grade.UNKNOWN, False)
    assert read.level_words


def test_a_changed_grade_shows_both_words() -> None:
    """The officer reads from what and to what."""
    words = read_title("黎巴嫩安全提醒由“暂勿前往”调整为“谨慎前往”").level_words
    assert "暂勿前往" in words
    assert "谨慎前往" in words


@pytest.mark.parametrize(("title", "countries", "level"), STANDS)
def test_words_of_ending_in_other_business_leave_the_grade(title: str, countries: str, level: Level) -> None:
    """A real order is not lost, and a negated one is none."""
    read = read_title(title)
    assert (_codes(read), read.level, read.ambiguous) == (countries, level, ())


@pytest.mark.parametrize(("title", "countries", "words"), DOUBTFUL)
def test_what_an_officer_must_settle_is_ambiguous(title: str, countries: str, words: str) -> None:
    """The highest grade is kept, and a doubt with all countries makes it a draft."""
    read = read_title(title)
    assert (_codes(read), read.level) == (countries, 4)
    assert read.ambiguous == (f"{words}: {countries}",)


@pytest.mark.parametrize(("title", "countries", "level", "part"), REGIONAL)
def test_a_nameless_part_bounds_the_grade(title: str, countries: str, level: Level, part: str) -> None:
    """The grade is regional, with the part as written."""
    read = read_title(title)
    assert (_codes(read), read.level, read.regional, read.ambiguous) == (countries, level, True, ())
    assert part in read.places


@pytest.mark.parametrize(("title", "countries"), NO_PLACE)
def test_a_country_in_a_compound_is_no_place(title: str, countries: str) -> None:
    """Only what names where people are counts."""
    assert _codes(read_title(title)) == countries


@pytest.mark.parametrize(("title", "word"), UNPLACED)
def test_a_compound_alone_is_unresolved(title: str, word: str) -> None:
    """No country is guessed and the word is kept."""
    read = read_title(title)
    assert (read.countries, read.unresolved, read.worldwide) == ((), (word,), False)


@pytest.mark.parametrize(
    ("title", "doubt"),
    [
        ("驻俄罗斯使馆：在乌中国公民尽快撤离", "乌: UA UZ UG UY"),
        ("驻塞内加尔使馆提醒在几中国公民尽快撤离", "几: GN GW"),
        ("提醒在新几内亚中国公民注意安全", "新几内亚: ID PG"),
    ],
)
def test_an_open_name_is_addressed_not_the_post_s_country(title: str, doubt: str) -> None:
    """The issuer's country is no target if people somewhere else are told, even where that is open."""
    read = read_title(title)
    assert (read.countries, read.ambiguous) == ((), (doubt,))


@pytest.mark.parametrize("title", ["一客机在尼泊尔坠毁", "直升机失事 驻尼泊尔使馆提醒"])
def test_a_crash_is_acute(title: str) -> None:
    """失事 and 坠毁 name something as happening."""
    assert read_title(title).acute


def test_governments_that_speak_together_are_all_speakers() -> None:
    """In a list of speakers none is a target, and each is shown."""
    read = read_title("英国、德国外交部提醒公民暂勿前往尼日尔")
    assert (read.countries, read.ambiguous) == (("NE",), ("英国: NE", "德国外交部: NE"))


def test_a_government_that_announces_is_news_of_its_country() -> None:
    """Only words of warning make a speaker."""
    assert find("泰国政府宣布进入紧急状态").countries == ("TH",)
    assert [span.role for span in find("泰国政府要求外国人离境").spans] == [Role.SPEAKER]


def test_lifting_names_its_words() -> None:
    """The words that lift are returned, and a plain reminder has none."""
    assert lifting("提醒即日起解除") == "提醒即日起解除"
    assert ends("台风预警已解除") == "预警已解除"
    assert lifting("暂勿前往缅甸") == ""
