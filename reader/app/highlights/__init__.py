"""Highlights, notes and tags: what is drawn in an article's text, the dialogs, and the screen that lists all."""
