"""Write the table of settings into docs/running.md, between its two marks: every setting with its variable, default and meaning.

    python -m tools.write_settings docs/running.md

What stands around the marks is written by hand, and stays.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from adapter.settings import SETTINGS, Settings

__all__ = ["write_table"]

_BEGIN: Final = "<!-- settings: written by make docs -->\n"
_END: Final = "<!-- end of settings -->\n"


def write_table(page: str) -> str:
    """Give the page with the table as it is now.

    >>> "REFILL_PORT" in write_table(_BEGIN + _END)
    True
    """
    before, _, rest = page.partition(_BEGIN)
    after = rest.partition(_END)[2]
    default = Settings()
    rows = ["| variable | takes | default | what it is for |", "|---|---|---|---|"]
    for name, setting in SETTINGS.items():
        value = getattr(default, name)
        shown = "not set" if value is None else f"`{value}`"
        rows.append(f"| `REFILL_{name.upper()}` | {setting.expected} | {shown} | {setting.says} |")
    return "\n".join([f"{before}{_BEGIN}", *rows, "", f"{_END}{after}"])


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.write_text(write_table(place.read_text(encoding="utf-8")), encoding="utf-8")
