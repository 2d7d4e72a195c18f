"""Former names of what `reader.workers` has, for `reader.shards`."""

from reader.workers import LEAST_SPEED, LimitedCalls, SignsOfLife, Worker, WorkerLostError, answer

__all__ = ["LEAST_SPEED", "LimitedCalls", "SignsOfLife", "Worker", "WorkerLostError", "answer"]
