"""What brings work to workers. `Engine` is the port; behind it stands Procrastinate, of the extra `scale`."""

from aiotables.provision.engines.port import Engine, Ticket


__all__ = ["Engine", "Ticket"]
