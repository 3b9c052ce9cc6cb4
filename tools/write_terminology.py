"""Write the CodeSystems, ValueSets and ConceptMaps of profiles/ from the code tables in mappings/.

    python -m tools.write_terminology profiles

Two runs over one folder of tables give the same bytes. What the tables no longer tell is taken away.
"""

from __future__ import annotations

import sys
from pathlib import Path

from adapter.fhir.terminology import write_terminology
from adapter.load import data_folder, load_tables
from tools.generated import replace_files
from tools.json_lines import write_lines

__all__ = ["main", "terminology_files"]

_WRITTEN = ("CodeSystem-*.json", "ValueSet-*.json", "ConceptMap-*.json")


def terminology_files() -> dict[str, str]:
    """Give the text of each file by its name."""
    trees = list(write_terminology(load_tables(data_folder("mappings"))))
    return {f"{tree['resourceType']}-{tree['id']}.json": write_lines(tree) + "\n" for tree in trees}


def main(arguments: list[str]) -> int:
    """Write the files into a folder, and take away those of these types that are none of them."""
    replace_files(Path(arguments[0]), terminology_files(), *_WRITTEN)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
