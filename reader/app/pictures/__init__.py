"""Pictures of the article that is read: found in its capture, decoded in a process, drawn as rows."""
