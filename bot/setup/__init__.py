"""From nothing to an App: the page that has GitHub make one, and what is done with what GitHub gives."""
