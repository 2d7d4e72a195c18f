"""The commands that keep, search and look after a library; `reader.cli` chooses among them."""
