"""What a client in Python does, one step after the other: each tells what came of it, and one that is not claimed says so.

Run by the Python of the clients, which has nothing of ours: only the standard library is imported here.
"""

import json
import sys
from pathlib import Path

__all__ = ["claims", "tell"]


def claims(capability, operation=None, kind=None, interaction=None):
    """Tell whether a CapabilityStatement claims an operation, or an interaction with a type."""
    (rest,) = capability["rest"]
    resources = {one["type"]: one for one in rest.get("resource", [])}
    if operation:
        every = [*rest.get("operation", []), *(each for one in resources.values() for each in one.get("operation", []))]
        return operation in {one["name"] for one in every}
    return interaction in {one["code"] for one in resources.get(kind, {}).get("interaction", [])}


def tell(walk):
    """Run a walk, a generator of (step, what came of it), over a service and a refill, and print what it told."""
    base, path, poor = sys.argv[1:4]
    told = dict(walk(base, json.loads(Path(path).read_bytes()), json.loads(Path(poor).read_bytes())))
    print(json.dumps(told))  # noqa: T201 -- this is how it answers
