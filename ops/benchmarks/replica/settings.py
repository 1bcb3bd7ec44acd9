"""The settings of the web processes that are measured: the platform's, with a witness, and with the routing that
BENCHMARK_ROUTING names. Posting is not throttled, as few people do what many would. What breaks is not logged, as who
asked sees it.

With BENCHMARK_CACHE=off the processes hear of no invalidation, and so serve nothing that is kept; who wrote is noted as
ever.
"""

import os

from foodshare.settings import *  # noqa: F403
from foodshare.settings import MIDDLEWARE as PLATFORM
from foodshare.settings import POSTING_RATES as RATES
from foodshare.settings import STREAM_URL

ROUTING = {"unchecked": ["ops.benchmarks.replica.routing.Unchecked"],
           "pinned": ["ops.benchmarks.replica.routing.Pinned"]}
MIDDLEWARE = ["ops.benchmarks.replica.routing.Witness", *PLATFORM,
              *ROUTING.get(os.environ.get("BENCHMARK_ROUTING", ""), [])]
POSTING_RATES = dict.fromkeys(RATES, "1000000/min")
if os.environ.get("BENCHMARK_CACHE") == "off":
    REDIS_URL = STREAM_URL
LOGGING = {"version": 1, "handlers": {"none": {"class": "logging.NullHandler"}}, "root": {"handlers": ["none"]}}
