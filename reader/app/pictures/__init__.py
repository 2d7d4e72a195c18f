"""Pictures of the open article: found in its capture, decoded in a worker process, drawn as rows."""
