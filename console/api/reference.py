"""The description of the API as the page `docs/api.md`. Pure: made from the OpenAPI document, nothing is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Fields = Mapping[str, Any]

HEAD = """# API 接口

This page is made from the description that `GET /api/v1/openapi.json` gives (OpenAPI 3.1); a test keeps it so. How to
begin, with examples: [connect an HR system](how-to/connect-an-hr-system.md). Every call carries
`Authorization: Bearer TOKEN`, a token of a user of the role company.
本页由 `GET /api/v1/openapi.json` 给出的说明生成，并由测试保证一致。入门和示例见[对接人事系统](how-to/connect-an-hr-system.md)。
每次调用都须带 `Authorization: Bearer TOKEN`，令牌属于角色为 company 的用户。

To write it anew 重新生成:
`python -c "from console.api import app, reference as r; print(r.page(app.specification()), end='')" > docs/api.md`
"""
SHARED = "## Refusals of every call 各接口共有的拒绝"


def page(document: Fields) -> str:
    """Return the page for an OpenAPI document: what holds always, each call, each shape."""
    calls = {
        f"{method.upper()} {path}": call
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    }
    always = set.intersection(*({status for status in one["responses"] if status >= "400"} for one in calls.values()))
    told = [part for title, call in calls.items() for part in _call(title, call, always)]
    some = next(iter(calls.values()))["responses"]
    shared = ["", "| answer | meaning | body |", "|---|---|---|", *(_answer(one, some[one]) for one in sorted(always))]
    shapes = [part for name, shape in document["components"]["schemas"].items() for part in _shape(name, shape)]
    parts = [HEAD, document["info"]["description"], "", SHARED, *shared, "", "## Calls 调用", *told]
    return "\n".join([*parts, "", "## Shapes 数据结构", *shapes, ""])


def _call(title: str, call: Fields, always: set[str]) -> Iterator[str]:
    yield from ("", f"### {title}", "", call["description"])
    parameters = call.get("parameters", [])
    if parameters:
        yield from ("", "| parameter | in | type | meaning |", "|---|---|---|---|")
        for one in parameters:
            must = " (required)" if one.get("required") else ""
            yield f"| `{one['name']}` | {one['in']}{must} | {_type(one['schema'])} | {_line(one.get('description', ''))} |"
    yield from ("", "| answer | meaning | body |", "|---|---|---|")
    for media, body in call.get("requestBody", {}).get("content", {}).items():
        yield f"| sent 发送 | `{media}` | {_type(body.get('schema', {}))} |"
    yield from (_answer(status, one) for status, one in sorted(call["responses"].items()) if status not in always)


def _answer(status: str, answer: Fields) -> str:
    bodies = [_type(one.get("schema", {})) for one in answer.get("content", {}).values()]
    return f"| {status} | {_line(answer['description'])} | {', '.join(bodies)} |"


def _shape(name: str, shape: Fields) -> Iterator[str]:
    yield from ("", f"### {name}", "")
    if shape.get("description"):
        yield from (shape["description"], "")
    yield from ("| field | type | meaning |", "|---|---|---|")
    needed = set(shape.get("required", []))
    for field, one in shape.get("properties", {}).items():
        must = " (required)" if field in needed else ""
        yield f"| `{field}`{must} | {_type(one)} | {_line(one.get('description', ''))} |"


def _type(schema: Fields) -> str:
    """Return a schema in a few words: its name as a link, its values, or its type."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{one}`" for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return " ".join(filter(None, (schema.get("type", "any"), schema.get("format", "")))) + _bounds(schema)


def _bounds(schema: Fields) -> str:
    names = {"minimum": "≥", "maximum": "≤", "maxLength": "at most", "maxItems": "at most"}
    found = [f"{word} {schema[name]}" for name, word in names.items() if name in schema]
    return f" ({', '.join(found)})" if found else ""


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
