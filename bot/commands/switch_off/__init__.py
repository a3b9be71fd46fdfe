"""Switching a rule off in a repository's configuration, with everything else in that file as people wrote it."""
