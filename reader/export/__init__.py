"""Articles -> text for people and programs: one small file a format."""

from reader.export.text import article_text, page_text

__all__ = ["article_text", "page_text"]
