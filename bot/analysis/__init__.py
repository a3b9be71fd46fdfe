"""Analysis apart from the service: in processes of its own, bounded in time and memory."""
