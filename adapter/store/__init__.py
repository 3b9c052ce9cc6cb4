"""What must not be lost: what came in and the claims that were made of it."""

from adapter.store.keeping import (
    LayoutError as LayoutError,
    Store as Store,
    StoredAnswer as StoredAnswer,
    StoredClaim as StoredClaim,
    open_store as open_store,
)

__all__ = ["LayoutError", "Store", "StoredAnswer", "StoredClaim", "open_store"]
