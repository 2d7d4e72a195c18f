"""HTML pages -> captures: bytes are decoded, bounded, parsed to a tree and walked once.

`reading` is the way in; `bounds` keeps hostile pages from taking for ever; `marks` is the site's markup as data; `text`
walks the tree and `lines` puts its texts together; `page_data` reads the head; `page` makes the capture and its hints;
`pictures` finds the pictures again. Whatever needs the parser is imported when the first page is met.
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
