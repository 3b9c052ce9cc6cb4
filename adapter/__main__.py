"""The command `refill-adapter`, also as `python -m adapter`."""

from adapter.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
