"""The app on the terminal: the only package that imports Textual. `reader.app.running.run` opens it."""
