"""The pages of docs/: read in their order, run as they stand, built into a site, and complete."""
