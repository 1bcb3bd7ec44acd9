"""Events on their way from the outbox into streams of the streams' Valkey."""
