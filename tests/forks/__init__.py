"""Processes of the service that begin with everything imported, because hundreds of tests start one."""
