"""What a webhook says, and what there is to do about it."""
