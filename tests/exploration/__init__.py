"""Takes every interleaving of a few callers, a recovery, and what can befall them, instead of drawing some."""
