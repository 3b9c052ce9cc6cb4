"""The process that serves: gunicorn, configured, and its end."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication

from adapter.http.worker import OutcomeWorker, register_refusals
from adapter.settings import Settings

__all__ = ["run_server"]

_THREADS = 256  # connections that may be arriving at once; `door` bounds how many are worked on

_SECONDS_TO_FINISH = 20  # for the requests in flight, once no more are taken


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
            "graceful_timeout": _SECONDS_TO_FINISH + self._settings.drain,
            "keepalive": 15,
            "control_socket_disable": True,
            "when_ready": _announce,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Iterable[bytes]]:
        return self._app


def run_server(app: Flask, settings: Settings) -> None:
    """Serve an application until told to end; the worker is another process and opens files and connections of its own.

    Errors: OSError where the port cannot be listened on.
    """
    _check_port(settings)
    register_refusals(app)
    app.extensions["drain"] = settings.drain
    _Server(app, settings).run()


def _check_port(settings: Settings) -> None:
    """Try the port before gunicorn does, which would try it for seconds and end with a code of its own."""
    try:
        socket.create_server((settings.host, settings.port), family=_family(settings.host)).close()
    except OSError as error:  # its text holds the address once more, as Python writes it
        raise OSError(error.errno, os.strerror(error.errno or 0)) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _announce(arbiter: Any) -> None:
    host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
    click.echo(f"refill-adapter serves http://{f'[{host}]' if ':' in host else host}:{port}/fhir")
