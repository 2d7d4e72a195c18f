"""The search screen: a query, its hits as they are found, and what a search can start from."""
