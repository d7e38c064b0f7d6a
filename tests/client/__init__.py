"""What both halves of the client have to do; the async tests are written, the sync ones follow from them."""
