"""What to do about findings: on the command line and on GitHub."""
