"""A webhook from the socket to the database: checked, kept, answered."""
