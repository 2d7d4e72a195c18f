"""Authors and sponsors: choosers, and a page for each of them."""
