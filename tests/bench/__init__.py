"""Patchwright's time and memory beside those of other tools: ``make bench``."""
