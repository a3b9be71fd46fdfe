"""The types of expressions, where declarations and assignments prove them."""
