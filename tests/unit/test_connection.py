"""How Kafka is reached: what is checked before anything starts, and that no secret shows."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

import msgspec
import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from incident_pipeline.config import Config, ConfigError, environment_of, load_config, unread_variables
from incident_pipeline.log.connection import Connection, connect
from incident_pipeline.secret import Secret

PASSWORD = "correct-horse-battery"  # noqa: S105 - it is to be found nowhere
SCRAM = {
    "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
    "KAFKA_SASL_USERNAME": "worker",
    "KAFKA_SASL_PASSWORD": PASSWORD,
}


class Certificates(msgspec.Struct):
    ca: Path
    certificate: Path
    key: Path
    locked_key: Path
    other_key: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    place, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()
    files = Certificates(*(place / name for name in ("ca", "certificate", "key", "locked-key", "other-key")))
    authority.cert_pem.write_to_path(str(files.ca))
    ours, other = authority.issue_cert("ours.invalid"), authority.issue_cert("other.invalid")
    ours.cert_chain_pems[0].write_to_path(str(files.certificate))
    ours.private_key_pem.write_to_path(str(files.key))
    other.private_key_pem.write_to_path(str(files.other_key))
    locked = load_pem_private_key(ours.private_key_pem.bytes(), None).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode())
    )
    files.locked_key.write_bytes(locked)
    return files


def problems_of(**environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as failed:
        load_config(environ=environ)
    return failed.value.problems


def connection_of(**environ: str) -> Connection:
    return connect(load_config(environ=environ))


@pytest.fixture(autouse=True)
def _away_from_any_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_without_a_word_a_cluster_is_spoken_to_in_the_clear() -> None:
    connection = connection_of(KAFKA_BOOTSTRAP_SERVERS="a:1, b:2")
    assert connection == Connection("a:1,b:2")
    assert connection.protocol == "PLAINTEXT"
    assert connection.client_settings()["bootstrap_servers"] == ["a:1", "b:2"]


@pytest.mark.parametrize("protocol", ["SASL_SSL", "SASL_PLAINTEXT"])
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512", "PLAIN"])
def test_a_user_and_a_password_reach_the_client(protocol: str, mechanism: str) -> None:
    settings = connection_of(
        **SCRAM | {"KAFKA_SECURITY_PROTOCOL": protocol, "KAFKA_SASL_MECHANISM": mechanism}
    ).client_settings()
    assert settings["security_protocol"] == protocol
    assert (settings["sasl_mechanism"], settings["sasl_plain_username"]) == (mechanism, "worker")
    assert settings["sasl_plain_password"] == PASSWORD
    assert (settings["ssl_context"] is not None) == (protocol == "SASL_SSL")


def test_a_password_comes_from_a_file_without_the_end_of_its_line(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f" {PASSWORD} \r\n", "utf-8")
    given = {name: value for name, value in SCRAM.items() if name != "KAFKA_SASL_PASSWORD"}
    connection = connection_of(**given, KAFKA_SASL_PASSWORD_FILE=str(file))
    assert connection.password == Secret(f" {PASSWORD} ")


def test_the_clusters_certificate_and_its_name_are_checked_unless_told_otherwise(files: Certificates) -> None:
    trusted = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CA_FILE": str(files.ca)}
    checked, unchecked = connection_of(**trusted).tls, connection_of(**trusted, KAFKA_SSL_CHECK_HOSTNAME="false").tls
    assert checked is not None
    assert unchecked is not None
    assert checked.check_hostname
    assert not unchecked.check_hostname
    assert checked.verify_mode == unchecked.verify_mode == ssl.CERT_REQUIRED
    assert len(checked.get_ca_certs()) == 1, "an authority that was named is trusted alone"


def test_a_locked_key_opens_by_its_password(files: Certificates) -> None:
    shown = {
        "KAFKA_SECURITY_PROTOCOL": "SSL",
        "KAFKA_SSL_CERTIFICATE_FILE": str(files.certificate),
        "KAFKA_SSL_KEY_FILE": str(files.locked_key),
    }
    assert connection_of(**shown, KAFKA_SSL_KEY_PASSWORD=PASSWORD).tls is not None
    assert "needs a password" in problems_of(**shown)[0]
    (wrong,) = problems_of(**shown, KAFKA_SSL_KEY_PASSWORD="wrong-" + PASSWORD)
    assert "does not open by its password" in wrong
    assert PASSWORD not in wrong


def test_a_key_of_another_certificate_and_files_that_hold_none_are_told(files: Certificates, tmp_path: Path) -> None:
    shown = {"KAFKA_SECURITY_PROTOCOL": "SSL", "KAFKA_SSL_CERTIFICATE_FILE": str(files.certificate)}
    (problem,) = problems_of(**shown, KAFKA_SSL_KEY_FILE=str(files.other_key))
    assert problem == f"ssl_key_file: {files.other_key} is not the key of the certificate in {files.certificate}."
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing", "utf-8")
    assert "holds no certificates (PEM)" in problems_of(**shown | {"KAFKA_SSL_CA_FILE": str(nothing)})[0]
    assert "both must be PEM" in problems_of(**shown | {"KAFKA_SSL_KEY_FILE": str(nothing)})[0]


@pytest.mark.parametrize(("first", "last", "said"), [(2019, 2020, "has expired"), (2190, 2199, "is not valid yet")])
def test_a_certificate_of_ours_that_is_not_valid_now_is_told(tmp_path: Path, first: int, last: int, said: str) -> None:
    begins, ends = (dt.datetime(year, 3, 9, tzinfo=dt.UTC) for year in (first, last))
    old = trustme.CA().issue_cert("ours.invalid", not_before=begins, not_after=ends)
    file = tmp_path / "ours.pem"
    old.private_key_and_cert_chain_pem.write_to_path(str(file))
    (problem,) = problems_of(KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CERTIFICATE_FILE=str(file))
    assert problem.startswith(f"ssl_certificate_file: {file} {said}")


def test_everything_that_does_not_fit_together_is_told_at_once(files: Certificates) -> None:
    problems = problems_of(
        KAFKA_SECURITY_PROTOCOL="SASL_PLAINTEXT",
        KAFKA_SSL_CA_FILE=str(files.ca),
        KAFKA_SASL_TOKEN_COMMAND="gives-a-token",  # noqa: S106 - a command
    )
    assert [problem.split()[0] for problem in problems] == [
        "ssl_ca_file",
        "sasl_token_command",
        "sasl_username",
        "sasl_mechanism",
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"KAFKA_SASL_USERNAME": "a"}, "sasl_username is set, and security_protocol is PLAINTEXT, which has no SASL"),
        ({"KAFKA_SSL_CHECK_HOSTNAME": "true"}, "ssl_check_hostname is set, and security_protocol is PLAINTEXT"),
        (SCRAM | {"KAFKA_SASL_PASSWORD": ""}, "set one of sasl_password_file and the variable KAFKA_SASL_PASSWORD"),
        (SCRAM | {"KAFKA_SASL_MECHANISM": "OAUTHBEARER"}, "sasl_username is set, and sasl_mechanism is OAUTHBEARER"),
        ({"KAFKA_SECURITY_PROTOCOL": "TLS"}, "It must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"),
        ({"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "GSSAPI"}, "It must be SCRAM-SHA-512"),
        ({"KAFKA_SSL_CA_FILE": "absent"}, "ssl_ca_file: 'absent' (from KAFKA_SSL_CA_FILE) is not permitted"),
    ],
)
def test_what_was_set_and_would_do_nothing_is_a_problem(given: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems_of(**given))


def test_a_secret_in_the_file_of_settings_is_refused_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "given.toml"
    file.write_text(f'security_protocol = "SASL_SSL"\nsasl_username = "a"\nsasl_password = "{PASSWORD}"\n', "utf-8")
    with pytest.raises(ConfigError) as failed:
        load_config(file, {})
    assert "name that one as sasl_password_file, or set KAFKA_SASL_PASSWORD" in str(failed.value)
    assert PASSWORD not in str(failed.value)


@pytest.mark.parametrize("name", ["sasl_password_file", "ssl_key_password_file", "sasl_token_file"])
def test_a_secret_in_place_of_its_file_is_not_repeated_and_a_path_is(name: str) -> None:
    variable = f"KAFKA_{name.upper()}"
    (problem,) = problems_of(**{variable: PASSWORD})
    assert problem == f"{name}: the value (from {variable}) is not permitted. It must be a file that exists."
    assert "'/absent/file'" in problems_of(**{variable: "/absent/file"})[0]


def test_what_stands_in_a_token_command_is_shown_nowhere() -> None:
    given = {"KAFKA_SECURITY_PROTOCOL": "SASL_SSL", "KAFKA_SASL_MECHANISM": "OAUTHBEARER"}
    config = load_config(environ=given | {"KAFKA_SASL_TOKEN_COMMAND": f"get-token --secret {PASSWORD}"})
    assert PASSWORD not in repr(config) + repr(connect(config))
    (problem,) = problems_of(KAFKA_SASL_TOKEN_COMMAND=f"get-token '{PASSWORD}")
    assert "a command line, split as a shell would" in problem
    assert PASSWORD not in problem


def test_a_secret_shows_in_no_text_made_of_the_configuration() -> None:
    config = load_config(environ=SCRAM)
    connection = connect(config)
    texts = (repr(config), repr(connection), str(connection), f"{config.sasl_password}", connection.who)
    assert not any(PASSWORD in text for text in texts)


def test_a_process_of_ours_is_handed_the_whole_configuration(files: Certificates) -> None:
    given = SCRAM | {"KAFKA_SSL_CA_FILE": str(files.ca), "KAFKA_SSL_CHECK_HOSTNAME": "false", "PATH": "/bin"}
    config = load_config(environ=given)
    handed_on = environment_of(config, given)
    assert handed_on["PATH"] == "/bin"
    assert load_config(environ=handed_on | {"INCIDENT_PIPELINE_CONFIG": "/dev/null"}) == config
    assert load_config(environ=environment_of(Config(), given)) == Config(), "nothing of the old is left"


def test_variables_of_a_cluster_that_nobody_reads_are_named() -> None:
    environ = {"KAFKA_SASL_JAAS_CONFIG": "x", "KAFKA_SECURITY_PROTOCOLS": "SSL", "KAFKA_SECURITY_PROTOCOL": "SSL"}
    said = unread_variables(environ)
    assert [text.split()[0] for text in said] == ["KAFKA_SASL_JAAS_CONFIG", "KAFKA_SECURITY_PROTOCOLS"]
    assert said[1].endswith("Did you mean KAFKA_SECURITY_PROTOCOL?")


def test_a_setting_of_the_connection_under_our_own_prefix_is_told_its_name() -> None:
    (problem,) = problems_of(INCIDENT_PIPELINE_SECURITY_PROTOCOL="SSL")
    assert problem.endswith("Did you mean KAFKA_SECURITY_PROTOCOL?")


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("[::1]:9092", "[::1]:9092"),
        (" a:1 ,\tb:2 ", "a:1,b:2"),
        ("[fe80::1%eth0]:9092,10.0.0.1:9093", "[fe80::1%eth0]:9092,10.0.0.1:9093"),
    ],
)
def test_lists_of_servers_are_read_as_people_write_them(given: str, read: str) -> None:
    assert load_config(environ={"KAFKA_BOOTSTRAP_SERVERS": given}).bootstrap_servers == read


@pytest.mark.parametrize("bad", ["::1:9092", "[::1]", "a:1,,b:2", "a:1 b:2", "a:0", "[::1]:70000", "SASL_SSL://a:1"])
def test_a_list_of_servers_that_cannot_be_meant_is_told(bad: str) -> None:
    assert "bootstrap_servers" in problems_of(KAFKA_BOOTSTRAP_SERVERS=bad)[0]
