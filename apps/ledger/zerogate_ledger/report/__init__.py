"""Files of a report: tables for machines, a page for people, the same bytes for the same result."""
