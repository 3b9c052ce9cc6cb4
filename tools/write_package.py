"""Write the FHIR package of profiles/: one file that FHIR tools install, the same bytes each time.

    python -m tools.write_package dist/package.tgz

Holds package/package.json, package/.index.json, every definition of profiles/, and the samples as package/example.
Source: http://hl7.org/fhir/packages.html
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any, Final

from adapter import __version__
from adapter.fhir.systems import BASE
from adapter.load import data_folder

__all__ = ["main", "package_files", "write_package"]

Json = dict[str, Any]

_NAME: Final = "example.refill-adapter.pump-refill"
_INDEXED: Final = ("resourceType", "id", "url", "version", "kind", "type")


def package_files() -> dict[str, bytes]:
    """Give the bytes of each file of the package by its name in there, in their order."""
    definitions = {path.name: path.read_bytes() for path in sorted(data_folder("profiles").glob("*.json"))}
    samples = {path.name: path.read_bytes() for path in sorted(data_folder("samples").glob("*.json"))}
    files = {"package/package.json": _encode(_manifest()), "package/.index.json": _encode(_index(definitions))}
    files |= {f"package/{name}": data for name, data in definitions.items()}
    files["package/example/.index.json"] = _encode(_index(samples))
    return files | {f"package/example/{name}": data for name, data in samples.items()}


def _manifest() -> Json:
    return {
        "name": _NAME, "version": __version__, "canonical": BASE, "url": BASE, "title": "Implantable pump refills",
        "description": "Profiles, code systems, value sets and concept maps of refill-adapter.", "type": "IG",
        "fhirVersions": ["4.0.1"], "license": "Apache-2.0", "author": "refill-adapter",
        "dependencies": {"hl7.fhir.r4.core": "4.0.1"}, "directories": {"lib": "package", "example": "example"},
    }


def _index(resources: dict[str, bytes]) -> Json:
    files = []
    for name, data in resources.items():
        told = json.loads(data)
        said = {key: told[key] for key in _INDEXED if isinstance(told.get(key), str)}
        files.append({"filename": name, **said})
    return {"index-version": 2, "files": files}


def _encode(value: Json) -> bytes:
    return (json.dumps(value, indent=2) + "\n").encode()


def write_package(files: dict[str, bytes]) -> bytes:
    """Write files as a gzipped tar in which nothing tells of a machine, a user or a time.

    >>> write_package({"package/package.json": b"{}"}) == write_package({"package/package.json": b"{}"})
    True
    """
    stream = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as zipped, tarfile.open(
        fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT
    ) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def main(arguments: list[str]) -> int:
    """Write the package into a file, and its folder where it is not there."""
    path = Path(arguments[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_package(package_files()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
