"""Print every event that counts: `python read_events.py 127.0.0.1:9092 events`. Needs confluent-kafka alone."""

# ruff: noqa: ANN001, ANN201, INP001, T201
from __future__ import annotations

import hashlib
import sys

from confluent_kafka import Consumer, TopicPartition


# begin: the reader's rule
def counting(messages):
    """Pass on the messages that extend the chain of their partition, read from its beginning."""
    last = {}  # partition -> id of the last message that counted
    for message in messages:
        headers = dict(message.headers() or [])
        previous = last.get(message.partition(), "0" * 64)
        identity = hashlib.sha256(bytes.fromhex(previous) + (message.value() or b"")).hexdigest()
        if headers.get("ce_previous") == previous.encode() and headers.get("ce_id") == identity.encode():
            last[message.partition()] = identity
            yield message


# end: the reader's rule


def read_all(servers, topic):
    """Yield the messages of a topic from its beginning to its end now, partition by partition."""
    consumer = Consumer({"bootstrap.servers": servers, "group.id": "unused", "enable.auto.commit": False})
    for partition in sorted(consumer.list_topics(topic, 10).topics[topic].partitions):
        position, end = consumer.get_watermark_offsets(TopicPartition(topic, partition), 10)
        consumer.assign([TopicPartition(topic, partition, position)])
        while position < end:
            message = consumer.poll(1.0)
            if message is not None and message.error() is None:
                position = message.offset() + 1
                yield message
    consumer.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python read_events.py HOST:PORT TOPIC\nexample: python read_events.py 127.0.0.1:9092 events")
    for event in counting(read_all(*sys.argv[1:3])):
        print(event.value().decode())
