"""The app for screen readers: one pane, words instead of symbols, and a line that announces each change.

`reader.app.running` chooses the app's class once, and imports this folder only then.
"""
