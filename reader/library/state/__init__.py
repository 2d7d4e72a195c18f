"""The reader's additions: marks, stars, positions, saved searches, corrections."""
