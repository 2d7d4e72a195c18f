"""The app on the terminal: the only room that knows Textual. `reader.app.app.run` opens it."""
