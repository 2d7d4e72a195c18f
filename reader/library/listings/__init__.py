"""What can be listed and counted: articles in any order, sections, names, months."""
