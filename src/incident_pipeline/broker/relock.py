"""
Resolve the broker's jars again and write the lock: `python -m incident_pipeline.broker.relock`.

Run by a maintainer who moves to another Kafka; the diff of the lock is what is reviewed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incident_pipeline.broker.jars import Jar, sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOTS: Final = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",
    "org.slf4j:slf4j-simple:1.7.36",  # the broker's log goes to standard error, and from there to a file
)
LEFT_OUT: Final = (("org.apache.kafka", "connect-runtime"),)
"""What the tools would bring for Kafka Connect: half of all jars, and neither broker nor tools here run it."""
_LOCK: Final = Path(__file__).with_name("kafka.lock.toml")


def resolve_jars() -> list[Jar]:
    """Resolve everything that the roots need at run time, and hash it. Fetches about 45 MB."""
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory() as repository:
        context = MavenContext(repo_cache=Path(repository), timeout=60)
        left_out = [context.project(group, artifact) for group, artifact in LEFT_OUT]
        inputs, needed = context.resolver.resolve([context.create_dependency(root, left_out) for root in ROOTS])
        artifacts = [dependency.artifact for dependency in inputs]
        artifacts += [dependency.artifact for dependency in needed if dependency.scope in {"compile", "runtime"}]
        return sorted(
            (
                Jar(artifact.groupId, artifact.artifactId, artifact.version, sha256_of(artifact.resolve()))
                for artifact in artifacts
            ),
            key=lambda jar: (jar.group, jar.artifact),
        )


def lock_text(jars: Iterable[Jar]) -> str:
    """Render the lock as TOML: names, versions and hashes, no addresses."""
    roots = "".join(f'    "{root}",\n' for root in ROOTS)
    parts = [
        "# Written by `python -m incident_pipeline.broker.relock`; every file is checked against it.\n",
        f"roots = [\n{roots}]\n",
    ]
    parts += [
        f'\n[[jar]]\ngroup = "{jar.group}"\nartifact = "{jar.artifact}"\n'
        f'version = "{jar.version}"\nsha256 = "{jar.sha256}"\n'
        for jar in jars
    ]
    return "".join(parts)


if __name__ == "__main__":
    locked = resolve_jars()
    _LOCK.write_text(lock_text(locked), "utf-8")
    sys.stderr.write(f"{len(locked)} jars locked in {_LOCK.name}\n")
