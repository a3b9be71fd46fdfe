"""What the service is shipped in: the image, its composition, the GitHub Action, the hooks, completion, schemas."""
