"""Who is asking, what they may do, and errors that teach."""
