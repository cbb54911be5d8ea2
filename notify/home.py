"""Opening the channels at home: WeCom, group robots, SMS to +86 and the city's gateway, as the settings say."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from pydantic import SecretStr

from core.clock import Clock
from core.errors import WrongSetting
from core.group_bots import GroupBot
from core.i18n import t
from core.settings import Settings
from notify.channels.base import Channel
from notify.routing import GROUP_BOTS
from notify.sandbox import home_keys as keys
from notify.tables import VersionKind


def home_channels(settings: Settings, clock: Clock, sandbox: str = "") -> dict[str, Channel]:
    """Open those of our channels that the settings list, by name.

    Args:
        sandbox: address of the local sandbox, in mode sandbox. What has no address of its own goes there, with the sandbox's
            keys instead of those of the settings.

    Raises:
        WrongSetting: a channel is listed and lacks a setting it cannot do without.
    """
    wanted = [name for name in settings.channels if name in OPENERS]
    given = for_sandbox(settings, sandbox) if sandbox else settings
    return {name: OPENERS[name](given, clock, name) for name in wanted}


def for_sandbox(settings: Settings, base: str) -> Settings:
    """Return the settings as they are towards the local sandbox at `base`. An address of their own is kept, with its keys."""
    secret, changed = SecretStr(keys.SECRET), dict[str, object]()
    changed["groups"] = tuple(_in_sandbox(one, base) for one in settings.groups)
    if not settings.wecom_base_url:
        changed |= {"wecom_base_url": base, "wecom_corp_id": keys.CORP_ID, "wecom_agent_id": keys.AGENT_ID,
                    "wecom_secret": secret}  # fmt: skip
    if not settings.sms_cn_base_url:
        changed |= {
            "sms_cn_base_url": base, "sms_cn_provider": settings.sms_cn_provider or "aliyun", "sms_cn_key_id": keys.KEY_ID,
            "sms_cn_key_secret": secret, "sms_cn_signature": settings.sms_cn_signature or keys.SIGNATURE,
            "sms_cn_templates": keys.TEMPLATES, "sms_cn_app_id": keys.APP_ID,
        }  # fmt: skip
    changed |= {"gateway_url": base + keys.GATEWAY_PATH, "gateway_secret": secret, "gateway_lookup": True}
    return settings.model_copy(update=changed)


def _in_sandbox(group: GroupBot, base: str) -> GroupBot:
    url = base + keys.HOOKS[group.kind] + quote(group.name, safe="")
    secret = SecretStr(keys.SECRET if group.secret.get_secret_value() else "")
    return group.model_copy(update={"url": SecretStr(url), "secret": secret})


def _wecom(settings: Settings, clock: Clock, name: str) -> Channel:
    from notify.channels.wecom import Wecom

    _need(name, wecom_corp_id=settings.wecom_corp_id, wecom_agent_id=settings.wecom_agent_id,
          wecom_secret=settings.wecom_secret.get_secret_value())  # fmt: skip
    return Wecom(settings, clock, settings.wecom_base_url)


def _sms_cn(settings: Settings, clock: Clock, name: str) -> Channel:
    from notify.channels.aliyun_sms import AliyunSms
    from notify.channels.tencent_sms import TencentSms

    if settings.sms_cn_provider == "webhook":
        return _gateway(settings, clock, name)
    _need(
        name, sms_cn_provider=settings.sms_cn_provider, sms_cn_key_id=settings.sms_cn_key_id,
        sms_cn_key_secret=settings.sms_cn_key_secret.get_secret_value(), sms_cn_signature=settings.sms_cn_signature,
        # Each kind of an alert's version: one that is missing would hold up everybody on the night it is needed.
        **{f"sms_cn_templates.{kind}": settings.sms_cn_templates.get(kind) for kind in VersionKind},
    )  # fmt: skip
    if settings.sms_cn_provider == "aliyun":
        return AliyunSms(settings, clock, settings.sms_cn_base_url)
    _need(name, sms_cn_app_id=settings.sms_cn_app_id)
    return TencentSms(settings, clock, settings.sms_cn_base_url)


def _gateway(settings: Settings, clock: Clock, name: str) -> Channel:
    from notify.channels.webhook import Webhook

    _need(name, gateway_url=settings.gateway_url, gateway_secret=settings.gateway_secret.get_secret_value())
    return Webhook(name, settings, clock)


def _bot(settings: Settings, clock: Clock, name: str) -> Channel:
    from notify.channels.dingtalk_bot import DingtalkBot
    from notify.channels.feishu_bot import FeishuBot
    from notify.channels.wecom_bot import WecomBot

    _need(name, groups=[one for one in settings.groups if one.kind == name])
    kinds: dict[str, Callable[[Settings, Clock], Channel]] = {
        "wecom_bot": WecomBot,
        "dingtalk_bot": DingtalkBot,
        "feishu_bot": FeishuBot,
    }
    return kinds[name](settings, clock)


def _need(channel: str, **settings: object) -> None:
    missing = [name for name, value in settings.items() if not value]
    if missing:
        raise WrongSetting(
            t("The channel {channel} needs the settings: {names}", channel=channel, names=", ".join(missing))
        )


OPENERS: dict[str, Callable[[Settings, Clock, str], Channel]] = {
    "sms_cn": _sms_cn, "wecom": _wecom, "wechat": _gateway, **dict.fromkeys(GROUP_BOTS, _bot),
}  # fmt: skip
