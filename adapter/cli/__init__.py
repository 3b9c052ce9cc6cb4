"""The command line: options in, the steps of the lower rooms, results to standard output, errors to standard error."""

from adapter.cli.program import main as main

__all__ = ["main"]
