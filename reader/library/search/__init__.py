"""Full-text search: the query language, the index, and the search itself."""
