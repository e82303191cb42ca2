"""Targets: where tables go."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Final, TypeAlias

from aiotables.core.classes import frozen
from aiotables.core.errors import SettingsError
from aiotables.core.options import LEAST_GRACE
from aiotables.core.settings import find_base_url, find_token
from aiotables.core.settle import SettlePolicy
from aiotables.provision.form import EXTRUCT, ZANGTABLE
from aiotables.provision.problems import Faults
from aiotables.provision.token_file import read_token, why_not_kept
from aiotables.provision.tree import Node, plain


IN_FLIGHT: Final = 16
TIMEOUT: Final = 60.0
GRACE: Final = SettlePolicy().grace


@frozen(kw_only=True)
class Target:
    """Where tables go, and how fast. It names the variable with the token, and never holds the token."""

    service: ClassVar[str]

    name: str
    """The name by which tables of the manifest refer to it."""

    token_env: str
    """Name of the environment variable with the token."""

    base_url: str | None = None
    """The manifest's, else the environment's; `None` means the service's own."""

    allow_http: bool = False
    """Whether the token may travel unencrypted to a host that is not this machine."""

    in_flight: int = IN_FLIGHT
    """Calls under way at once."""

    rate: float | None = None
    """Requests per second; `None` means no limit."""

    timeout: float = TIMEOUT
    """Seconds for one call."""

    grace: float = GRACE
    """
    Seconds after which a call whose reply was lost can no longer take effect; never below the timeout, and taken as one
    and a half times the timeout at least.
    """

    @property
    def place(self) -> str:
        """What part of the service it is."""
        return ""


@frozen(kw_only=True)
class ProjectToCreate:
    """How a project is made that is not there yet."""

    name: str
    """For people."""

    username: str
    """Of its first user."""

    password_env: str
    """Name of the environment variable with that user's password."""

    account_user_id: int
    """Whom of the account the project's token is made for."""

    token_file: Path
    """Keeps the project's token, which is told once; there is a project when there is a token."""


@frozen(kw_only=True)
class ZangTableTarget(Target):
    """A project of ZangTable."""

    service: ClassVar[str] = ZANGTABLE

    project: str

    create_project: ProjectToCreate | None = None
    """`None` for a project that is there; else the token of `token_env` is that of another project."""

    @property
    def place(self) -> str:
        """The project."""
        return self.project


@frozen(kw_only=True)
class ExtructTarget(Target):
    """A workspace of Extruct: the one that the token belongs to."""

    service: ClassVar[str] = EXTRUCT


AnyTarget: TypeAlias = ZangTableTarget | ExtructTarget

_CLASSES: Final[Mapping[str, type[ZangTableTarget] | type[ExtructTarget]]] = {
    ZANGTABLE: ZangTableTarget,
    EXTRUCT: ExtructTarget,
}


def read_target(name: str, node: Node, *, environ: Mapping[str, str] | None, faults: Faults) -> AnyTarget:
    """
    The target in a node that fits its shape.

    Args:
        name: Its key in the manifest.
        node: The node.
        environ: The environment, which has to hold the token and may hold the base URL; `None`, where clients are at
            hand, looks for neither.
        faults: Told of an unset token variable, a bad URL and a grace below the timeout.
    """
    settings: dict[str, Any] = plain(node)
    settings.pop("defaults", None)  # of tables, which are read elsewhere
    service = settings.pop("service").upper()
    settings.setdefault("token_env", f"{service}_API_TOKEN")
    settings["base_url"] = settings.get("base_url") or (environ or {}).get(f"{service}_BASE_URL") or None
    settings["timeout"] = float(settings.get("timeout", TIMEOUT))
    settings["grace"] = float(settings.get("grace", max(GRACE, LEAST_GRACE * settings["timeout"])))
    settings["in_flight"] = int(settings.get("in_flight", IN_FLIGHT))

    if "create_project" in settings:
        settings["create_project"] = _project_to_create(node.fields["create_project"])

    target = _CLASSES[service.lower()](name=name, **settings)
    if environ is not None and not _has_own_token(target, node, faults):
        _check_token(target, node, environ, faults)
        _check_creation(target, node, environ, faults)
    _check_base_url(target, node, faults)
    if target.grace < target.timeout:
        grace = node.fields["grace"]
        message = f"expected a grace not below the timeout of {target.timeout:g} s; got {target.grace:g}"
        faults.add(grace.place, grace.path, message)
    return target


def token_of(target: AnyTarget, environ: Mapping[str, str]) -> str:
    """
    The token that the client of a target begins with.

    Args:
        target: The target.
        environ: The environment, as `read_target` checked it.

    Raises:
        SettingsError: The file of a project's token cannot be read.
    """
    return _own_token(target) or environ[target.token_env]


def _own_token(target: AnyTarget) -> str | None:
    if isinstance(target, ZangTableTarget) and target.create_project is not None:
        return read_token(target.create_project.token_file)
    return None


def _project_to_create(node: Node) -> ProjectToCreate:
    settings: dict[str, Any] = plain(node)
    folder = Path(node.place.file).parent
    settings["token_file"] = folder / settings["token_file"]
    settings["account_user_id"] = int(settings["account_user_id"])
    return ProjectToCreate(**settings)


def _has_own_token(target: AnyTarget, node: Node, faults: Faults) -> bool:
    """Whether the project is there as far as its token tells; then nothing is needed to make it."""
    try:
        return _own_token(target) is not None
    except SettingsError as error:
        place = node.fields["create_project"].fields["token_file"]
        faults.add(place.place, place.path, str(error))
        return True


def _check_creation(target: AnyTarget, node: Node, environ: Mapping[str, str], faults: Faults) -> None:
    if not isinstance(target, ZangTableTarget) or target.create_project is None:
        return
    wanted, fields = target.create_project, node.fields["create_project"].fields
    if not environ.get(wanted.password_env):
        place = fields["password_env"]
        message = f"the environment variable {wanted.password_env} with the password is not set"
        faults.add(place.place, place.path, message)
    reason = why_not_kept(wanted.token_file)
    if reason is not None:
        faults.add(fields["token_file"].place, fields["token_file"].path, reason)


def _check_token(target: AnyTarget, node: Node, environ: Mapping[str, str], faults: Faults) -> None:
    place = node.fields.get("token_env", node)
    if not environ.get(target.token_env):
        faults.add(
            place.place, place.path, f"the environment variable {target.token_env} with the token is not set"
        )
        return
    try:
        find_token(None, variable=target.token_env, environ=environ)
    except SettingsError as error:
        faults.add(place.place, place.path, str(error))


def _check_base_url(target: AnyTarget, node: Node, faults: Faults) -> None:
    if target.base_url is None:
        return
    place = node.fields.get("base_url", node)
    variable = f"{target.service.upper()}_BASE_URL"
    try:
        find_base_url(
            target.base_url, variable=variable, default="", environ={}, allow_http=target.allow_http
        )
    except SettingsError as error:
        faults.add(place.place, place.path, str(error))
