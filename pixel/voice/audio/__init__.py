"""Where recordings become samples, and where somebody speaks in them."""
