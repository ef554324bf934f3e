"""Two models side by side: which layers are the same, and what differs."""
