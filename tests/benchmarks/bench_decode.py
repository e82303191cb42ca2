"""
Reading and writing JSON: our models, and pydantic v2 models of the same shapes, beside bare orjson.

The pydantic models are generated from the same fragments. What is measured is from bytes to objects and back, in CPU time;
rounds are interleaved, and each ratio is the median over the rounds of the ratio to orjson in the same round.
"""

import gc
import importlib.util
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pydantic
from attrs import frozen
from datamodel_code_generator import generate
from datamodel_code_generator.config import GenerateConfig
from datamodel_code_generator.enums import DataModelType, InputFileType
from datamodel_code_generator.format import PythonVersion

from aiotables.core.convert import Converter
from aiotables.extruct import models
from codegen.bundle import bundle
from codegen.spec import load


OPENAPI = Path(__file__).parents[2] / "openapi"
ROUNDS = 15
ITEMS = 10_000
LEAST_SECONDS = 0.05
LEAST_TIMES = 5
WHEN = "2026-06-02T01:23:45.678901Z"
KEEPER = {"id": "0b6f4f0e-1f55-4a62-9a52-5e2d3b1c7a10", "email": "ada@example.com"}


@frozen
class Case:
    """A document, the type that it is of, and what to call it."""

    name: str
    document: bytes
    ours: Any
    pydantic: Any


def main() -> None:
    """Print the ratios."""
    theirs: Any = pydantic_models()
    cases = [
        Case("one table, 11 column kinds", table(), models.TableHeader, theirs.TableHeader),
        Case(
            f"list of {ITEMS:,} tables", listing(), list[models.TableListItem], list_of(theirs.TableListItem)
        ),
        Case(f"page of {ITEMS:,} rows", page(), models.TableData, theirs.TableData),
    ]
    # The collector goes through what is measured, and not each time through all that was imported for it.
    gc.collect()
    gc.freeze()
    print(f"decode and encode, CPU time as a ratio to bare orjson, medians of {ROUNDS} interleaved rounds")
    print(f"{'':28}{'orjson':>12}{'aiotables':>11}{'pydantic':>11}")
    for case in cases:
        for name, ways in (("decode", decoders(case)), ("encode", encoders(case))):
            bare, ours, other = medians(ways)
            print(
                f"{case.name if name == 'decode' else '':28}{name} {shown(bare):>10}{ours:10.2f}{other:11.2f}"
            )


def list_of(model: Any) -> Any:  # noqa: ANN401 -- types made at run time
    """The type of a list of *model*."""
    return list[model]


def shown(seconds: float) -> str:
    """Seconds in the unit that fits."""
    return f"{seconds * 1e6:.1f} us" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


def decoders(case: Case) -> list[Callable[[], object]]:
    """Ways to read a document: bare, ours, pydantic's."""
    converter, adapter = Converter(), pydantic.TypeAdapter(case.pydantic)
    return [
        lambda: orjson.loads(case.document),
        lambda: converter.decode(case.document, case.ours),
        lambda: adapter.validate_json(case.document),
    ]


def encoders(case: Case) -> list[Callable[[], object]]:
    """Ways to write what was read: bare, ours, pydantic's."""
    converter, adapter = Converter(), pydantic.TypeAdapter(case.pydantic)
    parsed, ours = orjson.loads(case.document), converter.decode(case.document, case.ours)
    theirs = adapter.validate_json(case.document)
    same = orjson.loads(adapter.dump_json(theirs, by_alias=True, exclude_unset=True))
    assert parsed == orjson.loads(converter.encode(ours)) == same
    return [
        lambda: orjson.dumps(parsed),
        lambda: converter.encode(ours),
        lambda: adapter.dump_json(theirs, by_alias=True, exclude_unset=True),
    ]


def medians(ways: list[Callable[[], object]]) -> tuple[float, float, float]:
    """Seconds of the first, and the ratios of the others to it."""
    counts = [enough(way) for way in ways]
    rounds = [[seconds(way, count) for way, count in zip(ways, counts, strict=True)] for _ in range(ROUNDS)]
    bare, ours, other = zip(*rounds, strict=True)
    return (
        statistics.median(bare),
        statistics.median(b / a for a, b in zip(bare, ours, strict=True)),
        statistics.median(b / a for a, b in zip(bare, other, strict=True)),
    )


def enough(way: Callable[[], object]) -> int:
    """How often to repeat it, so that the clock can be trusted; the first time is for warming up."""
    way()
    return max(LEAST_TIMES, round(LEAST_SECONDS / seconds(way, 1)))


def seconds(way: Callable[[], object], count: int) -> float:
    """CPU seconds of one time."""
    gc.collect()
    start = time.process_time()
    for _ in range(count):
        way()
    return (time.process_time() - start) / count


def pydantic_models() -> ModuleType:
    """The pydantic models of Extruct."""
    document = {**bundle(load(OPENAPI / "extruct")), "paths": {}}
    config = GenerateConfig(
        input_file_type=InputFileType.OpenAPI,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        use_one_literal_as_default=True,
        use_specialized_enum=True,
        formatters=[],
        disable_timestamp=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "pydantic_models.py")
        file.write_text(str(generate(document, config=config)))
        spec = importlib.util.spec_from_file_location("pydantic_models", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["pydantic_models"] = module
        spec.loader.exec_module(module)
        return module


def table() -> bytes:
    """The answer to a create with a column of each kind, 11 in all."""
    return orjson.dumps(header())


def header() -> dict[str, Any]:
    """What a table says of itself."""
    columns = [
        {"id": f"0b6f4f0e-1f55-4a62-9a52-{number:012}", "created_at": WHEN, "config": config}
        for number, config in enumerate(configs())
    ]
    return {
        "id": "0b6f4f0e-1f55-4a62-9a52-5e2d3b1c7a19",
        "created_at": WHEN,
        "name": "Accounts",
        "kind": "company",
        "columns": columns,
        "owner": KEEPER,
        "description": "Every account that we know of.",
        "tags": ["crm", "aiotables:1"],
    }


def configs() -> Iterator[dict[str, Any]]:
    """A column of each kind."""
    plain = (
        "company_name",
        "company_website",
        "company_profile",
        "discovery_scores",
        "input",
        "email_finder",
    )
    values = {
        "agent": {
            "agent_type": "research_pro",
            "prompt": "Who founded it, and when?",
            "output_format": "select",
            "labels": ["one person", "several", "a company"],
        },
        "criterion_grade": {"criterion": "Sells to schools."},
        "company_people_finder": {"roles": ["founder", "head of sales"], "max_results": 3},
    }
    for kind in (*plain, "phone_finder"):
        yield {"kind": kind, "name": kind.title(), "key": kind}
    yield {"kind": "reverse_email_lookup", "name": "Who", "key": "who", "email_column_key": "email"}
    for kind, value in values.items():
        yield {"kind": kind, "name": kind.title(), "key": kind, "value": value}


def listing() -> bytes:
    """A list of tables."""
    return orjson.dumps(
        [
            {
                "id": f"0b6f4f0e-1f55-4a62-9a52-{number:012}",
                "created_at": f"2026-06-02T01:23:45.{number:06}Z",
                "updated_at": f"2026-06-03T01:23:45.{number:06}Z",
                "name": f"Table {number}",
                "kind": "company",
                "scope": "personal",
                "owner": KEEPER,
                "num_rows": number,
                "description": "Every account that we know of.",
                "tags": ["crm"],
            }
            for number in range(1, ITEMS + 1)
        ]
    )


def page() -> bytes:
    """A table with rows of three cells."""
    rows = [
        {
            "id": f"0b6f4f0e-1f55-4a62-9a52-{number:012}",
            "created_at": f"2026-06-02T01:23:45.{number:06}Z",
            "data": {
                "company_name": {"value": {"answer": f"Company {number}"}, "status": "done"},
                "website": {
                    "value": {
                        "answer": f"https://www.company{number}.com",
                        "explanation": "Found on the first page of a search for the name of the company.",
                        "sources": ["https://example.com/one", "https://example.com/two"],
                    },
                    "status": "done",
                },
                "headcount": {"value": {"answer": number}, "status": "done"},
            },
        }
        for number in range(1, ITEMS + 1)
    ]
    status = {
        "num_columns": 11,
        "run_status": "idle",
        "num_rows": ITEMS,
        "num_output_columns": 10,
        "num_input_columns": 1,
        "num_cells_completed": 3 * ITEMS,
        "num_cells_in_progress": 0,
    }
    return orjson.dumps({**header(), "status": status, "rows": rows})


if __name__ == "__main__":
    main()
