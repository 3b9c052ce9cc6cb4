"""The process that serves: gunicorn with threads, whose own refusals are OperationOutcomes too."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import click
from flask import Flask, Response
from gunicorn import util
from gunicorn.app.base import BaseApplication
from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from adapter.settings import Settings
from adapter.web.answers import answer_issues
from adapter.web.application import create_app
from adapter.web.faults import log_fault
from adapter.web.media import FHIR_JSON
from adapter.web.service import Service
from adapter.web.status import http_issue

__all__ = ["OutcomeWorker", "read_protocol_fault", "run_server"]

_THREADS = 8

# What gunicorn refuses before the application sees it; every other fault of the request is 400.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ExpectationFailed, 417),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ParseException, 400),
)


def read_protocol_fault(fault: BaseException) -> int | None:
    """Give the status of a request that is not sound HTTP; None where the fault is not the request's."""
    return next((status for kind, status in _STATUS if isinstance(fault, kind)), None)


class OutcomeWorker(ThreadWorker):
    """A threaded worker that refuses a bad request with an OperationOutcome and logs nothing of it."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002 -- gunicorn's
        """Answer what never reached the application."""
        request_id = str(uuid4())
        status = read_protocol_fault(exc)
        issue = http_issue(status) if status else log_fault(exc, request_id)
        status = status or 500
        body = answer_issues(status, [issue]).body
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            f"X-Request-Id: {request_id}\r\n"
            f"Content-Type: {FHIR_JSON}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode("latin-1") + body)
        except OSError:
            self.log.debug("the client went before the answer")


class _Server(BaseApplication):
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        options: dict[str, Any] = {
            "bind": [f"{host}:{self._settings.port}"],
            "worker_class": OutcomeWorker,
            "workers": 1,
            "threads": _THREADS,
            "preload_app": True,
            "loglevel": "warning",
            "graceful_timeout": 20,
            "keepalive": 15,
            "control_socket_disable": True,
            "when_ready": _announce,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        return self._app


def run_server(service: Service, settings: Settings) -> None:
    """Serve until told to end. Errors: OSError where the port cannot be listened on."""
    _check_port(settings)
    if service.store is not None:
        service.store.close()  # the worker is another process and opens connections of its own
    app = create_app(service)
    app.register_error_handler(errors.ParseException, _refuse)
    _Server(app, settings).run()


def _check_port(settings: Settings) -> None:
    """Try the port before gunicorn does, which would try it for seconds and end with a code of its own."""
    with socket.create_server((settings.host, settings.port), family=_family(settings.host)):
        pass


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _refuse(fault: Exception) -> Response:
    """Answer a body that broke off or was not sound while the application read it."""
    status = read_protocol_fault(fault) or 400
    body = answer_issues(status, [http_issue(status)]).body
    return Response(body, status, content_type=f"{FHIR_JSON}; charset=utf-8", headers={"Connection": "close"})


def _announce(arbiter: Any) -> None:
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    click.echo(f"refill-adapter serves http://{f'[{host}]' if ':' in host else host}:{port}/fhir")
