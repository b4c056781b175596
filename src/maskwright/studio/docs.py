"""The API's documentation as one plain page, made from its OpenAPI description: no script, nothing from the internet."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{font:.9em ui-monospace,monospace}table{border-collapse:collapse;margin:.5rem 0}"
    "td{padding:.15rem 1rem .15rem 0;vertical-align:top}h3{margin-bottom:0}p{margin:.3rem 0}"
)


def install(app: FastAPI) -> None:
    """Serve the page at /api/docs."""

    @app.get("/api/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(render(app.openapi()))


def render(openapi: dict[str, Any]) -> str:
    """The page of an OpenAPI description."""
    info, paths, schemas = openapi["info"], openapi["paths"], openapi["components"]["schemas"]
    calls = [_call(path, verb, call) for path, verbs in paths.items() for verb, call in verbs.items()]
    models = [_model(name, schema) for name, schema in sorted(schemas.items())]
    title = escape(f"{info['title']} {info['version']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}: HTTP API</title><style>{_STYLE}</style>'
        f"<body><h1>{title}: HTTP API</h1><p>For programs: <a href='/api/openapi.json'>/api/openapi.json</a>.</p>"
        f"<h2>Requests</h2>{''.join(calls)}<h2>Values</h2>{''.join(models)}</body></html>"
    )


def _call(path: str, verb: str, call: dict[str, Any]) -> str:
    rows = [(p["name"], _kind(p["schema"]), p.get("description", "")) for p in call.get("parameters", [])]
    for media, body in call.get("requestBody", {}).get("content", {}).items():
        rows.append(("body", f"{media}: {_kind(body['schema'])}", ""))
    for media, body in call["responses"].get("200", {}).get("content", {}).items():
        rows.append(("answer", f"{media}: {_kind(body['schema'])}" if body.get("schema") else escape(media), ""))
    heading = f"<h3><code>{verb.upper()} {escape(path)}</code></h3><p>{escape(call.get('description', ''))}</p>"
    return heading + _table(rows)


def _model(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", [])
    rows = [
        (field, _kind(kind) + ("" if field in needed else " (optional)"), kind.get("description", ""))
        for field, kind in schema.get("properties", {}).items()
    ]
    heading = f'<h3 id="{escape(name)}"><code>{escape(name)}</code></h3><p>{escape(schema.get("description", ""))}</p>'
    return heading + _table(rows)


def _kind(schema: dict[str, Any]) -> str:
    """A JSON schema in a few words, as HTML."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#{name}">{name}</a>'
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(_kind(choice) for choice in schema[key])
    if "const" in schema or "enum" in schema:
        return " or ".join(f"<code>{escape(repr(value))}</code>" for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return escape(str(schema.get("type", "any")))


def _table(rows: list[tuple[str, str, str]]) -> str:
    cells = [f"<tr><td><code>{escape(name)}</code><td>{kind}<td>{escape(text)}</tr>" for name, kind, text in rows]
    return f"<table>{''.join(cells)}</table>" if cells else ""
