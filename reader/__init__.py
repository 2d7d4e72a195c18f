"""Protocol Reader: captures of protocol.com in, a publication out.

`parse` tells the articles of one capture apart; it needs neither Textual nor a file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reader.model import Article, Bio, Block, Capture, Figure, LineHint, LineLabel, Page, Problem, Reason
    from reader.parsing import parse

__version__ = "0.1.0"
__all__ = [
    "Article",
    "Bio",
    "Block",
    "Capture",
    "Figure",
    "LineHint",
    "LineLabel",
    "Page",
    "Problem",
    "Reason",
    "__version__",
    "parse",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for: the app's first screen needs no parser."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module("reader.parsing" if name == "parse" else "reader.model"), name)
    globals()[name] = value
    return value
