"""What is there on GitHub, and making planned actions true: look before creating, compare-and-swap, one at a time."""
