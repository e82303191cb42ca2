"""Every fault on every call that makes something: all is there once in the end, and what is reported is true."""

from typing import TYPE_CHECKING, Any

import pytest


if TYPE_CHECKING:
    from tests.conftest import Lab

CONTACTS = "- {target: crm, name: contacts, columns: [{name: email}]}\n"
WHOLE_CONTACTS = """
- target: crm
  name: contacts
  columns: [{name: email}, {name: age, type: INTEGER}]
  indexes: [{columns: [email]}]
"""
ACCOUNTS = """
- target: research
  key: accounts
  name: Accounts
  columns:
    - {kind: input, name: Company, key: input}
"""
PROFILE = """
    - kind: agent
      name: Profile
      key: profile
      value: {agent_type: llm, prompt: Describe it., output_format: text}
"""
ROWS = "  rows: [{input: a.example}, {input: b.example}]\n"
WHOLE_ACCOUNTS = ACCOUNTS + PROFILE + ROWS + "  run: true\n"

WHOLE = {
    "tables": ["contacts"],
    "indexes": ["idx_contacts_email"],
    "columns": ["contacts.age", "contacts.email", "contacts.id"],
    "extruct": ["Accounts"],
    "keys": ["Accounts.profile"],
    "rows": ['Accounts {"input":"a.example"}', 'Accounts {"input":"b.example"}'],
    "runs": ["Accounts"],
}

# What each call belongs to, and what is there before it so that it is needed.
STEPS = {
    "zangtable.create_table": ("contacts", None),
    "zangtable.create_column": ("contacts", CONTACTS),
    "zangtable.create_index": ("contacts", None),
    "extruct.create_table": ("accounts", None),
    "extruct.create_columns": ("accounts", ACCOUNTS),
    "extruct.create_rows": ("accounts", None),
    "extruct.run_table": ("accounts", None),
}
LOST: list[dict[str, Any]] = [
    {"when": "before", "what": "drop"},
    {"when": "after", "what": "drop"},
    {"when": "before", "what": "stall"},
    {"when": "after", "what": "stall"},
    {"when": "before", "what": "status", "status": 500},
    {"when": "after", "what": "status", "status": 502},
    {"when": "after", "what": "status", "status": 504},
]


def named(fault: dict[str, Any]) -> str:
    """The name of a case."""
    return f"{fault['when']}-{fault.get('status', fault['what'])}"


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("fault", LOST, ids=named)
async def test_lost_reply(lab: "Lab", operation: str, fault: dict[str, Any]) -> None:
    """A reply that is lost, before or after the effect, is settled: nothing is there twice, nothing is missing."""
    key, before = STEPS[operation]
    if before is not None:
        await lab.apply(before)
    lab.timeout = 0.3 if fault["what"] == "stall" else lab.timeout
    lab.emulator.fault(operation, times=1, **fault)

    report = await lab.apply(WHOLE_CONTACTS + WHOLE_ACCOUNTS)

    assert WHOLE == lab.made()
    assert "done" == report.ended.ending
    assert [key] == [settled.partition(" ")[0] for settled in report.settled]
    assert ("adopted" if fault["when"] == "after" else "created") == report.outcomes[key]
    assert [] == await lab.still_open()


@pytest.mark.parametrize("operation", STEPS)
@pytest.mark.parametrize("retry_after", [0.0, 30.0])
async def test_throttled(lab: "Lab", operation: str, retry_after: float) -> None:
    """A call that is refused with Retry-After is sent again after that time, and nothing is settled."""
    key, before = STEPS[operation]
    if before is not None:
        await lab.apply(before)
    lab.emulator.fault(operation, when="before", what="throttle", retry_after=retry_after, times=2)
    began = lab.clock.monotonic()

    report = await lab.apply(WHOLE_CONTACTS + WHOLE_ACCOUNTS)

    assert WHOLE == lab.made()
    assert [] == report.settled
    assert "created" == report.outcomes[key]
    assert lab.clock.monotonic() - began >= 2 * retry_after


@pytest.mark.parametrize("operation", STEPS)
async def test_each_reply_lost(lab: "Lab", operation: str) -> None:
    """A call whose every reply is lost before the effect fails after three sendings, and the next run makes up for it."""
    key, before = STEPS[operation]
    if before is not None:
        await lab.apply(before)
    sent = lab.calls(operation)
    lab.emulator.fault(operation, when="before", what="drop")

    report = await lab.apply(WHOLE_CONTACTS + WHOLE_ACCOUNTS)

    assert 3 == lab.calls(operation) - sent
    assert "failed" == report.ended.ending
    assert "failed" == report.outcomes[key]
    assert "sent 3 times" in report.tables[key].reason

    lab.emulator.clear_faults()
    assert "done" == (await lab.apply(WHOLE_CONTACTS + WHOLE_ACCOUNTS)).ended.ending
    assert WHOLE == lab.made()


async def test_many_faults_at_once(lab: "Lab") -> None:
    """With a third of all replies lost at random, before and after, every table is there once after a few runs."""
    tables = "".join(
        f"- {{target: crm, name: t{n}, columns: [{{name: a}}], indexes: [{{columns: [a]}}]}}\n"
        for n in range(20)
    )
    lab.emulator.fault("zangtable.create_*", when="after", what="drop", probability=0.3)
    lab.emulator.fault("zangtable.create_*", when="before", what="drop", probability=0.3)

    runs = [await lab.apply(tables) for _ in range(3)]

    assert 20 == sum(runs[0].ended.counts.values())
    assert sorted(f"t{n}" for n in range(20)) == lab.made()["tables"]
    assert sorted(f"idx_t{n}_a" for n in range(20)) == lab.made()["indexes"]
    assert 20 == runs[-1].ended.counts["unchanged"]
