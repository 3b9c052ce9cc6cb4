"""Definitions of a folder or a FHIR package: what a folder of profiles holds, whoever made it.

A package is a folder with `package/` in it, or that folder in a .tgz (https://hl7.org/fhir/packages.html). What stands under
`example` or `examples` is an example, of definitions too, and defines nothing.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

__all__ = ["DefinitionFileError", "read_definitions"]

_DEFINITIONS = frozenset({"CodeSystem", "StructureDefinition", "ValueSet"})
_EXAMPLES = frozenset({"example", "examples"})
_MAX_FILE = 64 * 1024 * 1024
_NO_DEFINITION = (
    "no StructureDefinition, ValueSet or CodeSystem is here; each is expected as a .json file of its own, or in a package "
    "(.tgz), not in a Bundle. Name the folder that holds them"
)


class DefinitionFileError(Exception):
    """A file of a folder of definitions that cannot be read: the text names it."""


def read_definitions(place: Path, *, expected: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Read every StructureDefinition, ValueSet and CodeSystem of a folder, of the packages in it, or of one file or package.

    Each comes with the name of its file. Errors: DefinitionFileError where a file is no JSON or no archive, a
    StructureDefinition has no url, or where one definition is `expected` and none is there; OSError.
    """
    count = 0
    for name, data in _contents(place):
        try:
            found = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError) as error:
            raise DefinitionFileError(f"{name}: not readable as JSON") from error
        if not isinstance(found, dict) or str(found.get("resourceType")) not in _DEFINITIONS:
            continue
        if found["resourceType"] == "StructureDefinition" and "url" not in found:
            raise DefinitionFileError(f"{name}: url is missing; give the StructureDefinition its canonical url")
        count += 1
        yield name, found
    if expected and not count:
        raise DefinitionFileError(f"{place}: {_NO_DEFINITION}")


def _contents(place: Path) -> Iterator[tuple[str, bytes]]:
    """Give name and bytes of each JSON file that is no example, in the order of their names."""
    for path in [place] if place.is_file() else sorted(place.rglob("*")):
        if _EXAMPLES & set(path.relative_to(place).parts[:-1]) or not path.is_file():
            continue
        if path.suffix == ".json":
            yield str(path), path.read_bytes()
        elif path == place or path.name.endswith((".tgz", ".tar.gz")):
            yield from _unpack(path)


def _unpack(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Give the JSON files of an archive: read in memory, nothing is written."""
    try:
        with tarfile.open(archive, "r:*") as files:
            for member in files:
                inside = PurePosixPath(member.name)
                if not member.isfile() or inside.suffix != ".json" or _EXAMPLES & set(inside.parts[:-1]):
                    continue
                if member.size > _MAX_FILE:
                    raise DefinitionFileError(f"{archive}: {inside} is larger than {_MAX_FILE} bytes")
                opened = files.extractfile(member)
                yield f"{archive}: {inside}", opened.read() if opened else b""
    except (tarfile.TarError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DefinitionFileError(f"{archive}: not readable as a package; a .tgz of FHIR definitions was expected") from error
