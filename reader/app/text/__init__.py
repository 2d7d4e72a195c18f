"""Text on the screen: paragraphs laid out as lines, and the views that draw and search them."""
