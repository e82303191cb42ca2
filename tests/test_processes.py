"""Models in other processes: what goes there comes back as it was."""

import copy
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from aiotables.core.convert import Converter
from aiotables.emulator import Emulator
from aiotables.extruct.models import AgentType, TableCreate
from aiotables.zangtable import ZangTable
from aiotables.zangtable import models as zangtable


UNKNOWN = b"""
{"name": "Accounts", "column_configs": [
  {"kind": "agent", "name": "a", "key": "a",
   "value": {"agent_type": "of_tomorrow", "prompt": "p", "output_format": "text", "new": {"x": [1]}}},
  {"kind": "kind_of_tomorrow", "name": "b", "key": "b", "y": 2}
]}
"""


async def test_models_come_back() -> None:
    """Models survive `copy.deepcopy` in another process and the way there and back, with all that is not known of them."""
    async with (
        Emulator() as emulator,
        ZangTable(token="pat_emulator", project="acme", base_url=emulator.url) as zang,
    ):
        created = await zang.tables.create(zangtable.TableCreate(table_name="contacts"))
    models = [created, Converter().decode(UNKNOWN, TableCreate), AgentType("of_tomorrow")]

    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        again = pool.submit(copy.deepcopy, models).result()

    assert models == again
    assert [type(model) for model in models] == [type(model) for model in again]
    assert Converter().encode(models[1]) == Converter().encode(again[1])
