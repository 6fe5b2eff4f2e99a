"""
A real Apache Kafka for one machine: development, tests and the demo (extra `[broker]`).

Neither Java nor Docker needs to be installed: the Java runtime is a Python package and the broker's jars are
fetched once. Where `KAFKA_BOOTSTRAP_SERVERS` is set, `broker_for` gives that cluster and starts nothing.
"""

from __future__ import annotations

from incident_pipeline.broker.cluster import BOOTSTRAP_VARIABLE, Cluster, broker_for
from incident_pipeline.broker.errors import BrokerError
from incident_pipeline.broker.local import DEFAULT_DIRECTORY, LocalBroker

__all__ = ["BOOTSTRAP_VARIABLE", "DEFAULT_DIRECTORY", "BrokerError", "Cluster", "LocalBroker", "broker_for"]
