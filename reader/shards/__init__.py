"""Captures -> shards: files of their articles, each made by itself, by any number of processes or machines."""
