"""Questions about a window: read, answered by code where it can, else answered by the lines that speak of it."""
