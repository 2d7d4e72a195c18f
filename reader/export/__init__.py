"""Writes articles for people and programs: text, web pages, books, data, citations."""
