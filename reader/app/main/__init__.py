"""The main screen: the list of articles, and the one that is read."""
