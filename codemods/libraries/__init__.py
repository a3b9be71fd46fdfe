"""What several rules need to know of the same library."""
