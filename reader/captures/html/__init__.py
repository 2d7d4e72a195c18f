"""Reads HTML pages: decodes them, bounds their size, parses them to a tree and walks it once.

`reading` recognises and decodes pages; `bounds` limits the cost of hostile ones; `text` walks the tree and `lines`
joins its texts, guided by the markup in `marks`; `page` makes the capture. The first page loads the HTML parser.
"""
