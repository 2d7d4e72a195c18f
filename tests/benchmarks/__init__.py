"""How fast the reader is, as ratios to baselines measured in the same run: `python -m tests.benchmarks`."""

WORD = "READY"
"""What the empty app shows. It stands here so that to know it nobody needs Textual."""
