"""The adapter over HTTP: bytes in, the steps of the lower rooms, bytes out; every error is an OperationOutcome."""

from adapter.web.application import create_app as create_app
from adapter.web.service import Service as Service

__all__ = ["Service", "create_app"]
