"""Errors as answers: every one is {"error": {"message", "kind"}}, with a text that the page can show as it is."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from maskwright import errors
from maskwright.studio.security import HEADERS

_log = logging.getLogger(__name__)

_STATUS: dict[type[Exception], int] = {
    errors.NotFoundError: 404,
    errors.PromptError: 422,
    errors.ImageError: 422,
    errors.MaskError: 422,
    errors.DataError: 422,
    errors.StoreError: 409,
}
"""The status of each class of error; 400 for the others of maskwright."""

_KINDS = {404: "NotFoundError", 413: "TooLargeError"}


def answer(status: int, message: str, kind: str) -> JSONResponse:
    """An error's answer."""
    return JSONResponse({"error": {"message": message, "kind": kind}}, status)


def install(app: FastAPI) -> None:
    """Make all errors of an app answer in the one form."""

    @app.exception_handler(errors.MaskwrightError)
    def on_maskwright_error(_request: Request, error: errors.MaskwrightError) -> JSONResponse:
        status = next((code for cls, code in _STATUS.items() if isinstance(error, cls)), 400)
        return answer(status, str(error), type(error).__name__)

    @app.exception_handler(RequestValidationError)
    def on_malformed_request(_request: Request, error: RequestValidationError) -> JSONResponse:
        problems = [f"{'.'.join(str(part) for part in e['loc'])}: {e['msg']}" for e in error.errors()]
        return answer(422, f"the request does not fit: {'; '.join(problems)}. See /api/docs", "RequestError")

    @app.exception_handler(HTTPException)
    def on_http_error(_request: Request, error: HTTPException) -> JSONResponse:
        return answer(error.status_code, str(error.detail), _KINDS.get(error.status_code, "RequestError"))

    @app.exception_handler(Exception)
    def on_unexpected_error(request: Request, error: Exception) -> JSONResponse:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        text = "something in maskwright went wrong; the terminal that runs the studio says more. Your annotations are safe"
        made = answer(500, text, "InternalError")
        made.headers.update(HEADERS)  # this one answer is made outside of all middleware
        return made
