"""Another process that serves requests: for each token on its input it tells how `me` is answered, and after how many
queries."""

import sys

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

client = Client(SERVER_NAME="localhost")
for line in sys.stdin:
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/api/v1/me", headers={"authorization": f"Token {line.strip()}"})
    print(answer.status_code, len(queries), flush=True)
