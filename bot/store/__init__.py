"""What the service keeps: deliveries, jobs, repositories and what became of them; on SQLite or PostgreSQL."""
