"""What the site and the environment say: read once at the start, frozen, or refused with every problem named."""

from adapter.settings.choice import choose_site as choose_site
from adapter.settings.effective import (
    Effective as Effective,
    find_unsafe as find_unsafe,
    is_loopback as is_loopback,
    list_effective as list_effective,
)
from adapter.settings.environment import (
    SETTINGS as SETTINGS,
    Setting as Setting,
    Settings as Settings,
    load_settings as load_settings,
)
from adapter.settings.keys import SettingsError as SettingsError
from adapter.settings.site import SiteError as SiteError, load_site as load_site, load_sites as load_sites

__all__ = [
    "SETTINGS", "Effective", "Setting", "Settings", "SettingsError", "SiteError", "choose_site", "find_unsafe", "is_loopback",
    "list_effective", "load_settings", "load_site", "load_sites",
]
