"""Reads HTML pages: decodes them, bounds their size, parses them to a tree and walks it once.

`reading` recognises and decodes pages; `bounds` limits the cost of hostile ones; `text` walks the tree and `lines`
joins its texts, guided by the markup in `marks`; `page` makes the capture. The first page loads the HTML parser.
"""

from reader.captures.html.reading import (
    MAX_DOCUMENT,
    decode_page,
    is_html,
    looks_like_html,
    read_html,
    read_html_file,
)

__all__ = ["MAX_DOCUMENT", "decode_page", "is_html", "looks_like_html", "read_html", "read_html_file"]
