"""Protocol Reader: captures of protocol.com in, a publication out.

`parse` tells the articles of one capture apart; it needs neither Textual nor a file.
"""

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
