#!/usr/bin/env bash
# What:     `org.apache.kafka:kafka-tools`, the artifact of the console producer, brings Kafka Connect's runtime with a web
#           server: 39 of its 85 jars. Without `connect-runtime` the other 46 keep their versions.
# Versions: kafka-tools 4.3.1, resolved by jgo 3.2.0.  Date: 2026-12-01
# Here:     a local broker that locks what the resolver says fetches twice the files that it ever loads.
# A guess:  that tools which are clients need the clients, and that a broker's class path is all broker.
set -euo pipefail
command -v python3 >/dev/null || { echo "python3 is needed"; exit 2; }
place=$(mktemp -d); trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check jgo==3.2.0
"$place/venv/bin/python" - "$place/repository" <<'PY'
import importlib.metadata, sys
from pathlib import Path
from jgo.maven import MavenContext

context = MavenContext(repo_cache=Path(sys.argv[1]), timeout=60)
tools = "org.apache.kafka:kafka-tools:4.3.1"

def jars(*left_out):
    given, needed = context.resolver.resolve([context.create_dependency(tools, list(left_out))])
    kept = [d.artifact for d in needed if d.scope in {"compile", "runtime"}] + [d.artifact for d in given]
    return {(a.groupId, a.artifactId, a.version) for a in kept}

every, without = jars(), jars(context.project("org.apache.kafka", "connect-runtime"))
servers = sorted(name for _, name, _ in every - without if name.startswith(("jetty-server", "jersey-server")))
print("jgo", importlib.metadata.version("jgo"), tools)
print(f"{len(every)} jars; {len(without)} without connect-runtime, {len(without - every)} of them new or in another version")
print("among those that only Connect needs:", ", ".join(servers))
sys.exit(0 if (len(every), len(without), len(without - every), len(servers)) == (85, 46, 0, 2) else 1)
PY
