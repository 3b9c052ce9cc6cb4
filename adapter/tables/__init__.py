"""Code tables: dated, cited, looked up by the day of service, in both directions. Pure."""

from adapter.tables.rules import Rule as Rule
from adapter.tables.shelf import Tables as Tables
from adapter.tables.table import Row as Row, Source as Source, Table as Table

__all__ = ["Row", "Rule", "Source", "Table", "Tables"]
