"""Reads the responses that crawlers and browsers recorded, and the pages in them: WARC, ARC and HAR."""
