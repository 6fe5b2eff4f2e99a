"""A permission that is missing, told to a person: who may not do what, and where it is written what is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from incident_pipeline.log.errors import DeniedError

if TYPE_CHECKING:
    from incident_pipeline.log.connection import Connection

__all__ = ["WHAT_IS_NEEDED", "denial"]

WHAT_IS_NEEDED: Final = (
    "`incident-pipeline topics acls` shows what each role needs; whoever runs the cluster grants it."
)


def denial(connection: Connection, error: BaseException, doing: str, topic: str | None = None) -> DeniedError | None:
    """Tell of a permission that is missing; None where it is another error.

    `doing`: what was done with the topic, as a verb; `topic`: which, where the error does not name it.
    """
    if isinstance(error, TopicAuthorizationFailedError):
        what = f"{doing} the topic {', '.join(sorted(_names(error))) or topic or ''}".rstrip()
    elif isinstance(error, GroupAuthorizationFailedError):
        what = f"read as the group {', '.join(_names(error)) or 'of the workers'}"
    elif isinstance(error, ClusterAuthorizationFailedError):
        # A producer that may write somewhere is let in; one that may not is told so of the cluster.
        what = "write to any topic" if doing == "write to" else "do that with the cluster"
    else:
        return None
    who = connection.who
    return DeniedError(f"Kafka does not permit it: {who} may not {what} at {connection}.\n{WHAT_IS_NEEDED}")


def _names(error: KafkaError) -> set[str]:
    """The names that the client gives with the error: one, or several."""
    found: set[str] = set()
    for argument in error.args:
        found.update([argument] if isinstance(argument, str) else [str(name) for name in argument])
    return found
