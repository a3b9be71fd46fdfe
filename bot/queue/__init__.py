"""Durable jobs: what a delivery asks for survives the process that took it."""
