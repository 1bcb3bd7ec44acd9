"""A cluster that fails over by itself: etcd, Patroni, HAProxy, and Valkey watched by Sentinel.

`local.Cluster` runs one on this machine for trial; `inventory` renders the same templates for several hosts.
"""
