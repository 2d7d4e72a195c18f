"""Opens, queries and writes the SQLite file, and encodes what its columns hold."""
