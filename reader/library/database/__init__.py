"""The SQLite file: how it is opened, asked and written, and what its columns hold."""
