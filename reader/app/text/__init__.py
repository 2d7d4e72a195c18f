"""Text laid out as lines for the screen. Nothing here imports Textual."""
