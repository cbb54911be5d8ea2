"""Tell a title that lifts, denies or rewords a grade from one that states it. Pure.

`解除暂勿前往X的提醒` holds the words of level 4 and means the opposite. Which level holds after it is for an officer to say:
the reader gives `Grade.UNKNOWN`, which is never sent by rule. Words of ending are common in other business too (解除婚约,
取消航班, 签证到期), so each counts only where it governs a grade or a reminder, as the comments below say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.places.normal import any_of

_IN = r"[^,，。;；:：!！?？\s]"
GRADE = any_of(
    "暂勿前往 切勿前往 谨慎前往 暂勿赴 切勿赴 不要前往 避免前往 勿前往 谨慎赴 注意安全 暂勿[^,，。]{0,4}前往 尽快撤离 撤离"
)
_NOTICE = any_of("提醒 提示 预警 警告 警报 警示 警戒 禁令 旅行建议 出行建议 安全建议 级别 等级")
_CLOSE = "[\"”“'」』》)）\\]】]*"
_ABOUT = f"(?:{GRADE}|{_NOTICE})"
_OTHER = any_of("""
    婚 劳动 合同 合约 雇佣 聘 隔离 封锁 封控 封城 宵禁 戒严 紧急状态 限制 拘 羁押 武装 职务 危险 误会 后顾 航班 签证 免签 落地签
    护照 许可 牌照 资格 执照 居留 活动 订单 行程 比赛 演出 庆典 考试 课程 预约 线路 入境 口岸 国籍 领事 公告栏
""")
"""What else is ended: the reminder then is about that (取消免签提醒), and its grade stands."""
_GO_NEXT = "(?:近期|目前|一切|所有|非必要的?)*(?:前往|赴|去|到|旅行|旅游|出行|出境)"

# 解除…暂勿前往, 撤销对X的旅行警告. 取消赴X and 停止前往X are themselves orders not to go, hence not followed by going.
_BEFORE = re.compile(
    rf"(?:解除|撤销|撤下|废止|收回|下调|调低|调降|放宽|撤回(?!国|中国|到|至|我)|(?:取消|停止|终止|暂停)(?!{_GO_NEXT}))"
    rf"(?!{_IN}{{0,6}}(?:{_OTHER})){_IN}{{0,24}}?{_ABOUT}"
)
_ENDS_PLAIN = re.compile(
    rf"(?:解除|撤销|取消)(?!{_IN}{{0,6}}(?:{_OTHER})){_IN}{{0,10}}?(?:预警|警报|警戒|旅行警告|旅游警告|安全提醒|旅行提醒|出行提醒)"
)
# "暂勿前往X"提醒即日起解除. Only dates and adverbs stand between, and no object follows (提醒中国公民取消赴泰旅行).
_SINCE = any_of(r"""
    已经? 现已? 即日起? 今日?起? 明日?起? 自 起 于 [\d年月日时] 自即日 日前 近日 今天 正式 将 被 均 全面 予以 宣布 目前 全部
    部分 有效期 时效 期限 效力 的 之 正 陆续
""")
_AFTER = re.compile(
    rf"(?:{GRADE}{_IN}{{0,16}}?)?{_ABOUT}{_CLOSE}(?:{_SINCE}|[,，\s]){{0,24}}"
    r"(?:失效|到期|届满|期满|期至|作废|解除|取消|撤销|撤回|终止|停止|结束|下调|调低|降为|降至|降级|不再(?:适用|有效|执行)|已满|已过)"
    r"(?=$|[,，。;；:：!！?？\s的了至为到后、)）]|通知|公告|失效|自动)"
)
# 提醒有效期已满; 有效期至2026年底 is in force.
_EXPIRED = re.compile(
    rf"(?<!护照)(?<!签证)(?<!证件)(?<!居留)有效期{_IN}{{0,6}}?(?:届满|已?满|已过|结束|到期|期满|终止|失效)|(?:{_NOTICE}){_CLOSE}{_IN}{{0,4}}(?:失效|过期|到期)"
)
# 不再建议中国公民暂勿前往X. 不再前往X itself says not to go.
_NO_MORE = re.compile(
    rf"不再(?:暂勿|谨慎|建议|提醒|要求|呼吁|列为|列入|属于|属|维持|执行|实行|适用|有效|发布|需要|必要|是|处于|限制)|不存在{_IN}{{0,16}}?{_ABOUT}"
)
# 网传"暂勿前往X"系谣言, 使馆辟谣. 勿信谣言 is advice on conduct.
_DENIED = re.compile(
    r"辟谣|澄清|误传|误读|子虚乌有|讹传|(?<!信)(?<!听)(?:假消息|不实)|(?<![信传布播造])(?<!警惕)(?<!防范)(?<!抵制)(?<!拒绝)(?:谣言|谣传)"
    rf"|(?:从未|并未|没有|尚未|未)(?:曾)?(?:发布|发出|发表|说过|要求|建议){_IN}{{0,16}}?{_ABOUT}|网传"
)
# 局势恢复正常; not 恢复正常前, and not 航班已恢复正常, which helps people to leave.
_NORMAL = re.compile(
    r"(?:局势|形势|秩序|往来|旅游|旅行|情况|生活|状况|安全|治安)[^,，。;；:：!！?？\s]{0,6}恢复(?:正常|平静|稳定)(?!之?前|以前|后再|后方)"
    r"|恢复(?:正常)?(?:前往|赴)"
)
# 由"暂勿前往"调整为"谨慎前往": both grades stand in the title and only an officer says which holds. 升级为 and 上调至 only raise.
CHANGED = re.compile(
    rf"(?:由|从){_IN}{{0,10}}?{_ABOUT}{_IN}{{0,10}}?(?:调整|调低|调降|下调|降低|降级|降|变更|变|改|更改|更新|修改|转){_CLOSE}(?:为|至|到|成)"
    rf"|(?:{GRADE}){_CLOSE}(?:调整|变更|改|降|转){_CLOSE}(?:为|至|成)"
    rf"|(?:下调|调低|调降|降低|降级|降)(?:为|至|到|成){_IN}{{0,12}}?{_ABOUT}"
)


def lifting(text: str) -> str:
    """Return the words of a normalised title that lift, deny or change a grade, "" if none do.

    For titles that state a grade of going (3 or 4). Of plain reminders only what ends the reminder itself counts: see
    `ends`.
    """
    return _first(text, (CHANGED, _NO_MORE, _DENIED, _NORMAL, _BEFORE, _AFTER, _EXPIRED))


def ends(text: str) -> str:
    """Return the words that end a reminder or a warning (海啸预警已解除), "" if none do."""
    return _first(text, (_ENDS_PLAIN, _AFTER, _EXPIRED))


def _first(text: str, patterns: Iterable[re.Pattern[str]]) -> str:
    return next((match[0] for pattern in patterns if (match := pattern.search(text))), "")
