"""The words and sentence patterns of reminders that state a level, Chinese and English. Pure; no rules."""

from __future__ import annotations

import re

from core.places.normal import any_of

_GO = "(?:" + any_of("前往 赶往 去往 往返 出发前往 前赴 赴 进入 到访 访问 出行至 到 去 来 往") + ")"
_TRIP = r"(?:旅行|旅游|出行|出国|出境)"
_NOT = "(?:(?:暂时|近期|暂|切|请|千万|尽量|务必)*勿再?|" + any_of(
    "切莫 不要 不宜 切忌 避免 禁止 严禁 停止 暂停 暂缓 推迟 取消 暂不 请不 尽量不 不可 不得(?=前往|赴|去|到|往)"
) + ")"  # fmt: skip
_WHEN = "(?:在?(?:" + any_of("""
    近期 近日 目前 现阶段 短期内 春节期间 假期 节日期间 一切 所有 非必要的? 不必要的? 任何 再 自行 盲目 轻易
    贸然
""") + "))*"  # fmt: skip

DO_NOT_GO = (
    re.compile(f"(?P<verb>(?:暂|切|请|千万|近期)*勿{_WHEN}(?:前往|赴|往))"),
    re.compile(f"(?P<verb>{_NOT}{_WHEN}(?:{_GO}|{_TRIP}(?:至|到)?))"),
)
"""暂勿前往 and its kin, up to where the object begins."""

GO_WITH_CARE = (
    re.compile(
        f"(?P<verb>(?:谨慎|慎重|审慎|慎)(?:考虑|选择|决定|安排|评估)?{_WHEN}(?:{_GO}|{_TRIP}(?:至|到)?)"
        f"|谨慎前往级别|如?非必要不{_GO})"
    ),
)
"""谨慎前往 and its kin, up to where the object begins."""

_HASTE = "尽快 尽早 及早 立即 立刻 马上 即刻 抓紧 迅速 从速 紧急 速 火速"
_URGE = "(?:" + any_of(f"{_HASTE} 务必 择机 主动 应当? (?<![无毋])须 (?<![无不毋])需 请 建议 呼吁 敦促 要求 提醒") + ")"
_LEAVE = any_of("撤离 撤出 撤回 撤侨 离境 离开 回国 返国 返回国内 返回中国 撤(?=[以伊乌黎苏叙阿]) 离(?=[以伊乌黎苏叙])")
HASTE = re.compile(any_of(_HASTE))
LEAVE = re.compile(f"(?P<verb>{_URGE}[^,，。;；:：!！]{{0,14}}?(?P<leave>{_LEAVE}))")
"""尽快撤离 and its kin."""

EVACUATE = re.compile(
    r"(?P<verb>(?:(?:请|务必|(?<![无毋])须|(?<![无不毋])需|应当?|提醒|要求|呼吁|敦促|公民|同胞|侨胞|(?<=[!！:：]))[^,，。;；:：!！?？\s]{0,14}?"
    rf"(?:{HASTE.pattern})(?:有序|安全|组织|全部|主动|撤离|向[^,，。;；:：!！?？\s]{{1,6}}?){{0,3}}|请(?:有序|安全)?)(?P<leave>疏散|转移))"
    r"(?!\s*(?:[\d数近逾超约上]|了|的|安置|演练|演习|预案|通道|路线|指南|民众|居民|人员|群众|游客|乘客|财产|资金|账户|存款|货款))"
)
"""立即疏散, 紧急转移 as an order to people; not news of who was moved, a drill, a way out, or money."""

_NO = "无需 不必 不需要? 无须 毋须 毋需 不用 暂不需要? 尚未 并未 从未 未曾? 没有(?!必要) 尚无 暂无需 并非 不是"
_TO = (
    r")(?:(?:要求|建议|呼吁|敦促|下令|计划|考虑|安排|决定|通知)[^,，。;；:：!！?？\s]{0,8}"
    rf"|{HASTE.pattern}|全部|全员|主动|再|急于|过度|做出?|采取|组织|实施){{0,3}}$"
)
NEGATED = re.compile("(?:" + any_of(f"{_NO} 没有必要 没必要 无必要") + _TO)
"""Right before an order to leave: it is none (无需撤离, 尚未要求中国公民撤离)."""
NEGATED_GRADE = re.compile("(?:" + any_of(_NO) + _TO)
"""Right before a verb of going: no grade (不必取消赴泰旅行). 没有必要 is left out: 如没有必要请勿前往 is a grade."""

MILD = re.compile(r"^(?:应当?|须|需|请|建议|呼吁|要求|提醒)")
"""Urging without haste: 请…离开 may be about a place in town."""

CONDITION = re.compile(r"非必要|无必要|必要时|如需|若需")
LEFT = re.compile(r"(?:已|成功|平安|安全|顺利|协助|组织|首批|全部|接回)[^,，。;；]{0,10}$")
LEFT_AFTER = re.compile(
    any_of("""
    的 了 行动 工作 完成 完毕 航班 计划 手续 税 前 后 现场 危险 时 期间 途中 隔离 注意 须知 需 指南 旅客 人员
    """)
)
"""What makes leaving a piece of news, or a matter of paperwork."""

VENUE = re.compile(
    any_of("""
    场所 赌场 酒吧 夜店 商场 集会 示威 游行 聚集 人群 人员密集 景点 景区 海滩 水域 海域游 现场 警戒 偏僻 偏远
    荒野 禁区 危险区 娱乐 红灯区 火山口 公共 户外 室外 野外 陌生 街区 夜间 广场
    """)
)
"""Objects of a verb of going that are places in town, not regions."""

AREA = re.compile(any_of("地区 国家 区域 地带 当地 该国 该地 战区 疫区 上述 有关 相关 高风险 边境 沿线 境内 该省 该州"))
TRAVEL_PURPOSE = re.compile(
    "(?:短期|长期|自由|自驾|探亲|团队|公务|跟团|冬季|暑期|春节|国庆|期间)?(?:"
    + any_of(r"""
    旅行 旅游 出行 游玩 观光 度假 留学 研学 游学 学习 探亲 访问 出差 过境 转机 居留 驻留 自由行 旅居 的 $
    [,，。;；:：!！?？、)）\s\"”」] 和 及 与 或 等 并 近期 提醒 注意 有 请 以 — - 级
    """)
    + ")"
)
"""What may follow the place when the verb is about being there at all."""

CONDUCT = re.compile(
    r"(?:[^,，。;；:：!！\s]{0,4})?(?:"
    + any_of("""
    娶 婚 相亲 投资 务工 打工 就业 工作 求职 应聘 淘金 赌 整容 整形 医美 代购 购房 置业 买房 经商 从事 做生意
    采购 贸易 劳务 代孕 采矿 挖矿 换汇 取件 携带
    """)
    + ")"
)
"""What may follow the place when the verb is about doing one thing there (谨慎赴X娶妻)."""

REMIND = re.compile(
    any_of("""
    提醒 提示 警惕 警示 预警 警告 告诫 忠告 防范 谨防 严防 预防 防止 当心 小心 注意 慎 勿 切莫 避免 不要 远离
    遵守 拒绝 加强 提高 做好 确保 警醒 紧急通知 安全通知 安全须知 安全公告 重要通知 紧急通告 紧急公告 紧急启事
    自我保护 妥善 防护 严禁 莫(?=让|轻|贪|碰)
    (?<![特分区识级个])别(?=让|去|被|信|带|碰|做)
    守法 依法 留意 关注 安全(?![撤抵回返转离到]) 呼吁 倡议 告侨胞 一封信 公开信
    """)
)
STRONG_REMIND = re.compile(
    r"提醒[^,，。]{0,20}(?:安全|防范|谨防|警惕|勿|慎|避免|风险)|"
    + any_of("注意安全 安全提醒 谨防 警惕 防范 暂勿 切勿 紧急提醒 撤离")
)
OFFICE = re.compile(
    any_of("""
    举行 会见 会谈 磋商 招待会 出席 到任 离任 签署 招聘 招标 采购公告 祝贺 致辞 慰问 座谈 揭牌 开幕 闭幕 致电
    贺信 参访 走访 看望 巡视 答记者问 例行记者会 放假 休馆 闭馆 对外办公 办公时间 收费标准 业务调整 预约系统
    搬迁 新址 证件业务 认证业务 暂停受理 恢复办理 办证 换发 申办 领事证件 护照和旅行证 网上办理 服务指南 健康码
    平安抵达 安全抵达 接返 顺利抵达
    """)
)
"""Office business and diplomacy: no safety reminder, unless the text reminds strongly."""

ENGLISH = (
    (
        3,
        re.compile(
            r"(?i)avoid (?:all )?non-?essential travel|against all but essential travel"
            r"|reconsider (?:your need to )?travel"
        ),
    ),
    (
        4,
        re.compile(
            r"(?i)do not travel|avoid all travel|against all travel|leave (?:the country )?(?:now|immediately)"
            r"|depart immediately"
        ),
    ),
    (
        2,
        re.compile(
            r"(?i)exercise (?:an? )?(?:increased|high degree of)|exercise caution|take care|remain vigilant"
            r"|security alert|travel advis|warning|beware|safety notice|be alert"
        ),
    ),
)

_SIDE = r"(?:东北|东南|西北|西南|东|西|南|北|中)"
PART_TAIL = re.compile(
    rf"\s*(?:等|的)?(?:{_SIDE}(?:部|边境|边|(?=地区))|"
    + any_of("边境 边界 边区 交界 接壤 毗邻 周边 部分 个别 局部 首都 沿海 沿线 沿岸 境内部分 内陆 以外")
    + r"|等?(?:[\d一二三四五六七八九十两多数]+)?个?(?:州|省份?|邦|(?<!政)府|县|市|大区)(?![\u4e00-\u9fff]?国)"
    + r"|等?(?:[\d一二三四五六七八九十两多数]+)个?地区"
    + r"|(?:(?!中国|公民|国民|人员|游客|旅客|企业|使馆|注意|避|和|及|与|或|以及|并)[^,，。;；:：!！、\s]){1,10}?"
    + r"(?:省|州|邦|(?<!政)府|大区|地区|区域|市|县|岛|半岛|以外|地带|一带))"
)
"""What follows a country's name when only a part of it is meant; not 及周边地区 (it and more), nor 地区 alone."""

PART_WORDS = re.compile(
    r"[^,，。;；:：!！\s]{0,20}?(?:地区|边境|边界|省份|以外|周边|沿海|[东西南北中]部|[州省邦府市县岛区])+(?:地区)?"
)
PART_OBJECT = re.compile(
    r"(?P<part>(?!上述|有关|相关|该地|该国|当地|两国|各国|国家|境内|市区|城区|街区|小区|社区|校区|园区|营区)[^,，。;；:：!！?？\s]{0,12}?(?:"
    + any_of("""
    省 州 邦 (?<!政)府(?!邸) 大区 县 (?<![夜超集黑])市(?![场中区]) 半岛 群岛 岛 边境 边界 边区 沿线 沿岸 地带 一带 流域 [东西南北中]部
    [矿山林牧]区 战区 疫区 高风险地区 危险地区 冲突地区 部分地区
    """)
    + r")(?:地区|区域|地带)?)"
)
"""A part without a name of its own, or with one we do not know, right after a verb of going (切勿前往矿区, 谨慎前往普尔省): it is
a part of the country that the title names elsewhere. 上述地区 and 当地 point back to the whole."""
EXCEPT = re.compile(r"(?:以外|之外|外)(?:的)?(?:其他|其它)?(?:地区|国家|区域|地方)")
"""Right after a country's name it reverses the place: 马里以外地区 is everywhere but Mali."""
ATTENTION = re.compile(any_of("注意安全 注意防范 注意人身 加强防范 加强安全 提高警惕 保持警惕 做好防范"))
"""The words of level 2 that stand as a grade of their own beside a higher one (在X尽快撤离，在Y的注意安全)."""
LIST_TAIL = re.compile(r"\s*(?:等|的)?(?:两国|三国)?(?:边境|边界|边区|交界|接壤|周边|沿线|部分(?:地区|省|州))")
"""A tail that speaks for every member of the list before it (塔吉克斯坦和阿富汗边境地区)."""

SENT_TO = re.compile(r"(?:前往|赴|去|进入|到|来|在|驻留|旅居)$")
JOIN = re.compile(r"\s*(?:,|&|/|、|和|及|与|或|以及|and|两国)?\s*(?:首都|其)?")
CLAUSE_END = re.compile(r"[,，。;；:：!！?？\s]")
