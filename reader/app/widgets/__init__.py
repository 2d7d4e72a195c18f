"""The widgets: none knows the library or its siblings."""
