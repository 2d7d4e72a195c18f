"""Matches versions to stories, and chooses the version that represents each story in lists."""
