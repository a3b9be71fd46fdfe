"""What is wrong with code, and how to put it right. Knows nothing of GitHub, the network, the environment or the clock."""
