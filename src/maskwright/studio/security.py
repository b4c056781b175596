"""Keeps strangers out of a server that has no password: other sites, rebound host names, floods of bytes.

The studio listens on this machine only, but so does every page in the same browser: a page of another site may send requests to
127.0.0.1 (cross-site request forgery), or point its own name there (DNS rebinding) and then read the answers. Hence two rules:
the Host header must be a name that cannot be rebound, and an Origin header must be this very server.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The Content-Security-Policy of every answer: nothing from elsewhere is loaded or run."""

HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""The headers of every answer."""


def allowed_names(host: str, further: Iterable[str] = ()) -> frozenset[str]:
    """The host names under which a server bound to `host` may be spoken to, besides plain addresses.

    Example:
        >>> sorted(allowed_names("127.0.0.1", ["box.example"]))
        ['127.0.0.1', 'box.example', 'localhost']
    """
    names = {"localhost", host, *further}
    if host in ("", "0.0.0.0", "::"):
        names |= {socket.gethostname()}
    return frozenset(name.lower() for name in names if name)


def is_allowed(netloc: str, names: frozenset[str]) -> bool:
    """Whether a Host header names this server: by one of the names, or by an address (which no DNS server can rebind).

    Example:
        >>> names = frozenset({"localhost"})
        >>> [is_allowed(h, names) for h in ("localhost:8000", "127.0.0.1", "[::1]:80", "evil.example", "")]
        [True, True, True, False, False]
    """
    try:
        parts = urlsplit(f"//{netloc}")
        name, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not name or parts.username is not None or parts.path:
        return False
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """ASGI middleware: refuses strangers (403) and bodies that are too large (413), and sets the security headers.

    Args:
        app: what to guard.
        names: see `allowed_names`.
        max_body: bytes that the body of a request may have, by path; `None` for all others.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str], max_body: dict[str | None, int]) -> None:
        self._app = app
        self._names = names
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        if problem := self._stranger(scope["method"], headers):
            await _refuse(send_guarded, 403, problem, "ForeignRequestError")
            return
        limit = self._max_body.get(scope["path"], self._max_body[None])
        too_large = f"the request has more than {limit / 1e6:.0f} MB, the most that is taken at once; send less"
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await _refuse(send_guarded, 413, too_large, "TooLargeError")
            return
        seen = 0

        async def receive_limited() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise HTTPException(413, too_large)
            return message

        await self._app(scope, receive_limited, send_guarded)

    def _stranger(self, method: str, headers: Headers) -> str | None:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not is_allowed(host, self._names):
            return (
                f"the studio does not answer under the name {host!r}; open it by its address, such as http://127.0.0.1, "
                "or start it with --allow-host"
            )
        if origin is not None and _netloc(origin) != host.lower():
            return f"a page of {origin} asked for this; only the studio's own page may"
        # Without an Origin header it may still be a page's embedded image or script; following a link to here is fine.
        followed = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and not followed:
            return "a page of another site asked for this; only the studio's own page may"
        return None


def _netloc(origin: str) -> str | None:
    """The host and port of an Origin header; None where it is malformed."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


async def _refuse(send: Send, status: int, message: str, kind: str) -> None:
    body = json.dumps({"error": {"message": message, "kind": kind}}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
