"""What one commit of a repository holds, by tree listing and content hash."""
