"""The files of a repository: found, read once, decoded as Python says, each one left out with its reason."""
