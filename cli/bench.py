"""`lingbao bench`: measured figures, each beside the bare operation of the same run. Never a test: machines differ."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.benches.measure import Measure
from cli.show import lines, table
from core.i18n import t

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("night")
def night(
    sources: Annotated[int, typer.Option(help="信息源数 Sources' worth of captures.")] = 20, json: Json = False
) -> None:
    """20 个来源、没有新内容的一夜。A night of that many sources with nothing new."""
    from cli.benches import night as nights

    show(nights.run(sources), json=json)


@app.command("dispatch")
def dispatch(
    notices: Annotated[int, typer.Option(help="通知数 Notices.")] = 5000,
    latency: Annotated[float, typer.Option(help="服务商延迟（秒） Latency of the provider, in seconds.")] = 0.0,
    json: Json = False,
) -> None:
    """经台账发送，与不记台账的同一客户端相比。Sending through the ledger, against the same client without one."""
    from cli.benches import dispatch as dispatching

    show(dispatching.run(notices, latency), json=json)


@app.command("fanout")
def fanout(
    people: Annotated[int, typer.Option(help="登记人数 People in the register.")] = 1_000_000,
    hits: Annotated[int, typer.Option(help="其中在该国的人数 How many of them are in the country.")] = 250_000,
    database: Annotated[
        str, typer.Option(help="另测一个空的 PostgreSQL（URL） An empty PostgreSQL to measure too, as a URL.")
    ] = "",
    json: Json = False,
) -> None:
    """从预警到计划好的通知，与裸插入相比。From an alert to its planned notices, against a bare insert."""
    from cli.benches import fanout as fanning

    show(fanning.run(people, hits, database), json=json)


@app.command("mail")
def mail(notices: Annotated[int, typer.Option(help="通知数 Notices.")] = 5000, json: Json = False) -> None:
    """经台账发邮件，与裸 smtplib 相比。Mail through the ledger, against bare smtplib."""
    from cli.benches import mail as mailing

    show(mailing.run(notices), json=json)


@app.command("pair")
def pair(
    database: Annotated[str, typer.Option(help="空的 PostgreSQL（URL） An empty PostgreSQL, as a URL.")],
    notices: Annotated[int, typer.Option(help="通知数 Notices.")] = 5000,
    latency: Annotated[float, typer.Option(help="服务商延迟（秒） Latency of the provider, in seconds.")] = 0.15,
    json: Json = False,
) -> None:
    """PostgreSQL 上两个发送进程，与一个相比。Two dispatchers on PostgreSQL, against one."""
    from cli.benches import pair as pairing

    show(pairing.run(notices, latency, database), json=json)


@app.command("kill")
def kill(
    kills: Annotated[int, typer.Option(help="强杀次数 How often the sender is killed.")] = 1000,
    notices: Annotated[int, typer.Option(help="通知数 Notices in all.")] = 20_000,
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 1,
    json: Json = False,
) -> None:
    """发送中反复强杀：丢失与重复的数目。Killed over and over while sending: how many are lost, how many doubled."""
    from cli.benches import kill as killing

    show(killing.run(kills, notices, seed), json=json)


@app.command("machines")
def machines(
    dispatchers: Annotated[int, typer.Option(min=1, help="发送进程数 Dispatchers.")] = 4,
    kills: Annotated[int, typer.Option(help="强杀次数 How often one of them is killed.")] = 50,
    notices: Annotated[int, typer.Option(help="通知数 Notices in all.")] = 100_000,
    database: Annotated[
        str,
        typer.Option(
            help="空的 PostgreSQL（URL）；不给则用随装的 An empty PostgreSQL, as a URL; else the one beside us."
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 1,
    json: Json = False,
) -> None:
    """PostgreSQL 上多个发送进程反复被强杀。Several dispatchers on PostgreSQL, killed over and over while sending."""
    from cli.benches import machines as hunting

    show(hunting.run(hunting.Plan(dispatchers, kills, notices, seed), database), json=json)


@app.command("sources")
def sources(
    rounds: Annotated[int, typer.Option(help="遍数 How often the night's captures are read.")] = 20, json: Json = False
) -> None:
    """解析并比较一夜的全部抓取。All captures of one night parsed, checked and compared."""
    from cli.benches import captures

    show(captures.run(rounds), json=json)


@app.command("classify")
def classify(titles: Annotated[int, typer.Option(help="标题数 Titles.")] = 20_000, json: Json = False) -> None:
    """判读标题，与只扫描国名相比。Titles read, against a plain scan for country names."""
    from cli.benches import titles as reading

    show(reading.run(titles), json=json)


@app.command("roster")
def roster(rows: Annotated[int, typer.Option(help="行数 Rows.")] = 100_000, json: Json = False) -> None:
    """检查一份花名册，与只读单元格和号码相比。A roster checked, against reading its cells and numbers alone."""
    from cli.benches import roster as checking

    show(checking.run(rows), json=json)


@app.command("whereabouts")
def whereabouts(
    people: Annotated[int, typer.Option(help="登记人数 People in the register.")] = 1_000_000,
    hits: Annotated[int, typer.Option(help="其中在该国的人数 How many of them are in the country.")] = 250_000,
    json: Json = False,
) -> None:
    """一国人员去向，与直接查询相比。Who is in a country, streamed, against the bare query."""
    from cli.benches import whereabouts as finding

    show(finding.run(people, hits), json=json)


@app.command("pages")
def pages(
    people: Annotated[int, typer.Option(help="登记人数 People in the register.")] = 1_000_000,
    database: Annotated[
        str, typer.Option(help="另测一个空的 PostgreSQL（URL） An empty PostgreSQL to measure too, as a URL.")
    ] = "",
    json: Json = False,
) -> None:
    """值班台人员名单：翻页、筛选、精确查找。The console's list of people: pages, filters, an exact name and number."""
    from cli.benches import pages as listing

    show(listing.lists(people, database), json=json)


@app.command("paint")
def paint(
    people: Annotated[int, typer.Option(help="登记人数 People in the register.")] = 100_000, json: Json = False
) -> None:
    """值班台每一页的首次呈现：毫秒与字节。Each page of the office's console: milliseconds and bytes."""
    from cli.benches import pages as painting

    show(painting.paints(people), json=json)


@app.command("growth")
def growth(
    people: Annotated[int, typer.Option(min=100, help="登记人数 People in the register.")] = 20_000,
    database: Annotated[
        str, typer.Option(help="另测一个空的 PostgreSQL（URL） An empty PostgreSQL to measure too, as a URL.")
    ] = "",
    json: Json = False,
) -> None:
    """每个人、每条通知、每次回执占多少字节；城市、省、部一年增长多少。
    Bytes of a person, a notice, a receipt; and what a year adds in a city, a province, a ministry."""
    from cli.benches import growth as growing

    show(growing.run(people, database), json=json)


@app.command("keys")
def keys(addresses: Annotated[int, typer.Option(help="地址数 Addresses.")] = 50_000, json: Json = False) -> None:
    """解密联系方式，与裸加密算法相比。Opening addresses, against the bare cipher."""
    from cli.benches import keys as opening

    show(opening.run(addresses), json=json)


@app.command("replies")
def replies(
    count: Annotated[int, typer.Option("--replies", help="答复数 Answers.")] = 10_000,
    seed: Annotated[int, typer.Option(help="随机种子 Seed.")] = 1,
    json: Json = False,
) -> None:
    """各种方式的平安答复写入看板，与裸插入相比。Answers by every way into the board, against a bare insert."""
    from cli.benches import replies as answering

    show(answering.run(count, seed), json=json)


def show(found: list[Measure], *, json: bool) -> None:
    """Print measures."""
    if json:
        lines(one.as_json() for one in found)
        return
    titles = [t("Measure"), t("Value"), t("Unit"), t("Bare"), t("Ratio"), t("Memory, MB"), t("Remark")]
    table(
        titles,
        [(m.name, f"{m.value:.4g}", m.unit, f"{m.limit:.4g}", f"{m.ratio:.2f}", m.rss_mb, m.note) for m in found],
    )
