"""A small database in which all that was acknowledged is there, once, with all that follows."""

from ops.cluster.drill.audit import Event, Exchange, Post, Rating, Tables
from ops.cluster.drill.clients import Acknowledged

ACKNOWLEDGED = [
    Acknowledged("posted", "soup", "P1", "ann"),
    Acknowledged("claimed", "soup", "X1", "bob"),
    Acknowledged("confirmed", "soup", "X1", "ann"),
    Acknowledged("completed", "soup", "X1", "bob"),
    Acknowledged("rated", "soup", "X1", "bob"),
    Acknowledged("rated", "soup", "X1", "ann"),
    Acknowledged("posted", "bread", "P2", "ann"),
]


def tables() -> Tables:
    return Tables(
        posts=[Post("P1", "soup", "ann"), Post("P2", "bread", "ann")],
        exchanges=[Exchange("X1", "P1", "ann", "bob", is_confirmed=True, is_completed=True)],
        ratings=[Rating("R1", "X1", "bob", 5), Rating("R2", "X1", "ann", 5)],
        events=[
            Event("P1", "food_shared", "ann", "P1"), Event("P2", "food_shared", "ann", "P2"),
            Event("E1", "food_claimed", "bob", "X1"), Event("E2", "exchange_confirmed", "bob", "X1"),
            Event("E3", "exchange_completed", "ann", "X1"), Event("E4", "exchange_completed", "bob", "X1"),
            Event("E5", "reliable_pickup", "bob", "X1"),
            Event("R1", "highly_rated_food", "ann", "X1"), Event("R2", "exchange_rated", "bob", "X1"),
        ])
