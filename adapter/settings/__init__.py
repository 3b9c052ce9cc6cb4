"""What the site and the environment say: read once at the start, frozen, or refused with every problem named."""

from adapter.settings.choice import choose_site as choose_site
from adapter.settings.environment import Settings as Settings, load_settings as load_settings
from adapter.settings.keys import SettingsError as SettingsError
from adapter.settings.site import SiteError as SiteError, load_site as load_site, load_sites as load_sites

__all__ = ["Settings", "SettingsError", "SiteError", "choose_site", "load_settings", "load_site", "load_sites"]
