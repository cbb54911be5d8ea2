"""What the sandbox's providers at home know us by. Fixed, so that no secret of the settings ever goes to a sandbox. Pure."""

from __future__ import annotations

SECRET = "sandbox"  # noqa: S105 - the secret of a place without secrets
KEY_ID = "sandbox"
CORP_ID = "sandbox"
AGENT_ID = 1
APP_ID = "1400000000"
SIGNATURE = "示例市外办"
TEMPLATES = {name: f"SMS_{name}" for name in ("first", "update", "correction", "all-clear", "service")}
GATEWAY_PATH = "/gateway/messages"
HOOKS = {
    "wecom_bot": "/cgi-bin/webhook/send?key=",
    "dingtalk_bot": "/robot/send?access_token=",
    "feishu_bot": "/open-apis/bot/v2/hook/",
}
"""Where each kind of robot posts; the name of the group follows."""
