"""What Prometheus would read."""

from collections import defaultdict

from django.test import Client
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

Families = dict[str, Metric]


def parsed(text: str) -> Families:
    """The families by the names that METRICS has."""
    families = text_string_to_metric_families(text)
    return {f"{each.name}_total" if each.type == "counter" else each.name: each for each in families}


def scrape() -> Families:
    answer = Client().get("/metrics")
    assert answer.status_code == 200, answer.content
    return parsed(answer.content.decode())


def values(family: Metric, label: str) -> dict[str, float]:
    """The sums of a family's values by one label."""
    sums: dict[str, float] = defaultdict(float)
    for sample in family.samples:
        sums[sample.labels[label]] += sample.value
    return dict(sums)
