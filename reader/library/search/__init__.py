"""Full-text search: the query language, the index, and what runs a query on it."""
