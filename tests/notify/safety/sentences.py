"""How answers are read: a table worked by hand, one reading for each sentence."""

from __future__ import annotations

SAFE: tuple[str, ...] = (
    "1", "①", "１", "1️⃣", "❶", "1.", "1！", "[1]", "回复1", "我选1", "选1", "1 平安", "1平安", "1，我在酒店",
    "1、已到安全地点", "平安", "安全", "我很好", "没事", "没事儿", "没啥事", "已撤离", "已经回国了",
    "我已撤离到邻国", "我安全", "我们都很安全", "大家平安", "全家平安", "2人平安", "我们3人都平安",
    "项目部12人全部平安", "全体员工平安", "一切正常", "一切都好", "都好", "挺好的", "我还好", "很好，谢谢关心",
    "谢谢你们的帮助，我很平安", "没有危险", "没危险", "没有受伤", "无人受伤", "我没受伤，很安全", "没有人受伤",
    "未受伤，平安", "不需要帮助", "暂时不需要帮助，谢谢", "我不需要任何帮助", "不用帮忙", "无需帮助", "没问题",
    "无恙", "安然无恙", "平安无事", "报平安", "脱险了", "已脱离危险", "已获救", "放心，我没事", "请放心",
    "妈妈放心，我平安", "我和同事都平安", "safe", "Safe.", "I'm safe", "I am safe and sound", "we are all safe",
    "ok", "OK!", "okay", "fine", "I'm fine", "I am ok, thank you for your help", "all good", "no need of help",
    "no need for help", "I don't need help", "no help needed", "not injured, all fine", "nobody hurt, we are ok",
    "no one is injured", "not in danger", "no danger here", "unharmed", "am ok", "everyone is safe",
    "evacuated, safe now", "👍", "👍🏻", "👌", "✅", "🆗", "平安👍", "我平安，你们呢？",
    "我很安全，什么时候能回国？", "听到爆炸声，但我很安全", "外面有枪声，我们安全", "地震了，我没事",
    "在国内，平安", "我在国内", "我已经回国", "我不在国外", "没出国", "ping an", "anquan", "平安。\n发自我的iPhone",
    "1\n\n-----原始邮件-----\n回复1平安，2需要帮助", "安全\n> 请回复1=平安 2=需要帮助", "平安，刚才信号不好",
    "我沒事，很安全", "平安，勿念", "目前安全", "暂时安全", "现在很安全", "不危险", "我活得好好的", "平安平安",
    "人没事", "平安到家了", "还算安全", "别担心我很安全", "我已转移到安全地带", "安全没问题", "everything ok",
    "没人需要帮助", "1、人在酒店；2、一切正常", "全部人员已安全撤离", "alive and safe", "safe and sound",
    "平安，有事联系我", "平安，快没电了", "死里逃生，现在平安", "we have been evacuated", "not too bad, safe",
    "谢谢您的帮助我已经平安", "thanks so much for your help, I'm safe", "1 TD",
)  # fmt: skip
"""Says plainly, of themselves and of now, that they are safe."""

HELP: tuple[str, ...] = (
    "2", "②", "２", "2️⃣", "22", "1 2", "12", "回复2", "选2", "2.", "2 TD", "2 please",
    "需要帮助https://office.example.invalid/safe/AB12", "https://a.invalid/safe/AB12打不开，我受伤了",
    "2 被困", "2，我在酒店", "需要帮助", "求助",
    "救命", "救命啊！", "救救我", "受伤", "我受伤了", "被困", "我们被困在矿区", "help", "Help!", "HELP ME",
    "please help", "sos", "SOS", "S.O.S", "need help", "I need a doctor", "injured", "trapped in hotel", "🆘", "😭",
    "👎", "112", "不安全", "不平安", "不太安全", "很不安全", "我们这里不安全", "并不安全", "没有安全的地方", "不好",
    "不太好", "情况不妙", "not safe", "I'm not safe", "isn't safe here", "not ok", "we are not all safe",
    "no longer safe", "I do not feel safe", "unsafe", "我安全但同事受伤", "我安全，同事受伤了",
    "平安，但是有人被困", "safe but my friend is injured", "1 但同事受伤", "1，有人受伤", "1人受伤",
    "3人平安，1人受伤", "有2人失踪", "没有人来救我们", "没有救援", "没人帮助我们", "得不到帮助", "不是没事",
    "不能说没事", "我没有受伤，但是被困", "没有受伤，但走不了", "需要药品", "需要撤离", "急需饮用水", "没有食物了",
    "没有水和食物", "断水断粮", "出不去", "无法离开", "能来救我吗？", "可以帮我吗", "怎么求助？", "求助电话多少",
    "护照丢了", "同事失联", "联系不上家人", "枪声很近", "外面在爆炸", "有人开枪", "我被抓了", "被绑架",
    "请派人来接", "快来", "no", "不", "can't leave", "cannot get out", "no water no food", "nobody is helping us",
    "stuck at the airport", "my colleague is missing", "I was robbed", "nobody is safe", "can you help us?",
    "平安 2", "平安2", "2平安", "我在医院", "发高烧生病了", "jiuming", "bu anquan", "不安全吗", "我們被困",
    "受傷了需要幫助", "受伤但没有生命危险", "not fine", "❌", "没有安全感", "救护车来了", "Safe? No", "安全？不！",
    "食物快没了", "快没水了", "离开不了", "我们人身安全受到威胁", "I'm ok but my leg is broken",
    "safe for now but running out of water", "不得不求助", "没用，需要帮助", "没用需要帮助",
    "不需要帮助，但是我同事需要", "打起来了", "I want to go home", "no one to help", "没有人平安",
    "我们没有办法离开", "护照被扣，人平安", "谢谢能不能帮助我", "thank you please help", "有问题联系不上人",
)  # fmt: skip
"""Says or smells of need."""

UNCLEAR: tuple[str, ...] = (
    "安全吗？", "安全吗", "现在安全吗", "那边安全吗?", "is it safe?", "safe?", "Is it safe to go out", "好的",
    "收到", "知道了", "谢谢", "嗯", "yes", "ok收到", "OK，收到", "ok thanks", "got it", "你好", "你们是谁", "在",
    "我在酒店", "在路上", "正在撤离", "准备撤离", "还没撤离", "应该安全", "可能没事吧", "没事吧", "maybe safe",
    "I think I am safe", "probably ok", "祝平安", "希望大家平安", "注意安全", "请大家注意安全", "stay safe",
    "hope you are safe", "安全第一", "平安夜快乐", "平安银行", "哪里安全？", "怎么才能安全", "什么时候撤离",
    "需要撤离吗？", "那里危险吗", "还会地震吗？", "同事平安", "孩子平安", "他们都安全", "不知道是否安全",
    "不确定安不安全", "不知道安全不安全", "如果安全我就回去", "之前安全", "I was safe yesterday", "3", "11",
    "123456", "0", "12点回国", "21日回国", "想去安全的地方", "回复1平安，2需要帮助", "", "。。。", "哈哈", "TD",
    "who is this", "what happened", "1:30到机场", "1人在外面", "2人在酒店", "1小时后回复", "下午2点到", "在2楼",
    "我坐2号线", "平安？", "安全，对吗？", "有没有危险", "是不是安全了", "好", "在家", "my colleague is safe",
    "they are safe", "🙏", "1?", "thanks for your help", "thank you", "Am I safe", "安全未知", "安全情况不明",
    "安全堪忧", "安全问题", "哪有安全的地方", "政府说这里安全", "一半人平安", "除了小王都平安",
    "some of us are safe", "we will be fine", "not yet evacuated", "waiting to be evacuated", "well, I don't know",
    "good luck", "快到安全区了", "前往安全区", "I'm in room 2", "gate 2", "房间号：2", "安全个屁", "good morning",
    "how are you", "有什么事吗", "sounds of thunder", "the hotel is good, thanks", "你安全就好", "什么时候平安",
    "链接打不开 https://office.example.invalid/safe/AB12", "office.example.invalid/safe/AB12", "Liked “平安回1，求助回2”", "赞了“求助回2”",
)  # fmt: skip
"""Neither: a question, a wish, somebody else, another time, a number that counts something, or nothing at all."""
