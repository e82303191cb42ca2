"""Ids and secrets that the services make: drawn from a seed, so that the same calls get the same ones."""

import base64
import uuid
from random import Random

from attrs import define, field


@define
class Ids:
    """
    The source of ids.

    Args:
        seed: Seed of the draws.
    """

    _seed: int = 0
    _random: Random = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.begin("")

    def begin(self, state: str) -> None:
        """Begin anew, with other ids for each *state*: what is there already, so that no id of it comes again."""
        self._random = Random(f"{self._seed}:{state}")  # noqa: S311 - they open nothing but the emulator

    def uuid(self) -> str:
        """An id as Extruct makes them."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def digits(self, count: int) -> str:
        """So many hexadecimal digits."""
        return f"{self._random.getrandbits(4 * count):0{count}x}"

    def secret(self) -> str:
        """32 characters that go into a URL."""
        return base64.urlsafe_b64encode(self._random.randbytes(24)).decode()
