"""`lingbao sandbox` and `lingbao serve`: what listens on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.context import Context
from cli.show import remark
from core.i18n import t


def sandbox(
    context: typer.Context,
    port: Annotated[int | None, typer.Option(help="端口；邮件端口为其加一 Port; mail is one above.")] = None,
    faults: Annotated[str, typer.Option(metavar="SPEC", help="故障，如 429=0.05,slow=0.2:2.0 Faults.")] = "",
    seed: Annotated[int, typer.Option(help="随机种子 Seed of the faults.")] = 1,
    directory: Annotated[Path | None, typer.Option(help="保存目录 Where it keeps what reached it.")] = None,
) -> None:
    """本机沙箱：模拟 Twilio 和邮件服务器。A local Twilio and mail server; nothing leaves this machine."""
    from notify.sandbox.server import serve as run

    here: Context = context.obj
    settings = here.settings
    chosen = port or settings.sandbox_port
    remark(
        t(
            "Sandbox: http://127.0.0.1:{port}/ shows what reached it; mail on port {mail}. Stop with Ctrl-C.",
            port=chosen,
            mail=chosen + 1,
        )
    )
    if chosen != settings.sandbox_port:
        remark(t("Tell the other commands: export LINGBAO_SANDBOX_PORT={port}", port=chosen))
    run(
        chosen, directory or settings.home / "sandbox", faults=faults, seed=seed,
        auth_token=settings.twilio_auth_token.get_secret_value(), account_sid=settings.twilio_account_sid,
    )  # fmt: skip


def serve(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="端口 Port.")] = 8430,
    host: Annotated[str, typer.Option(help="地址 Address to listen on.")] = "127.0.0.1",
) -> None:
    """值班台、企业平台、居民登记、企业接口、服务商回执。Pages at /office, /company and /register, API at /api/v1, callbacks at /hooks."""
    import uvicorn

    from console.app import build

    here: Context = context.obj
    remark(t("Listening on http://{host}:{port}; providers reach it as {public}.", host=host, port=port,
             public=here.settings.public_base_url))  # fmt: skip
    uvicorn.run(build(here.office), host=host, port=port, log_level="warning", access_log=False, server_header=False,
                log_config=None)  # fmt: skip
