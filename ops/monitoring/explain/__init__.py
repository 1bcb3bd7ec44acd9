"""Plans of what an endpoint or a named query runs, in words."""
