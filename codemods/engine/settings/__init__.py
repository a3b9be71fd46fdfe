"""The repository's configuration, read as data, with the line of every mistake."""
