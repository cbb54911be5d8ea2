"""The phrases by which answers are read: what says safe, what says or smells of need, and what only looks like either. Pure.

Texts have been folded before (NFKC, lower case, simplified characters). Each phrase that is understood is replaced by a mark, and
the next list does not see it any more: that is how 没有危险 is not danger, and 不安全 is not safe.
"""

from __future__ import annotations

import re

SAFE, NEED, WEAK, HAZARD, ASKS, PLAIN = "\ue001", "\ue002", "\ue003", "\ue004", "\ue005", "\ue006"
"""Marks: says safe; says need; smells of need; names a hazard; asks; says nothing to us."""


def _any(words: str) -> str:
    """Return lines of regular expressions as alternatives, the longest first."""
    return "|".join(sorted(words.split(), key=len, reverse=True)).replace("_", r"\s+")


_NOT = "(?:不|没|没有|没人|无|无人|未|非|别|并不|并没有|并未|还没|还没有|尚未|还不|难以|难保|无法|不能|谈不上|缺乏|失去|算不上|不再)"
_FILL = (
    "(?:人|有|太|是|很|那么|怎么|特别|完全|绝对|十分|非常|再|够|觉得|感到|感觉|在|一点|一点都|也|都|到|得|能|敢|算|真正|百分百"
    "|全部|说|保证|确定|确认|什么){0,6}"
)
_GOOD = "(?:安全|平安|脱险|正常|安好|好|ok|okay|fine|safe)"
_EN_NOT = (
    r"(?:not|isnt|isn't|arent|aren't|wasnt|wasn't|don't|dont|doesn't|can't|cannot|never|no\s+longer|nobody|no\s+one|none"
    r"|neither|nor|hardly|barely|far\s+from)"
)
_EN_FILL = (
    r"(?:\W+(?:very|so|really|too|all|completely|entirely|feeling|feel|that|quite|exactly|yet|doing|totally|being|am|is|are|we"
    r"|i|of|us|in|a|place|at|be)){0,8}"
)
_EN_GOOD = r"(?:safe|ok|okay|o\.k|fine|good|well|alright|all\W+right|secure)"
_MUCH = "(?:有|什么|任何|人员|人|发生|大家|我们|我|们|都|受|其他|啥|特别|生病|太|很|那么){0,6}"

QUOTED = re.compile(
    r"[\[(\"“「]?(?:回复|回|reply)?\W{0,3}1\W{0,4}(?:if\W+|=\W*)?(?:平安|安全|safe)[^\n]{0,24}?2\W{0,4}(?:if\W+(?:you\W+)?|=\W*)?"
    r"(?:需要帮助|需帮助|求助|需要协助|(?:needs?\W+)?help)[\])\"”」]?"
)
"""Our own question, sent back."""

NOTHING = re.compile(
    _any("""
    (?:谢谢|感谢|多谢)(?:你们?|您|大家|各位|外办|领导|使馆|祖国|政府|国家|一直以来|对我们?|的)*(?:帮助|帮忙|关心|关注|支持|协助|提醒)(?:[和与及、]*(?:帮助|帮忙|关心|关注|支持|协助))*
    (?:thanks?|thank_you)(?:\\W+(?:you|so|very|much|for|your|the|all|kind))*\\W+(?:help|support|concern|assistance|asking)
    (?:请|要|务必|大家|你们?|您|也|都)*(?:多)?注意安全 安全第一 安全距离 安全提醒 安全提示 安全局 安全检查 安全帽
    安全出口 安全通道 安全员 安全部 平安险 平安银行 平安保险 平安夜 平安符 平安县 平安里
    安全(?:问题|隐患|风险|事故|形势|状况|情况|措施|预案|意识|培训|手册|信息|通知|预警|部门|人员|带|门|线|生产)
    (?:信号|网络|网速|天气|路况)[^,;.!?]{0,3}(?:不好|很?差|很?弱)
    有(?:什么)?(?:事|问题|情况)[^,;.!?]{0,4}(?:联系(?!不)|打电话|找|说|汇报|报告) (?:stay|keep|be|travel)_safe
    safe_travels safety_first safety_advice safe_house_address health_and_safety (?:一路|出入|旅途)平安 平安是福
    平安就好 安全就好 好奇 好像 好多 好几 好久 好不容易 刚好 正好 最好 只好 你好 您好 ^\\W*好的 好友 爱好
    good_(?:morning|evening|night|afternoon|day) as_well well_received
    """)
)
"""Words that look like an answer and are none."""

ASKING = re.compile(
    _any("""
    吗 嘛 么$ 呢$ 是否 是不是 有没有 能不能 能否 可不可以 可否 会不会 要不要 需不需要 用不用 安不安全 安全不安全
    平不平安 好不好 行不行 哪 怎么 怎样 咋 如何 什么 为何 多少 多久 何时 几点 几时
    ^\\W*(?:is|are|am\\W+i|can|could|should|shall|will|would|do|does|did|how|what|when|where|who|why|which)\\b
    """)
)
TAG = re.compile(r"^\W*(?:对|是|行|好|可以|没错|right|correct|ok|okay|yes|isn't\W+it)(?:吗|么|吧|不)?\W*$")
"""A question of its own that asks about what was said before."""

DOUBT = re.compile(
    _any("""
    应该 可能 大概 也许 或许 估计 恐怕 说不定 据说 听说 好像 似乎 吧$ 不知道 不确定 不清楚 不敢 不能说 难说 不好说
    不一定 未必 不晓得 未知 不明 存疑 堪忧 个屁 才怪 如果 要是 假如 若 除非 等到 直到 才能? 只有 除了 部分 一半
    有的 有些 某些 多数 (?:他们|政府|使馆|领导|公司|当地|新闻|警察|人家).{0,4}说 祝 愿 希望 盼 保佑 祈 力求 确保
    保证 为了 之前 以前 原来 本来 曾经 昨天还 刚才还 想去 要去 准备 打算 正在 马上 明天 计划 即将 等待 快到 快要
    """)
    + f"|(?:去|往|找)(?:一?个)?{SAFE}"
    + r"|\b(?:maybe|probably|perhaps|likely|i\s+(?:think|guess|hope)|hopefully|might|should\s+be|seems?"
    r"|not\s+sure|unsure|do\s?n'?t\s+know|no\s+idea"
    r"|if|unless|until|when|once|hope|wish|pray|was|were|wasnt|used\s+to|some|most|half|going\s+to|plan\w*\s+to"
    r"|trying\s+to|want|will\s+be)\b|'ll\s+be\b"
)
"""Whoever says it does not know it, wishes it, or speaks of another time."""

OTHERS = re.compile(
    _any("""
    他 她 它 同事 朋友 老公 老婆 爱人 先生 太太 妻子 丈夫 父母 爸 妈 孩子 儿子 女儿 家人 家里 家属 工人 员工 别人
    对方 同学 老师 老板 经理 你们? 您 \\bthey\\b \\bhe\\b \\bshe\\b \\byou\\b colleagues? friends? wife husband
    family \\bson\\b daughter boss workers? employees?
    """)
)
MINE = re.compile(
    _any(
        "(?:我|我们|俺|咱们?) 大家 全体 全员 全家 全部人员 本人 所有人 我方 \\bi\\b \\bi'?m\\b"
        " \\bwe\\b \\bus\\b \\ball\\b everyone everybody"
    )
)
MY_OTHERS = re.compile(r"(?:我们?|俺|咱们?|\bmy)(?:的|那个|家|公司)?\s*(?=(?:" + OTHERS.pattern + "))")
"""我同事: somebody else, though 我 is in it. 我和同事 is both."""

STEPS: tuple[tuple[re.Pattern[str], str], ...] = (
    # It is known that nobody needs anything.
    (re.compile(
        "(?:不是没|并非没|不能说没)(?:有)?(?:事|危险|问题)|不是(?:不安全|不需要)|没有?不安全", re.ASCII), NEED),
    (re.compile(
        rf"(?:(?:不|无|毋|暂不|并不)(?:太|是|再|怎么)*(?:需要?|必须?|用|要|想要)|用不着|没有?必要|没有?(?:什么"
        rf"|啥|人|谁)?需要|无人需要){_MUCH}(?:帮助|帮忙|帮|求助|救助|救援|协助|支援|援助|救|来接|接)(?:的)?"
        r"|(?:^|(?<=[\s,，我们暂时还]))不需要$|无需(?:任何)?(?:帮助|协助|救援)"), SAFE),
    (re.compile(
        rf"(?:没有?|无|未|不|并未|并没有?|没有?人|无人)(?:再)?{_MUCH}(?:危险|受伤|伤亡|受困|被困|大碍|问题|出事"
        rf"|受害|遇险|风险|遭遇不测|负伤)(?:的)?"), SAFE),
    (re.compile(_any("""
    没有?(?:什么|啥|多大|大|出)?事(?:儿|情)? 平安无事 相安无事 没问题 无事 无恙 无碍 无虞 没毛病 不要紧 不碍事
    脱离(?:了)?(?:危险|险境|险情) (?:已|已经|被){1,4}(?:获救|得救|救出来?) 获救了? 得救了 救出来了 转危为安 化险为夷
    毫发无损 毫发无伤
        """)), SAFE),
    (re.compile(r"没有?生命危险"), WEAK),
    (re.compile(_any("(?:not|isnt|isn't)_(?:too_|so_|that_)?bad 不急 不着急 不紧急 不害怕 不怕 别怕 没生病"
        " 没有生病 没发烧 没有?爆炸 没有?枪声 没有?地震 没有?火灾")), PLAIN),
    (re.compile(
        r"\b(?:no|not|without|don't|dont|do_not|doesn't|didn't|never|nobody|no_one|none"
        r"|nothing)\b".replace("_", r"\s+")
        + r"(?:\W+(?:really|any|of|us|was|is|are|been|being|got|in|a|we|i|one|at|all|the|here|have|has|had|for"
        r"|to|need))*\W+"
        + r"(?:need(?:ed|s)?|requir\w+|necessary|want)?(?:\W+(?:of|for|any|your|some))*\W*"
        + r"(?:injur\w+|hurt|wounded|danger(?:ous)?|trapped|harm\w*|casualt\w+|problems?|issues?|trouble|stuck"
        r"|affected)\b"), SAFE),
    (re.compile(
        r"\b(?:no\W+(?:need|longer\W+need)(?:\W+(?:of|for|any|your|to))*\W+help|(?:don't|dont|do\W+not|didn't"
        r"|not|won't)\W+(?:really\W+)?(?:need|require|want)"
        r"(?:\W+(?:any|your|of|for|some))*\W+(?:help|assistance|rescue|anything)|needs?\W+no\W+(?:help|assistance)"
        r"|no\W+(?:help|assistance)\W+(?:is\W+)?(?:needed|required|necessary)|(?:help"
        r"|assistance)\W+(?:is\W+)?not\W+(?:needed|required|necessary)"
        r"|not\W+in\W+(?:any\W+)?(?:danger|need))\b"), SAFE),
    (re.compile(r"\b(?:unhurt|unharmed|uninjured|out\W+of\W+danger|rescued|no\W+worries)\b"), SAFE),
    (re.compile(rf"不是{SAFE}|并非{SAFE}|不能说{SAFE}|不敢说{SAFE}"), NEED),
    # What would say safe is denied.
    (re.compile(rf"{_NOT}{_FILL}{_GOOD}|不(?:太|怎么|是很|算|够|很)?(?:乐观|妙|对劲|行了|好了)|(?:安全"
        rf"|平安)(?:没有?|得不到|缺乏)保障"), NEED),
    (re.compile(rf"\b{_EN_NOT}\b{_EN_FILL}\W+{_EN_GOOD}\b|\b(?:unsafe|insecure|unwell)\b|\bbu\W?(?:an\W?quan"
        rf"|ping\W?an|hao)\b"), NEED),
    (re.compile(r"\b(?:not|haven't|hasn't|never|weren't|wasn't|being|be)(?:\W+\w+){0,2}?\W+evacuated\b"), PLAIN),
    (re.compile(r"(?:未|没|没有|还没|尚未|还没有|不)(?:能|有)?(?:撤离|撤出|离开|回国|脱身|转移)"), PLAIN),
    # Need.
    (re.compile(_any("""
    救命 救救 救我 救人 来救 求救 求救 营救 救援 抢救 救护车 求助 求援 帮助 帮忙 帮我 帮帮 帮个 帮一下 快来 来接
    接我 援助 支援 协助 受伤 负伤 轻伤 重伤 伤者 伤员 伤了 摔伤 砸伤 烧伤 中枪 中弹 流血 出血 骨折 昏迷 休克 遇难
    遇险 死亡 去世 身亡 牺牲 丧生 有人死 快死 要死 死了 奄奄一息 被困 受困 困在 困住 围困 被围 被抓 被捕 被扣 扣押
    拘留 拘押 被绑 绑架 劫持 人质 失踪 失联 走失 联系不上 找不到人 找不到 下落不明 被打 被抢 被偷 抢劫 遭袭 遇袭
    被骗 出不去 走不了 走不掉 回不去 回不来 离不开 (?:离开|撤离|撤出|出去|回国|走|动|回|逃)不了
    (?:快|要)没有?(?:水|吃的|食物|药|钱|粮)
    (?:水|食物|药品?|粮食?)(?:快|已经?|都){0,4}(?:没了|没有了|不够|不多|用完|吃完|喝完) 撤不出 撤不了 逃不出 动不了
    (?:无法|没法|不能|没有?办法)(?:离开|撤离|撤出|脱身|出去|回国|走|移动|联系|返回|出境|回家|呼吸)
    (?:没有?|缺少?|断|急缺|没了)(?:食物|吃的|喝的|水|药品?|钱|粮食?|氧|护照) 断水 断粮 住院 生病 病重 病倒 发烧
    医院 危在旦夕 出事 有危险 不测 绝境 报警 塌方埋 被埋 埋了 溺水 被淹 落水
        """)), NEED),
    (re.compile(
        r"\b(?:help|helping|sos|s\.o\.s|mayday|emergency|injur\w+|hurts?|wounded|bleeding|trapped|stuck"
        r"|stranded|rescue|kidnap\w*|hostage|missing"
        r"|dead|died?|dying|broken|running\W+out|killed|unconscious|detained|arrested|robbed|attacked"
        r"|assault\w*|shot|in\W+danger|hospital\w*|ambulance|sick|ill|buried|drown\w*"
        r"|lost|no\W+(?:food|water|money|medicine|passport|way\W+out)|(?:can't|cannot|cant|can\W+not"
        r"|unable\W+to|couldn't)\W+(?:leave|get\W+out|move|go|escape|evacuate|return|breathe|reach|contact)"
        r"|jiu\W?ming|jiu\W?wo|bang\W?zhu|qiu\W?jiu|qiu\W?zhu|shou\W?shang|bei\W?kun)\b"), NEED),
    (re.compile(_any("""
    需要 急需 需 请派 派人 派车 危险 危急 紧急 着急 很急 急$ 害怕 恐慌 滞留 撤侨 想回国 想撤离 想离开 有事 有问题
    情况不妙 威胁 请.{0,4}(?:联系我|回电|来电|打给我) 糟糕 很糟 不舒服 难受 受惊 停电 没钱 护照丢 丢了护照 丢失
    有伤 困难
        """)), WEAK),
    (re.compile(r"\b(?:needs?|danger(?:ous)?|urgent(?:ly)?|scared|afraid|bad|terrible|trouble|problems?"
        r"|desperate|worse|worried|(?:i|we)\W+want|please\W+(?:\w+\W+)?call|evacuate\W+(?:me|us)|pick\W+(?:me"
        r"|us)\W+up)\b"), WEAK),
    (re.compile(_any("爆炸 枪声 枪击 开枪 交火 袭击 轰炸 炮击 炮弹 空袭 导弹 着火 起火 火灾 坍塌 倒塌 塌了"
        " 打起来 打仗 暴乱 骚乱")
                + r"|\b(?:explosions?|gun\w*|shooting|shelling|bomb\w*|missiles?|fire|collapsed?|riots?"
        r"|fighting)\b"), HAZARD),
    # Safe.
    (re.compile(_any("""
    平安 安全 安好 安然 脱险 报平安 活得好好的 好着呢
    (?:我们?|都|一切|很|挺|非常|十分|还|身体|大家|人|情况|蛮|全)(?:都|很|也|挺|还|非常|一切){0,4}好(?=$|\\W|的|着|了|得很|呢|啊|呀)
    一切正常 都正常 请?放心吧? 勿念 平稳
    (?:已|已经|早已|全部|都|刚){1,4}(?:经)?(?:全部|都|安全)?(?:撤离|撤出|撤回|回国|回来|离开|离境|转移|返回|返程|到家|回到国内)了?
    (?:撤离|撤出|回国|离开|离境|转移)(?:完|完毕|出来)?了
    (?:人|我|我们|现|现在|目前){1,4}(?:已经?)?在(?:国内|中国|国内呢) 没有?出国
    (?:不在|没在)(?:国外|境外|当地|那边|该国|那里|那儿)
        """)), SAFE),
    (re.compile(
        r"\b(?:safe(?:ly)?|ok|okay|okey|o\.k\.?|oki|fine|alright|all\W+right|all\W+good|(?:i'm|i\W+am|we\W+are"
        r"|we're|(?:everything|everyone|everybody)(?:'s|\W+is)|all|very|doing|feel\w*|pretty|quite)\W+(?:all\W+"
        r"|very\W+|really\W+)?(?:good|well)|evacuated|ping\W?an|an\W?quan|mei\W?shi)\b|(?<![a-z])(?:ok"
        r"|okay)(?![a-z])"), SAFE),
)  # fmt: skip
"""Phrase by phrase, in this order: each finds what the ones before have left."""

EMOJI = {
    "👍": SAFE, "👌": SAFE, "✅": SAFE, "✔": SAFE, "🆗": SAFE, "💪": PLAIN, "🙏": PLAIN,
    "🆘": NEED, "🚑": NEED, "😭": NEED, "👎": NEED, "❌": NEED, "🩸": NEED, "🤕": NEED,
}  # fmt: skip

HEARD = re.compile(
    _any("收到 知道了? 明白了? 好的 了解 谢谢 noted received got_it understood thanks? thank_you roger copy will_do")
)
"""Says that our message came, not how they are: `ok` beside it says no more."""
