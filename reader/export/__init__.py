"""Articles -> text for people and programs: one small file a format."""

from reader.export.text import RULE, article_text, page_text

__all__ = ["RULE", "article_text", "page_text"]
