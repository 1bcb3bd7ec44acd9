"""The settings of the web processes that are measured: the platform's, with a witness, and with the routing that
BENCHMARK_ROUTING names. Posting is not throttled, as few people do what many would. What breaks is not logged, as who
asked sees it.
"""

import os

from foodshare.settings import *  # noqa: F403
from foodshare.settings import MIDDLEWARE as PLATFORM
from foodshare.settings import POSTING_RATES as RATES

ROUTING = {"unchecked": ["ops.benchmarks.replica.routing.Unchecked"],
           "pinned": ["ops.benchmarks.replica.routing.Pinned"]}
MIDDLEWARE = ["ops.benchmarks.replica.routing.Witness", *PLATFORM,
              *ROUTING.get(os.environ.get("BENCHMARK_ROUTING", ""), [])]
POSTING_RATES = dict.fromkeys(RATES, "1000000/min")
LOGGING = {"version": 1, "handlers": {"none": {"class": "logging.NullHandler"}}, "root": {"handlers": ["none"]}}
