"""What must not be lost: what came in, the claims that were made of it, and resources with their versions."""

from adapter.store.keeping import StoredAnswer as StoredAnswer, StoredClaim as StoredClaim
from adapter.store.layout import LayoutError as LayoutError
from adapter.store.moving import (
    MovingError as MovingError,
    export_store as export_store,
    import_store as import_store,
)
from adapter.store.opening import open_store as open_store
from adapter.store.resources import (
    Key as Key,
    NewResource as NewResource,
    StoredSnapshot as StoredSnapshot,
    StoredVersion as StoredVersion,
    TooManyError as TooManyError,
)
from adapter.store.soundness import (
    backup_store as backup_store,
    count_rows as count_rows,
    find_damage as find_damage,
)
from adapter.store.submission import Job as Job, KeptAnswer as KeptAnswer
from adapter.store.unit import Store as Store, Unit as Unit

__all__ = [
    "Job", "KeptAnswer", "Key", "LayoutError", "MovingError", "NewResource", "Store", "StoredAnswer", "StoredClaim",
    "StoredSnapshot", "StoredVersion", "TooManyError", "Unit", "backup_store", "count_rows", "export_store", "find_damage",
    "import_store", "open_store",
]
