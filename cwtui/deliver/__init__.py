"""What leaves cwtui: encodings and recordings."""
