"""What must not be lost: what came in, the claims that were made of it, and resources with their versions."""

from adapter.store.keeping import StoredAnswer as StoredAnswer, StoredClaim as StoredClaim
from adapter.store.layout import LayoutError as LayoutError
from adapter.store.opening import open_store as open_store
from adapter.store.resources import (
    Key as Key,
    StoredSnapshot as StoredSnapshot,
    StoredVersion as StoredVersion,
    TooManyError as TooManyError,
)
from adapter.store.submission import Job as Job, KeptAnswer as KeptAnswer
from adapter.store.unit import Store as Store, Unit as Unit

__all__ = [
    "Job", "KeptAnswer", "Key", "LayoutError", "Store", "StoredAnswer", "StoredClaim", "StoredSnapshot", "StoredVersion",
    "TooManyError", "Unit", "open_store",
]
