"""Community groups, their members and what happens in them."""
