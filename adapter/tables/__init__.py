"""Code tables: dated, cited, looked up by the day of service, in both directions. Pure."""

from adapter.tables.code_list import (
    CodeList as CodeList,
    Edition as Edition,
    LicensedFile as LicensedFile,
    Listed as Listed,
)
from adapter.tables.rules import Rule as Rule
from adapter.tables.shelf import Tables as Tables
from adapter.tables.table import Row as Row, Source as Source, Table as Table, forget_answers as forget_answers

__all__ = [
    "CodeList", "Edition", "LicensedFile", "Listed", "Row", "Rule", "Source", "Table", "Tables", "forget_answers",
]
