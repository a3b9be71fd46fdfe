"""GitHub, as far as the App uses it: signing in, reading, writing, and what its refusals mean."""
