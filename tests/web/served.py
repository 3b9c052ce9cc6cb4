"""A running service, talked to over real sockets."""

import re
import signal
import socket
import subprocess
import sys
from urllib.request import Request, urlopen

from tests.samples import SITE

__all__ = ["LIVEZ", "Served", "receive"]

LIVEZ = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

_IMPATIENT = "from adapter.http import arrival; arrival.PATIENCE = {}; from adapter.cli import main; main()"


class Served:
    """One running command; `patience` is how many seconds a request has to arrive, `setup` a program that begins it otherwise."""

    def __init__(self, *options, patience=None, setup=None, command=("serve", "--open", "--site", str(SITE))):
        setup = setup or (patience and _IMPATIENT.format(patience))
        start = ["-c", setup] if setup else ["-m", "adapter"]
        whole = [sys.executable, *start, *command, "--port", "0", *options]
        self.process = subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.port = int(re.search(r":(\d+)/fhir$", self.line.strip())[1])

    def post(self, path, data):
        request = Request(f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/fhir+json"})
        with urlopen(request, timeout=30) as response:  # noqa: S310 -- our own address
            return response.read()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def send(self, data):
        """Send raw bytes and give status, head and body of what comes back."""
        with self.connect() as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return receive(connection)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=30)
        return self.process.returncode, out, err


def receive(connection):
    """Read all that comes back and give status, head and body."""
    answer = b""
    while piece := connection.recv(65536):
        answer += piece
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, body
