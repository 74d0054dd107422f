"""What a window of events means, in sentences that cite their lines."""
