"""Lays out text as rows for the screen. Nothing here imports Textual."""
