"""The search screen: a query, its hits as it is typed, and the searches to begin with."""
