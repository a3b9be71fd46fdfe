"""What the App says of a pull request: decided here, carried out elsewhere."""
