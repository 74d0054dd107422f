"""The events in hand: stored, ordered, narrowed, counted."""
