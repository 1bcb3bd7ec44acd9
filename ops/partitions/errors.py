"""What keeps upkeep from its work."""


class PartitionError(Exception):
    """A step cannot be done; the message says why and what to do."""
