"""Takes every interleaving of a few callers and what can befall them, where the simulation draws some."""
