"""What people tell the App in comments: reading it, doing it, and answering."""
