"""Questions about a window: answered by code where it can, else by the lines that speak of them."""
