"""What the service says of itself: steps and log of jobs, metrics, traces, error reports; and what it looks after."""
