"""What stops a start."""

__all__ = ["TableError"]


class TableError(Exception):
    """A table that must not be used: every problem with its file and row."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
