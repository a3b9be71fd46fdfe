"""What every patch must pass, and what people said should be left alone."""
