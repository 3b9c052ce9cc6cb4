"""The worker: gunicorn's threads, with a limit on every wait, and FHIR in every refusal."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from flask import Flask
from gunicorn import util
from gunicorn.http import RequestParser, errors
from gunicorn.workers.gthread import ThreadWorker
from werkzeug.exceptions import default_exceptions

from adapter.http.answer import answer_issues, name_request, write_in_xml
from adapter.http.arrival import Arrival, CrowdedOutError, LateRequestError, Room
from adapter.http.faults import log_fault
from adapter.http.media import FHIR_XML, MAX_BODY, format_of_head
from adapter.http.status import http_issue

__all__ = ["OutcomeWorker", "read_protocol_fault", "register_refusals"]

_ROOM = 256 * 1024 * 1024
_SECONDS_TO_SEND = 60.0

# What is refused before the application has the request whole; every other fault of the request is 400.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (LateRequestError, 408),
    (CrowdedOutError, 503),
    (errors.LimitRequestLine, 414),
    (errors.LimitRequestHeaders, 431),
    (errors.ExpectationFailed, 417),
    (errors.UnsupportedTransferCoding, 501),
    (errors.ParseException, 400),
    (errors.NoMoreData, 400),
)


def read_protocol_fault(fault: BaseException) -> int | None:
    """Give the status of a request that is not sound HTTP, or late; None where the fault is not the request's."""
    return next((status for kind, status in _STATUS if isinstance(fault, kind)), None)


def register_refusals(app: Flask) -> None:
    """Have a body that is late, breaks off or is not sound while the application reads it refused like any other request."""

    def refuse(fault: Exception) -> Any:
        return app.handle_http_exception(default_exceptions[read_protocol_fault(fault) or 400]())

    for kind in (errors.ParseException, errors.NoMoreData):
        app.register_error_handler(kind, refuse)


class OutcomeWorker(ThreadWorker):
    """A threaded worker that waits for nobody for ever, refuses with an OperationOutcome and logs nothing of a request.

    gunicorn waits without end for a request and for a client to take its answer, and closes connections in the one
    thread that accepts them: here each wait is a worker thread's, and ends.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = Room(_ROOM)
        self._here = threading.local()  # what the request of this thread brought

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Begin to end: say so to whoever asks whether the service is ready, go on for a while, then take no more.

        Whoever sends requests here has that while to look and to send them elsewhere. Those in flight are finished.
        """
        stopping = self._parts()["stopping"]
        if stopping.is_set():
            return
        stopping.set()
        end = threading.Timer(self._parts()["drain"], super().handle_exit, (sig, frame))
        end.daemon = True
        end.start()

    def set_accept_enabled(self, enabled: Any) -> None:
        """Begin or cease to accept; at the end whoever waits at the door is let in, and the next is told at once that it is shut.

        gunicorn leaves the socket open until its last request is done: who connects meanwhile would wait, and be reset.
        """
        super().set_accept_enabled(enabled)
        if self.alive or enabled:
            return
        for listener in self.sockets:
            before = -1
            while self.nr_conns != before:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def _parts(self) -> dict[str, Any]:
        app: Any = self.wsgi
        parts: dict[str, Any] = app.extensions
        return parts

    def handle(self, conn: Any) -> Any:
        """Handle one request of a connection."""
        if conn.parser is None:
            conn.parser = RequestParser(self.cfg, conn.sock, conn.client)
            conn.parser.unreader = Arrival(conn.sock, self._room)
        self._here.arrival = conn.parser.unreader
        try:
            kept = super().handle(conn)
        finally:
            conn.parser.unreader.end()
        if kept is False:
            _close(conn.sock)
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer one request; after a body that broke off the connection ends, and its head says so."""
        asked = req.should_close
        req.should_close = lambda: req.body.failed or asked()
        conn.sock.settimeout(_SECONDS_TO_SEND)
        try:
            return super().handle_request(req, conn)
        except TimeoutError:
            self.log.debug("the client does not take its answer")
            return False
        finally:
            conn.parser.unreader.is_answered = True

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ARG002 -- gunicorn's
        """Answer what never reached the application, in the format that its head asks for, and count it."""
        request_id = str(uuid4())
        status = read_protocol_fault(exc)
        issue = http_issue(status) if status else log_fault(exc, request_id)
        status = status or 500
        parts = self._parts()
        parts["metrics"].count_refusal(status, issue)
        rule_book = parts["rule_book"]
        body, media = answer_issues(status, [issue], rule_book).body, format_of_head(self._here.arrival.head)
        body = name_request(body, request_id)
        again = f"Retry-After: {parts['places'].seconds()}\r\n" if isinstance(exc, CrowdedOutError) else ""
        if media == FHIR_XML:
            status, body = write_in_xml(status, body, rule_book)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nConnection: close\r\nCache-Control: no-store\r\n"
            f"X-Request-Id: {request_id}\r\n{again}"
            f"Content-Type: {media}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        try:
            util.write_nonblock(client, head.encode("latin-1") + body)
        except OSError:
            self.log.debug("the client went before the answer")


def _close(sock: socket.socket) -> None:
    """Close a connection as RFC 9112 section 9.6 asks, but for its file, which the accepting thread closes at once."""
    with suppress(OSError):
        util.close_graceful(sock.dup(), max_drain=MAX_BODY)  # who sends twice too much still reads why it was refused
        sock.shutdown(socket.SHUT_RDWR)
