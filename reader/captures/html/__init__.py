"""Reads HTML pages: bounds their size, parses them to a tree and walks it once.

`bounds` limits the cost of hostile pages; `text` walks the tree and writes its lines, guided by the markup in `marks`;
`page` makes the capture. The first page loads the HTML parser.
"""
