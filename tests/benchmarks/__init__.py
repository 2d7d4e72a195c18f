"""How fast the reader is, as ratios to baselines measured in the same run: `python -m tests.benchmarks`."""
