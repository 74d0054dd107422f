"""Thin translations of one port each; every heavy import lives here."""
