"""What a reconciliation leaves behind: files for machines, a page for people, always the same bytes."""
