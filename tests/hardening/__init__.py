"""Attacks on the service, each of which would succeed without the defence that it tries."""
