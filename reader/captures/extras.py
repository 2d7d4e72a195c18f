"""What a plain install does not bring along, and how to say so."""

from __future__ import annotations

from reader.captures.source import CutShortError


class MissingExtraError(CutShortError):
    """Raised when a format needs a library that is not installed."""

    def __init__(self, extra: str, format_name: str) -> None:
        """`extra` is its name in pyproject.toml."""
        super().__init__(
            "needs an extra",
            f"{format_name} needs the extra `{extra}`: pip install 'protocol-reader[{extra}]'",
        )
