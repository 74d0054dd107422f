"""Values and ports: what every other room speaks in. Standard library only."""
