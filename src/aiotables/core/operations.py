"""What one call to a service is, as data: the generated descriptors are instances of `Operation`."""

import enum
from typing import Generic, Literal, TypeVar

from aiotables.core.classes import frozen


BodyT = TypeVar("BodyT")
ResultT = TypeVar("ResultT")


class Effect(enum.StrEnum):
    """What a call does to the service, and so what may be done when its reply is lost."""

    READ = "read"
    """Changes nothing: may be sent again."""

    REPLACE = "replace"
    """Ends in the same state however often it is sent: may be sent again."""

    CREATE = "create"
    """Makes something new on each sending: must be settled before it is sent again."""

    START = "start"
    """Starts work on each sending: must be settled or reported."""

    @property
    def must_be_settled(self) -> bool:
        """Whether a lost reply leaves a question that sending again cannot answer."""
        return self in {Effect.CREATE, Effect.START}


@frozen(kw_only=True)
class Parameter:
    """One path, query or header parameter of an operation."""

    name: str
    """The name on the wire."""

    location: Literal["path", "query", "header"]

    required: bool = False


@frozen(kw_only=True)
class Operation(Generic[BodyT, ResultT]):
    """
    One documented call: everything that is known of it before it is made.

    Instances are generated from the OpenAPI fragments and compare by identity of their facts.
    """

    name: str
    """Service and operation, such as `zangtable.create_table`: the name in records, errors and fault rules."""

    method: str

    path: str
    """Template with `{name}` for each path parameter."""

    effect: Effect

    body: type[BodyT] | None = None
    """Type of the JSON body; `None` when the operation takes none."""

    body_required: bool = False

    result: type[ResultT]
    """Type of the answer: the body, or what the service's envelope holds."""

    parameters: tuple[Parameter, ...] = ()

    nothing_done: frozenset[int] = frozenset()
    """Statuses that the service documents as "nothing was done", beside 429, which always means that."""

    gone_is_done: bool = False
    """Whether a 404 after a resend counts as success: true of deletes."""

    source: str = ""
    """The docs page that the facts come from."""

    evidence: Literal["documented", "example", "inferred"] = "documented"
