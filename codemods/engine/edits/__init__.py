"""From what a rule wants changed to the text of a file: statements, expressions, imports, comments."""
