"""The tree of errors: what each carries, and that nothing of it is lost on the way to another process."""

import copy
import multiprocessing
import pickle
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from aiotables.core import errors
from aiotables.core.record import Attempt, CallRecord
from aiotables.core.retries import Kind
from aiotables.core.settle import Sent
from aiotables.zangtable.errors import TableExists


def attempt(number: int, request_id: str | None = None) -> Attempt:
    """One attempt."""
    return Attempt(
        number=number,
        kind=Kind.UNKNOWN,
        reason="connection lost",
        request_id=request_id,
        started_at=10.0 * number,
        elapsed=0.5,
    )


RECORD = CallRecord(
    operation="toy.create_thing",
    attempts=(attempt(1, "req_1"), attempt(2)),
    settled=True,
    operation_run="run",
)
SENT = Sent(operation="toy.create_thing", body={"name": "it"}, first_sent_at=10.0, last_sent_at=20.0)
DECODE = errors.DecodeError(
    "list of Thing cannot be read", problems=["$[1]: bad"], good=[(0, {"name": "it"})]
)


def instances() -> list[errors.AiotablesError]:
    """An error of each class, with all its facts."""
    service = [
        cls("no", record=RECORD, status=400, code="c", detail={"a": [1]}, retry_after=2.5)
        for cls in tree()
        if issubclass(cls, errors.ServiceError)
    ]
    return [
        errors.AiotablesError("no"),
        errors.SettingsError("no"),
        errors.RequestError("no"),
        errors.ClosedError("no"),
        DECODE,
        errors.CallError("no", record=RECORD),
        errors.NotSent("no", record=RECORD),
        errors.NoReply("no", record=RECORD),
        errors.OutcomeUnknown("no", record=RECORD, reason="the look failed", sent=SENT),
        errors.ReplyNotUnderstood("no", record=RECORD, cause=DECODE, raw=b"[{}, 1]"),
        *service,
    ]


def tree() -> list[type[errors.AiotablesError]]:
    """All classes of the tree."""
    classes = [
        thing
        for thing in vars(errors).values()
        if isinstance(thing, type) and issubclass(thing, errors.AiotablesError)
    ]
    return [*classes, TableExists]


def name(error: errors.AiotablesError) -> str:
    """For the test's id."""
    return type(error).__name__


def test_each_class_is_tried() -> None:
    """The list of instances here misses no class."""
    assert set(tree()) == {type(error) for error in instances()}


@pytest.mark.parametrize("error", instances(), ids=name)
def test_base(error: errors.AiotablesError) -> None:
    """One `except` catches them all, and all can be told as text."""
    assert isinstance(error, errors.AiotablesError)
    assert str(error)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", instances(), ids=name)
def test_pickle(error: errors.AiotablesError, protocol: int) -> None:
    """Class, text and every fact survive pickling."""
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301 -- made above

    assert (type(error), error.args, vars(error)) == (type(again), again.args, _facts(again, error))


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy])
@pytest.mark.parametrize("error", instances(), ids=name)
def test_copy(error: errors.AiotablesError, copier: object) -> None:
    """So they do copying."""
    again = copier(error)  # type: ignore[operator] # a function

    assert again is not error
    assert (type(error), error.args, vars(error)) == (type(again), again.args, _facts(again, error))


# Equality


@pytest.mark.parametrize("error", instances(), ids=name)
def test_equal(error: errors.AiotablesError) -> None:
    """What was pickled is equal to what it was made of, and is found in a set of it."""
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- made above

    assert error == again
    assert hash(error) == hash(again)
    assert {error} == {error, again, copy.deepcopy(error)}


def test_each_is_another() -> None:
    """Errors of different classes, texts or facts are not equal; nor is one equal to what is no error of ours."""
    some: list[object] = [
        *instances(),
        errors.ClosedError("yes"),
        errors.NotFound("no", record=RECORD, status=410),
        RuntimeError("no"),
    ]

    assert all((one == other) is (one is other) for one in some for other in some)


# Other processes


@pytest.fixture(scope="module")
def pool() -> Iterator[ProcessPoolExecutor]:
    """Another process, which has nothing of this one."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def test_returned_by_a_process(pool: ProcessPoolExecutor) -> None:
    """Errors go to another process and come back as what they were."""
    there = instances()

    assert there == pool.submit(copy.deepcopy, there).result()


def test_raised_in_a_process(pool: ProcessPoolExecutor) -> None:
    """An error that is raised in another process is raised here."""
    error = errors.NotFound("no", record=RECORD, status=404, detail={"a": [1]})

    with pytest.raises(errors.NotFound) as caught:
        pool.submit(exec, "raise error", {"error": error}).result()

    assert error == caught.value


# Groups and tracebacks


def test_groups() -> None:
    """Equal errors stay two in a group, and each is told with its own cause."""
    first, second = errors.ClosedError("no"), errors.ClosedError("no")
    second.__cause__ = KeyError("why")
    group = ExceptionGroup("both", [first, second, RuntimeError("other")])

    ours, others = group.split(errors.AiotablesError)

    assert ours is not None
    assert others is not None
    assert [first, second] == list(ours.exceptions)
    assert first is ours.exceptions[0]
    assert second is ours.exceptions[1]
    assert 2 == "".join(traceback.format_exception(group)).count("ClosedError: no")
    assert "KeyError: 'why'" in "".join(traceback.format_exception(group))


def test_except_star() -> None:
    """`except*` takes ours, and leaves the rest."""
    seen: list[BaseException] = []

    def leave_the_rest() -> None:
        try:
            raise both
        except* errors.AiotablesError as group:
            seen.extend(group.exceptions)

    both = ExceptionGroup("both", [errors.ClosedError("no"), KeyError("other")])
    with pytest.raises(ExceptionGroup) as left:
        leave_the_rest()

    assert [errors.ClosedError("no")] == seen
    assert [KeyError] == [type(error) for error in left.value.exceptions]


def test_a_chain_of_equal_errors() -> None:
    """An error that was raised from an equal one is told with it."""
    error = errors.ClosedError("no")
    error.__cause__ = errors.ClosedError("no")

    assert 2 == "".join(traceback.format_exception(error)).count("ClosedError: no")


def test_facts_of_a_call() -> None:
    """An error carries the attempts and the operation run, as a reply does."""
    error = errors.NoReply("connection lost", record=RECORD)

    assert (RECORD.attempts, "run") == (error.attempts, error.operation_run)


def test_notes_survive() -> None:
    """Notes that were added on the way are kept, too."""
    error = errors.ClosedError("no")
    error.add_note("while reading the third page")

    again = pickle.loads(pickle.dumps(error))  # noqa: S301 -- made above

    assert ["while reading the third page"] == again.__notes__


def _facts(again: errors.AiotablesError, error: errors.AiotablesError) -> dict[str, object]:
    assert vars(again) is not vars(error)
    return vars(again)


@pytest.mark.parametrize(
    ("builtin", "error"),
    [
        (ValueError, errors.SettingsError),
        (ValueError, errors.RequestError),
        (RuntimeError, errors.ClosedError),
    ],
)
def test_builtin_bases(builtin: type[Exception], error: type[Exception]) -> None:
    """Mistakes in the calling program are also what Python calls them."""
    assert issubclass(error, builtin)


def test_text_of_a_call() -> None:
    """The text says which operation, what, the id for the support, and how often."""
    error = errors.NoReply("connection lost", record=RECORD)

    assert "toy.create_thing: connection lost (request id req_1, 2 attempts)" == str(error)
    assert ("toy.create_thing", "req_1") == (error.operation, error.request_id)


def test_text_of_a_short_call() -> None:
    """One attempt without a request id adds nothing."""
    error = errors.NotSent("refused", record=CallRecord(operation="toy.get_thing", attempts=(attempt(1),)))

    assert "toy.get_thing: refused" == str(error)
    assert error.request_id is None


def test_not_understood_has_the_good_items() -> None:
    """A reply with one bad item carries the good ones."""
    error = errors.ReplyNotUnderstood("no", record=RECORD, cause=DECODE, raw=b"[{}, 1]")

    assert (("$[1]: bad",), ((0, {"name": "it"}),), b"[{}, 1]") == (error.problems, error.good, error.raw)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.BadRequest),
        (401, errors.AuthenticationFailed),
        (402, errors.PaymentRequired),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (422, errors.ValidationFailed),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (599, errors.ServerError),
        (418, errors.ServiceError),
        (302, errors.ServiceError),
    ],
)
def test_by_status(status: int, expected: type[errors.ServiceError]) -> None:
    """Each status has its class, and an unknown one the base."""
    assert expected is errors.by_status(status)
