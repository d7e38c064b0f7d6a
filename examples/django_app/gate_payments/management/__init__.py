"""Commands for a scheduler, and for who puts a release out."""
