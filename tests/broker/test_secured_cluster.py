"""A cluster with TLS, users and access control: the whole way, who may do what, and what is said where it fails."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import shlex
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import trustme
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer

from incident_pipeline.acls import Role
from incident_pipeline.broker import LocalBroker
from incident_pipeline.broker.ports import free_port
from incident_pipeline.broker.security import USERS, BrokerSecurity
from incident_pipeline.cli.app import cli, run
from incident_pipeline.config import load_config
from incident_pipeline.log.admin import apply_topics
from incident_pipeline.log.clients import producer_client
from incident_pipeline.log.connection import Connection, connect
from incident_pipeline.log.errors import DeniedError
from incident_pipeline.log.kafka import open_log
from incident_pipeline.sending import open_sender
from incident_pipeline.topics import load_topics
from streams.partition_writer import LogProducer, OutgoingRecord, PartitionWriter, WriteFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.broker

TOPICS = load_topics()
GROUP = "incident-pipeline"
REPORT = {
    "source": "sample-observer-east",
    "report_id": "1",
    "occurred_on": "2020-03-11",
    "violations": [{"type": "K3", "place": "Saraqib"}],
}
PATIENCE_SECONDS = 60.0
COMMANDS = [
    ["topics", "diff"],
    ["topics", "apply"],
    ["send"],
    ["counts"],
    ["alerts"],
    ["dead-letters", "list"],
    ["worker"],
]


def unsigned_token(user: str, seconds: float = 300) -> str:
    """A token that the tests' broker takes as it stands; no cluster but such a one does."""
    now = time.time()
    parts = [{"alg": "none"}, {"sub": user, "iat": now, "exp": now + seconds}]
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


class Ports(NamedTuple):
    """Where the tests' broker serves beside its users: with a user but without TLS, and without either."""

    users: int
    certificates: int
    controller: int
    user_in_the_clear: int
    open_to_all: int


@pytest.fixture(scope="module")
def ports() -> Ports:
    found: set[int] = set()
    while len(found) < len(Ports._fields):
        found.add(free_port())
    return Ports(*found)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory, ports: Ports) -> Iterator[LocalBroker]:
    """A secured broker, which the tests make serve in more ways than a user's would."""
    security, directory = "org.apache.kafka.common.security", tmp_path_factory.mktemp("secured")
    remembered = {"port": ports.users, "certificates": ports.certificates, "controller": ports.controller}
    (directory / "ports.json").write_text(json.dumps(remembered), "utf-8")
    protocols = ("SASL_SSL", "SSL", "SSL", "SASL_PLAINTEXT", "PLAINTEXT")
    names = [field.upper() for field in Ports._fields]
    users = "listener.name.users"
    scram = f"{security}.scram.ScramLoginModule required;"
    settings = {
        "listeners": ",".join(f"{name}://127.0.0.1:{port}" for name, port in zip(names, ports, strict=True)),
        "listener.security.protocol.map": ",".join(map(":".join, zip(names, protocols, strict=True))),
        "listener.name.user_in_the_clear.sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "listener.name.user_in_the_clear.scram-sha-512.sasl.jaas.config": scram,
        f"{users}.sasl.enabled.mechanisms": "SCRAM-SHA-256,SCRAM-SHA-512,PLAIN,OAUTHBEARER",
        f"{users}.plain.sasl.jaas.config": f'{security}.plain.PlainLoginModule required user_reader="in-the-clear";',
        f"{users}.oauthbearer.sasl.jaas.config": (
            f'{security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";'
        ),
    }
    with LocalBroker(directory, secure=True, settings=settings) as running:
        assert running.security is not None
        asyncio.run(apply_topics(running.connection, TOPICS))
        asyncio.run(running.security.grant(running.connection, TOPICS, GROUP))
        yield running


@pytest.fixture(scope="module")
def security(broker: LocalBroker) -> BrokerSecurity:
    assert broker.security is not None
    return broker.security


def secrets_of(security: BrokerSecurity) -> list[str]:
    """What must be found nowhere: every password, and the keys."""
    passwords = [security.password_file(user).read_text("ascii") for user in USERS]
    keys = [security.certificate_file(user).read_text("ascii").splitlines()[1] for user in (*USERS, "broker")]
    return [*passwords, *keys, "in-the-clear"]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # noqa: ANN201
    """Run a command under some settings, and give its exit code and all that it wrote."""
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()

    def run_command(file: Path, *arguments: str, **environ: str) -> tuple[int, str]:
        handlers, level = root.handlers[:], root.level
        with monkeypatch.context() as patched:
            for name, value in environ.items():
                patched.setenv(name, value)
            capfd.readouterr()
            try:
                code = run(["--config", str(file), *arguments])
            finally:
                root.handlers[:], root.level = handlers, level
        out, err = capfd.readouterr()
        return code, out + err

    return run_command


@contextmanager
def worker_of(file: Path, log_path: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [sys.executable, "-m", "incident_pipeline", "--config", str(file), "worker", "--metrics-port", "0"]
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            arguments, stdout=log, stderr=log, cwd=log_path.parent, env=os.environ | environ, stdin=subprocess.DEVNULL
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def test_the_whole_way_with_users_of_the_least_permissions(
    security: BrokerSecurity,
    command,  # noqa: ANN001
    tmp_path: Path,
    broker: LocalBroker,
) -> None:
    reports = tmp_path / "reports.jsonl"
    reports.write_text(json.dumps(REPORT) + "\n", "utf-8")
    log = tmp_path / "worker.log"
    wrote = []
    with worker_of(security.config_file("worker"), log, INCIDENT_PIPELINE_LOG_LEVEL="debug") as worker:
        code, said = command(security.config_file("producer"), "send", str(reports))
        wrote.append(said)
        assert (code, said) == (0, "1 accepted, 0 rejected\n")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "2020-03-11" not in (said := command(security.config_file("reader"), "counts", "--csv")[1]):
            assert worker.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, f"{said}\n{log.read_text()[-3000:]}"
            time.sleep(0.2)
        wrote.append(said)
        wrote += [command(security.config_file("reader"), *arguments)[1] for arguments in COMMANDS[4:6]]
        assert command(security.config_file("operator"), "dead-letters", "requeue", "--all")[0] == 0
        wrote.append(metrics_of(log))
    assert "2020-03-11,north-west,1,1,0,1" in wrote[1]
    wrote += [log.read_text(), broker.log_path.read_text()]
    assert "User:worker" not in log.read_text(), "no permission lacked"
    for secret in secrets_of(security):
        assert not any(secret in text for text in wrote)


def metrics_of(log: Path) -> str:
    import urllib.request

    (served,) = [line for line in map(json.loads, log.read_text().splitlines()) if line["event"] == "endpoint.served"]
    with urllib.request.urlopen(f"http://{served['host']}:{served['port']}/metrics", timeout=5) as answer:
        text: str = answer.read().decode()
    return text


def plain_client(security: BrokerSecurity, user: str, broker: LocalBroker) -> dict[str, str | int | bool]:
    return {
        "bootstrap.servers": broker.bootstrap_servers,
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-256",
        "sasl.username": user,
        "sasl.password": security.password_file(user).read_text("ascii"),
        "ssl.ca.location": str(security.ca_file),
    }


def test_a_producer_may_write_reports_and_neither_write_nor_read_anything_else(
    security: BrokerSecurity, broker: LocalBroker
) -> None:
    settings = plain_client(security, "producer", broker)
    outcomes: dict[str, int] = {}

    def delivered(error: KafkaError | None, message: Message) -> None:
        outcomes[str(message.topic())] = 0 if error is None else error.code()

    producer = Producer(settings | {"message.timeout.ms": 10_000})
    for topic in TOPICS:
        producer.produce(topic.name, b"{}", on_delivery=delivered)
    producer.flush(20)
    denied = KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert outcomes == {topic.name: 0 if topic is TOPICS.reports else denied for topic in TOPICS}

    consumer = Consumer(settings | {"group.id": GROUP, "enable.auto.commit": False})
    try:
        seen = consumer.list_topics(timeout=10).topics
        assert set(seen) == {TOPICS.reports.name}, "it does not so much as see the others"
        consumer.subscribe([TOPICS.reports.name])
        with pytest.raises(KafkaException, match=r"(?i)group.*authorization"):
            raise_first_error(consumer)
    finally:
        consumer.close()


def raise_first_error(consumer: Consumer) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        message = consumer.poll(1)
        if message is not None and (error := message.error()) is not None:
            raise KafkaException(error)


@pytest.mark.parametrize("role", [Role.WORKER, Role.READER], ids=lambda role: role.value)
async def test_nobody_but_a_producer_writes_reports(security: BrokerSecurity, role: Role) -> None:
    async with producer_client(security.connection(role.value)) as producer:
        with pytest.raises(TopicAuthorizationFailedError):
            await producer.send_and_wait(TOPICS.reports.name, b"{}")


@pytest.mark.parametrize(
    ("user", "arguments", "said"),
    [
        ("producer", ["counts"], "User:producer may not see the topic events"),
        ("producer", ["dead-letters", "list"], "User:producer may not see the topic dead-letters"),
        ("producer", ["alerts"], "User:producer may not see the topic alerts"),
        ("reader", ["send"], "User:reader may not see the topic reports"),
        ("worker", ["send"], "User:worker may not write to the topic reports"),
        ("reader", ["topics", "diff"], "User:reader may not see: lines, reports"),
        ("reader", ["worker"], "User:reader lacks permissions"),
    ],
)
def test_a_permission_that_is_missing_is_named(
    security: BrokerSecurity,
    command,  # noqa: ANN001
    tmp_path: Path,
    user: str,
    arguments: list[str],
    said: str,
) -> None:
    reports = tmp_path / "reports.jsonl"
    reports.write_text(json.dumps(REPORT) + "\n", "utf-8")
    more = [str(reports)] if arguments == ["send"] else []
    code, text = command(security.config_file(user), *arguments, *more)
    assert code == 1
    assert said in text
    assert "topics acls" in text
    assert "Traceback" not in text


def test_a_worker_is_told_all_that_it_lacks_at_once(security: BrokerSecurity, command) -> None:  # noqa: ANN001
    _, text = command(security.config_file("producer"), "worker")
    lacking = {line.strip() for line in text.splitlines() if line.startswith("  ")}
    assert "Read on topic reports" in lacking
    assert "Write on topic lines" in lacking
    assert f"Read on group {GROUP}" in lacking
    assert "Describe on topic reports" not in lacking, "that it has"


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_wrong_password_is_told_by_every_command_and_shown_by_none(
    security: BrokerSecurity,
    command,  # noqa: ANN001
    tmp_path: Path,
    arguments: list[str],
) -> None:
    wrong = tmp_path / "password"
    wrong.write_text("not-the-password-at-all", "utf-8")
    environ = {"KAFKA_SASL_PASSWORD_FILE": str(wrong), "INCIDENT_PIPELINE_LOG_LEVEL": "debug"}
    code, text = command(security.config_file("reader"), "--debug", *arguments, **environ)
    assert code == 1
    assert "it does not take the password of User:reader (SCRAM-SHA-512)" in text
    assert "not-the-password-at-all" not in text


def cases(security: BrokerSecurity, place: Path) -> dict[str, tuple[str, dict[str, str], str]]:
    """By name: the file of settings, what is set otherwise, and what is said."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(place / "ca.pem"))
    foreign = authority.issue_cert("reader.invalid", common_name="reader")
    foreign.private_key_and_cert_chain_pem.write_to_path(str(place / "reader.pem"))
    by_certificate = load_config(security.config_file("reader-by-certificate"), {}).bootstrap_servers
    return {
        "another authority": ("reader", {"KAFKA_SSL_CA_FILE": str(place / "ca.pem")}, "signed by nobody whom we trust"),
        "an unknown user": ("reader", {"KAFKA_SASL_USERNAME": "nobody"}, "the password of User:nobody"),
        "no certificate of ours": (
            "reader",
            {"KAFKA_BOOTSTRAP_SERVERS": by_certificate},
            "it asks for a certificate of ours",
        ),
        "a foreign certificate of ours": (
            "reader-by-certificate",
            {"KAFKA_SSL_CERTIFICATE_FILE": str(place / "reader.pem")},
            "it does not take our certificate",
        ),
    }


@pytest.mark.parametrize(
    "name", ["another authority", "an unknown user", "no certificate of ours", "a foreign certificate of ours"]
)
def test_what_keeps_us_out_is_named(security: BrokerSecurity, command, tmp_path: Path, name: str) -> None:  # noqa: ANN001
    user, environ, said = cases(security, tmp_path)[name]
    code, text = command(security.config_file(user), "counts", **environ)
    assert code == 1
    assert said in text


@pytest.mark.parametrize(
    ("protocol", "port", "said"),
    [
        ("PLAINTEXT", "users", "it speaks TLS at this port, and we do not"),
        ("SASL_PLAINTEXT", "users", "it speaks TLS at this port, and we do not"),
        ("SSL", "users", "it asks for a user at this port"),
        ("PLAINTEXT", "user_in_the_clear", "it asks for a user at this port"),
        ("SASL_SSL", "user_in_the_clear", "it does not speak TLS at this port"),
        ("SSL", "open_to_all", "it does not speak TLS at this port"),
        ("SASL_PLAINTEXT", "open_to_all", "it asks for no user at this port"),
        ("PLAINTEXT", "open_to_all", "we may not see the topic events"),
    ],
)
def test_another_protocol_than_the_ports_is_named(
    security: BrokerSecurity,
    ports: Ports,
    command,  # noqa: ANN001
    protocol: str,
    port: str,
    said: str,
) -> None:
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{getattr(ports, port)}",
        "KAFKA_SECURITY_PROTOCOL": protocol,
    }
    if protocol.endswith("SSL"):
        environ["KAFKA_SSL_CA_FILE"] = str(security.ca_file)
    if protocol.startswith("SASL"):
        environ |= {
            "KAFKA_SASL_USERNAME": "reader",
            "KAFKA_SASL_PASSWORD_FILE": str(security.password_file("reader")),
        }
    code, text = command(Path(os.devnull), "counts", **environ)
    assert code == 1
    assert said in text


async def test_where_nobody_can_listen_a_user_may_speak_in_the_clear(security: BrokerSecurity, ports: Ports) -> None:
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{ports.user_in_the_clear}",
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_USERNAME": "reader",
        "KAFKA_SASL_PASSWORD_FILE": str(security.password_file("reader")),
    }
    assert await can_read_events(connect(load_config(Path(os.devnull), environ)))


async def test_a_writer_that_loses_its_permission_names_user_and_topic(security: BrokerSecurity) -> None:
    async with LogProducer(security.connection("producer")) as producer:
        writer = PartitionWriter(producer, TOPICS.lines.name, 0)
        with pytest.raises(WriteFailedError, match="User:producer may not write to the topic lines"):
            await (await writer.send([[OutgoingRecord(b"{}", 0, b"k", [])]]))


async def test_who_may_write_nothing_is_told_so_before_the_first_record(security: BrokerSecurity) -> None:
    with pytest.raises(DeniedError, match="User:reader may not write to any topic"):
        async with LogProducer(security.connection("reader")):
            pass
    with pytest.raises(DeniedError, match="User:reader may not write to any topic"):
        async with open_sender(security.connection("reader"), TOPICS.events):
            pass


async def can_read_events(connection: Connection) -> bool:
    async with open_log(connection) as log:
        async for _ in log.read(TOPICS.events.name, 0, 0, await log.end_offset(TOPICS.events.name, 0)):
            pass
        return True


def reader_with(security: BrokerSecurity, **environ: str) -> Connection:
    trusted = {
        "KAFKA_BOOTSTRAP_SERVERS": load_config(security.config_file("reader"), {}).bootstrap_servers,
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SSL_CA_FILE": str(security.ca_file),
    }
    return connect(load_config(Path(os.devnull), trusted | environ))


async def test_each_way_to_prove_who_we_are_lets_us_in(security: BrokerSecurity, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(unsigned_token("reader"), "ascii")
    user = {"KAFKA_SASL_USERNAME": "reader"}
    stored = user | {"KAFKA_SASL_PASSWORD_FILE": str(security.password_file("reader"))}
    ways = [
        stored | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-256"},
        stored | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
        user | {"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_PASSWORD": "in-the-clear"},
        {"KAFKA_SASL_MECHANISM": "OAUTHBEARER", "KAFKA_SASL_TOKEN_FILE": str(token)},
        {
            "KAFKA_SASL_MECHANISM": "OAUTHBEARER",
            "KAFKA_SASL_TOKEN_COMMAND": shlex.join([sys.executable, "-c", f"print({token.read_text()!r})"]),
        },
    ]
    for way in ways:
        assert await can_read_events(reader_with(security, **way))
    assert await can_read_events(security.connection("reader-by-certificate"))


def test_a_token_that_has_ended_is_told_and_not_shown(security: BrokerSecurity, command, tmp_path: Path) -> None:  # noqa: ANN001
    token = tmp_path / "token"
    token.write_text(unsigned_token("reader", seconds=-3600), "ascii")
    servers = load_config(security.config_file("reader"), {}).bootstrap_servers
    code, text = command(
        Path(os.devnull),
        "--debug",
        "counts",
        KAFKA_BOOTSTRAP_SERVERS=servers,
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_SSL_CA_FILE=str(security.ca_file),
        KAFKA_SASL_MECHANISM="OAUTHBEARER",
        KAFKA_SASL_TOKEN_FILE=str(token),
    )
    assert code == 1
    assert "it does not take our token" in text
    assert token.read_text() not in text


async def test_at_the_level_debug_no_password_and_no_token_is_logged(
    security: BrokerSecurity, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(unsigned_token("reader"), "ascii")
    clear = {
        "KAFKA_SASL_USERNAME": "reader",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_PASSWORD": "in-the-clear",
    }
    with caplog.at_level(logging.DEBUG):
        await can_read_events(reader_with(security, **clear))
        await can_read_events(
            reader_with(security, KAFKA_SASL_MECHANISM="OAUTHBEARER", KAFKA_SASL_TOKEN_FILE=str(token))
        )
    assert "Request to" in caplog.text, "requests are logged, but for these"
    assert "in-the-clear" not in caplog.text
    assert token.read_text() not in caplog.text


def test_files_with_secrets_are_for_their_owner_alone(security: BrokerSecurity) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in security.directory.iterdir()}
    assert modes
    assert set(modes.values()) == {0o600}
    assert security.directory.stat().st_mode & 0o777 == 0o700


def test_no_password_stands_in_a_command_line_of_the_broker(broker: LocalBroker, security: BrokerSecurity) -> None:
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline")]
    assert any(str(broker.directory).encode() in line for line in lines)
    assert not any(secret.encode() in line for line in lines for secret in secrets_of(security)[: len(USERS)])


def test_it_is_never_opened_without_what_secures_it(broker: LocalBroker) -> None:
    from incident_pipeline.broker import BrokerError

    broker.stop()
    with pytest.raises(BrokerError, match="was made with --secure, and stays so"):
        LocalBroker(broker.directory).start()


def test_no_help_shows_what_is_set(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KAFKA_SASL_PASSWORD", "not-to-be-seen")
    for name in cli.list_commands(cli.make_context("incident-pipeline", ["--help"], resilient_parsing=True)):
        run([name, "--help"])
    out, err = capfd.readouterr()
    assert "worker" in out
    assert "not-to-be-seen" not in out + err
