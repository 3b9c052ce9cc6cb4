"""How what was made leaves the house: gathered into one Bundle, put into a folder whole or not at all."""

from adapter.deliver.folder import deliver_to_folder as deliver_to_folder
from adapter.deliver.parcel import gather_bundles as gather_bundles, wrap_document as wrap_document

__all__ = ["deliver_to_folder", "gather_bundles", "wrap_document"]
