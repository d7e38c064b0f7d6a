"""The inbox as it is carried out: the only half that is written by hand."""
