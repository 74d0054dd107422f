"""`doctor`: what works here, what does not, why, and the smallest fix; it looks and never mends."""
