"""Reads HTML pages: bytes are decoded, bounded, parsed to a tree and walked once.

`reading` recognises and decodes pages; `bounds` limits what hostile ones cost; `text` walks the tree and `lines` joins
its texts, by the markup that `marks` lists; `page` makes the capture. Only the first page loads the HTML parser.
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
