"""What a reader adds: marks, stars, positions, saved searches, corrections; each can be undone."""
