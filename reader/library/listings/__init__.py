"""Lists and counts articles, sections, names and months."""
