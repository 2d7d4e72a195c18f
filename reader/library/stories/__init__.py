"""Which versions are the same story, and which of them stands for it in lists."""
