"""Languages: what a filter says, and what a log line says."""
