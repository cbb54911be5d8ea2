"""Names and addresses shortened beyond recognition, for readers who need not know them. Pure."""

from __future__ import annotations


def mask_name(name: str) -> str:
    """Keep the first character: `王小明` becomes `王**`."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def mask_address(value: str) -> str:
    """Keep the ends of a number (`+86*******00`), the first letter and the domain of a mail address
    (`l***@example.com`).
    """
    local, at, domain = value.partition("@")
    if at:
        return f"{local[:1]}***@{domain}"
    return value[:3] + "*" * max(len(value) - 5, 1) + value[-2:]
