"""Project API Tokens (docs pages reference/auth)."""

from typing import Any

from aiotables.emulator.bodies import Json, decode, given
from aiotables.emulator.choices import INVALID_REQUEST, TEMPORARY_TOKEN, TOKEN_NOT_FOUND, TOKEN_TYPE
from aiotables.emulator.clock import stamp
from aiotables.emulator.sqlite import transaction
from aiotables.emulator.zangtable.asked import Asked
from aiotables.emulator.zangtable.names import id_number
from aiotables.emulator.zangtable.projects import Projects
from aiotables.emulator.zangtable.records import first_record
from aiotables.emulator.zangtable.refusal import Refusal
from aiotables.zangtable._generated.models import TokenCreate, TokenTest


def get_current_auth(asked: Asked) -> Json:
    """The calling token, without its secret."""
    project = asked.project
    return {
        "token": {
            "id": project.token_id,
            "token_type": TOKEN_TYPE,
            "token_name": project.token_name,
            "expires_at": None,
            "revoked_at": None,
            "last_used_at": stamp(asked.clock),
            "created_at": project.token_created_at,
        }
    }


def create_token(asked: Asked) -> Json:
    """
    Make a token, and revoke all earlier ones of the same account user in the project, the calling one included.

    Raises:
        Refusal: Another type of token is asked for.
    """
    wanted = decode(asked.json, TokenCreate)
    if given(wanted.token_type) not in {None, TOKEN_TYPE}:
        raise Refusal(INVALID_REQUEST.saying(f"token_type: nothing but {TOKEN_TYPE} is accepted"))

    project = asked.project
    with transaction(asked.projects.catalogue):
        asked.projects.catalogue.execute(
            """
            UPDATE project_token SET revoked_at = ?
            WHERE project_id = ? AND account_user = ? AND revoked_at IS NULL
            """,
            (stamp(asked.clock), project.id, project.account_user),
        )
        token = new_token(asked.projects, project.id, given(wanted.token_name), project.account_user)
    return {"token": token}


def test_token(asked: Asked) -> Json:
    """
    Make a temporary token, and tell a row of a table that it can read; it works until it is revoked.

    Raises:
        Refusal: There is no such table.
    """
    wanted = decode(asked.json, TokenTest)
    table = given(wanted.table_name)
    test = (
        {"project": asked.project.slug, "table": None, "sample_row": None}
        if table is None
        else {"project": asked.project.slug, **first_record(asked, table)}
    )
    name = given(wanted.token_name) or TEMPORARY_TOKEN
    token = new_token(asked.projects, asked.project.id, name, asked.project.account_user)
    return {"token": token, "test": test}


def delete_token(asked: Asked) -> Json:
    """
    Revoke a token of the project.

    Raises:
        Refusal: There is none of that number, or it is revoked already.
    """
    number = id_number(asked.path["token_id"])
    revoked = asked.projects.catalogue.execute(
        "UPDATE project_token SET revoked_at = ? WHERE project_id = ? AND id = ? AND revoked_at IS NULL",
        (stamp(asked.clock), asked.project.id, number),
    ).rowcount
    if not revoked:
        raise Refusal(TOKEN_NOT_FOUND)

    return {"revoked": True, "token_id": number}


def new_token(projects: Projects, project_id: int, name: str | None, account_user: int) -> dict[str, Any]:
    """Make a token, and answer with its secret, which is kept nowhere."""
    token = f"pat_{projects.ids.secret()}"
    return {
        "token": token,
        "token_id": projects.add_token(project_id, token, name, account_user),
        "token_type": TOKEN_TYPE,
        "token_name": name,
        "expires_at": None,
    }
