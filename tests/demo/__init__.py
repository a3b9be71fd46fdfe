"""The service at work on this machine: a stand-in for GitHub, a real push, and the pull requests that come of it."""
