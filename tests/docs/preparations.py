"""What is there before the first command of a page: the ready office, and what single pages need beyond it."""

from __future__ import annotations

OFFICE = """\
umask 077
mkdir -p var/tokens
lingbao user add chief --role administrator > var/tokens/chief
for name in zhang officer; do lingbao --as chief user add $name --role officer > var/tokens/$name; done
for name in li wang director; do lingbao --as chief user add $name --role approver > var/tokens/$name; done
lingbao --as chief employer add SAMPLE 示例建设集团
lingbao --as chief employer add SAMPLE-2 示例星桥通信有限公司
lingbao --as zhang employer contact-add SAMPLE 示例联络员甲 --duty liaison --mail liaison@example.com
lingbao --as zhang employer contact-add SAMPLE-2 示例联络员乙 --duty liaison --mail liaison.2@example.com
lingbao --as chief user add hr.sample --role company --employer SAMPLE > var/tokens/hr.sample
cat > roster.csv <<'R'
姓名,国家,城市,境外手机,邮箱,抵达日期,预计回国日期,状态
李示例,马里,巴马科,+22370001234,li@example.com,2026-03-01,,在外
王样本,马里,锡卡索,+22366001234,wang@example.com,2026-05-01,,在外
赵测试,尼日利亚,拉各斯,+2348031234567,zhao@example.com,2026-01-10,,在外
孙示例,赞比亚,基特韦,+260977000001,sun@example.com,2026-02-01,,在外
周样本,赞比亚,卢萨卡,+260977000002,zhou@example.com,2026-02-01,,在外
R
cat > roster-2.csv <<'R'
姓名,国家,城市,境外手机,邮箱,抵达日期,预计回国日期,状态
吴测试,赞比亚,恩多拉,+260977000003,wu@example.com,2026-06-01,,在外
郑示例,肯尼亚,内罗毕,+254700000004,zheng@example.com,2026-06-01,,在外
R
lingbao --as zhang roster import roster.csv --employer SAMPLE --apply
lingbao --as zhang roster import roster-2.csv --employer SAMPLE-2 --apply
lingbao --as zhang alert new --country 马里 --level 4 --title 提醒在马里中国公民尽快撤离 --ask-safe
lingbao --as zhang alert submit 1
lingbao --as li alert approve 1 --confirm 马里
lingbao --as zhang alert send 1
rm roster.csv roster-2.csv
umask 022
"""
"""The office before the first command of every page that is not in `FROM_NOTHING`: two companies, seven people, alert 1 was sent."""

FROM_NOTHING = {"README.md", "docs/how-to/accounts.md", "docs/tutorial.md"}
"""Pages, and their translations, that begin with an empty directory, and start what they need themselves."""

ROSTER = """\
cat > roster.csv <<'R'
姓名,国家,城市,境外手机,邮箱,抵达日期,预计回国日期,状态
钱示例,马里,巴马科,+22370001111,qian@example.com,2026-03-01,,在外
冯样本,赞比亚,基特韦,+260977000011,feng@example.com,2026-05-01,,在外
R
"""
STUDENTS = """\
cat > students.csv <<'R'
姓名,国家,城市,境外手机,邮箱,抵达日期,预计回国日期,状态
陈留学,法国,里昂,+33612345679,chen@example.com,2026-09-01,,在外
R
"""
DUTY = """\
cat > duty.csv <<'R'
姓名,电话,开始,结束
示例值班员,13900139000,2026-11-23 08:00,2026-11-23 18:00
R
"""
DRAFT = """\
lingbao --as zhang alert new --country 赞比亚 --level 3 --title 基特韦近日多发抢劫，请注意安全
"""
NOTICE = """\
cat > notice.txt <<'R'
关于在马里中国公民注意安全的提醒
近日马里安全形势复杂严峻，请在马里中国公民加强安全防范，减少外出。
R
"""
CRY = """\
lingbao --as zhang safe mark 1 --person 1 --answer help --note 被困在旅馆
"""
PAST = """\
cat > past.csv <<'R'
姓名,国家,城市,境外手机,邮箱,抵达日期,预计回国日期,状态
褚示例,马里,巴马科,+22370002222,chu@example.com,2026-03-01,2026-11-01,在外
卫样本,马里,巴马科,+22370003333,wei@example.com,2026-03-01,2026-11-01,在外
R
lingbao --as zhang roster import past.csv --employer SAMPLE --apply   # exit 1: both should be back
"""
WAITS = """\
lingbao --as zhang resident register 韩示例 --country 法国 --city 里昂 --kind student --from 2026-09-01 \\
    --address +33612345670 --accept 2026-11
"""
CAPTURES = """\
mkdir -p captures/cn-mfa
cat > captures/captures.toml <<'R'
[[capture]]
source = "cn-mfa"
at = 2026-10-04T00:00:00Z
url = "https://cs.mfa.gov.cn/aqtx/"
file = "cn-mfa/list.html"
R
echo "<html><body><p>维护中</p></body></html>" > captures/cn-mfa/list.html
"""
BACKUP = """\
lingbao db recovery-key > recovery-key.txt
LINGBAO_BACKUP_RECIPIENT=$(grep -o 'age1[a-z0-9]*' recovery-key.txt | head -n 1) lingbao db backup safe
mv safe/*.age backup.age
"""

BEFORE: dict[str, str] = {
    "docs/runbooks/database-full-or-gone.md": BACKUP,
    "docs/how-to/connect-an-hr-system.md": ROSTER,
    "docs/how-to/first-night.md": CAPTURES,
    "docs/how-to/import-a-roster.md": ROSTER + STUDENTS,
    "docs/how-to/keep-the-register-fresh.md": PAST,
    "docs/how-to/manual-alert.md": NOTICE,
    "docs/how-to/night-watch.md": DUTY + CRY,
    "docs/how-to/preflight.md": DRAFT,
    "docs/how-to/register-residents.md": WAITS,
    "docs/how-to/run-on-a-prefect-server.md": DRAFT,
}
"""By page: commands that are run before its first one: files that somebody sent, an alert that is already written."""
