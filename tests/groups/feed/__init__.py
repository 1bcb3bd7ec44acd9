"""The feed and status updates."""
