"""The one way in: captures are read, parsed, matched and written in batches; and removed again."""
