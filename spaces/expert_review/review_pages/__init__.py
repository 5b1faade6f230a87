"""The pages of the expert review, and the server under them."""
