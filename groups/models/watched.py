"""Tables of other apps, with the triggers that note what they change of this one's cached values."""

import pgtrigger

from foodshare.db.invalidation import NEW, OLD, make
from foodshare.models import Exchange

CHANGE = "group_summary"  # its subject is the group
# Where an exchange begins or ceases to be a completed one, with ratings at hand.
JUDGED = (f"ARRAY(SELECT DISTINCT p.group_id::text FROM {OLD} AS o JOIN {NEW} AS n USING (id) "
          "JOIN food_posts AS p ON p.id = n.food_id WHERE (o.status = 'completed') <> (n.status = 'completed') "
          "AND EXISTS (SELECT FROM ratings AS r WHERE r.exchange_id = n.id))")
# The ratings go before the exchange, which is no longer there when the relay looks for their group.
GONE = (f"ARRAY(SELECT DISTINCT p.group_id::text FROM {OLD} AS o JOIN food_posts AS p ON p.id = o.food_id "
        "WHERE o.status = 'completed')")


class WatchedExchange(Exchange):
    """Exchanges: the average that a group's summary shows rests on the ratings of completed ones.

    A post that goes to another group takes its ratings along unnoted; nothing here does that.
    """

    class Meta:
        proxy = True
        triggers = [make(CHANGE, pgtrigger.Truncate, "ARRAY['*']"),
                    make(CHANGE, pgtrigger.Update, JUDGED, old=OLD, new=NEW),
                    make(CHANGE, pgtrigger.Delete, GONE, old=OLD)]
