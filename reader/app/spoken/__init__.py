"""The reader for people who hear it: one pane, words for every sign, and each change announced in a line.

What is drawn otherwise is chosen once, by the class of the app; nothing here is imported where it is not asked for.
"""
