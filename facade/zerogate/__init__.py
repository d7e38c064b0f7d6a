"""zerogate: money-safe access to the 0Gate API."""
