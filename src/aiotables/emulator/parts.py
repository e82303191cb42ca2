"""What an open emulator is made of: how it is put together, listens, and is closed."""

from aiohttp import web
from attrs import frozen
from yarl import URL

from aiotables.emulator.admin import Admin, Inspected
from aiotables.emulator.calls import Service
from aiotables.emulator.dispatch import Dispatch
from aiotables.emulator.endpoint import Wire
from aiotables.emulator.inspector.calls import Ledger
from aiotables.emulator.inspector.endpoints import Inspector
from aiotables.emulator.inspector.redaction import Redaction
from aiotables.emulator.inspector.tables import Shelf
from aiotables.emulator.log import CallLog
from aiotables.emulator.rules import FaultRules
from aiotables.emulator.store import Settings, Store


# Idle connections close at once; this is for a reply that is being written.
SHUTDOWN_SECONDS = 1.0


@frozen
class Parts:
    """The parts of an emulator that is open."""

    store: Store
    operation_names: tuple[str, ...]
    """Names of all operations, in alphabetical order."""

    _wire: Wire
    _runner: web.ServerRunner

    async def listen(self, host: str, port: int) -> None:
        """
        Begin to answer.

        Raises:
            OSError: The port is taken.
        """
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port, *_ = self._runner.addresses[0]
        return str(URL.build(scheme="http", host=host, port=port))

    async def close(self) -> None:
        """Stop listening, let go of every call that is held back, and close the databases."""
        self._wire.closing.set()
        await self._runner.cleanup()
        self.store.close()


def put_together(emulator: Inspected, settings: Settings, rules: FaultRules, log: CallLog) -> Parts:
    """
    Open the databases, and what stands before them.

    Args:
        emulator: Whom the endpoints of the emulator itself work for.
        settings: How the services are set up.
        rules: The faults.
        log: The log of calls.

    Raises:
        ValueError: A project's slug is not valid, or the folder is of another version.
    """
    store = Store(settings)
    wire = Wire(settings.clock, rules, log)
    services: tuple[Service, ...] = (store.zangtable, store.extruct)
    names = tuple(sorted(operation.name for service in services for operation in service.operations))
    inspector = Inspector(
        shelf=Shelf(store),
        ledger=Ledger(log, Redaction.of([*settings.projects.values(), settings.extruct_token])),
        clock=settings.clock,
        log=log,
        fault_rules=lambda: rules.faults,
        operations=names,
    )
    own = [*Admin(emulator).routes(), *inspector.routes()]
    dispatch = Dispatch(store.zangtable, store.extruct, own, wire)
    # The low-level server: an application's routing and middlewares would cost as much again.
    server = web.Server(dispatch.handle, access_log=None)
    return Parts(store, names, wire, web.ServerRunner(server, shutdown_timeout=SHUTDOWN_SECONDS))
