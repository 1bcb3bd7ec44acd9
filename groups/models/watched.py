"""Tables of other apps, with the triggers that note which groups' summaries a change concerns.

The average that a summary shows rests on revealed ratings of completed exchanges. The triggers look up the groups, in
two look-ups by key for each such rating, so that it counts too when the exchange is deleted with it. A post that goes
to another group, which nothing here does, is not noted.
"""

import pgtrigger

from foodshare.db.invalidation import NEW, OLD, make
from foodshare.models import Exchange, Rating

CHANGE = "group_summary"
RATED = ("ARRAY(SELECT DISTINCT p.group_id::text FROM ({rows}) AS r JOIN exchanges AS e ON e.id = r.exchange_id "
         "JOIN food_posts AS p ON p.id = e.food_id WHERE r.revealed_at IS NOT NULL)")
# Where an exchange with ratings begins or ceases to be a completed one.
JUDGED = (f"ARRAY(SELECT DISTINCT p.group_id::text FROM {OLD} AS o JOIN {NEW} AS n USING (id) "
          "JOIN food_posts AS p ON p.id = n.food_id WHERE (o.status = 'completed') <> (n.status = 'completed') "
          "AND EXISTS (SELECT FROM ratings AS r WHERE r.exchange_id = n.id AND r.revealed_at IS NOT NULL))")
ALL = "ARRAY['*']"


class WatchedRating(Rating):
    """Ratings."""

    class Meta:
        proxy = True
        triggers = [
            make(CHANGE, pgtrigger.Truncate, ALL),
            make(CHANGE, pgtrigger.Insert, RATED.format(rows=f"TABLE {NEW}"), new=NEW),
            make(CHANGE, pgtrigger.Update, RATED.format(rows=f"TABLE {OLD} UNION ALL TABLE {NEW}"), old=OLD, new=NEW),
            make(CHANGE, pgtrigger.Delete, RATED.format(rows=f"TABLE {OLD}"), old=OLD),
        ]


class WatchedExchange(Exchange):
    """Exchanges. One without ratings concerns no average, so that neither insert nor delete does."""

    class Meta:
        proxy = True
        triggers = [make(CHANGE, pgtrigger.Truncate, ALL),
                    make(CHANGE, pgtrigger.Update, JUDGED, old=OLD, new=NEW)]
