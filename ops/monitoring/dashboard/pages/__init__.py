"""Each tab: what it shows, in parts."""
