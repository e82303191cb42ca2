"""Ids and secrets that the services make: drawn from a seed, so that the same calls get the same ones."""

import base64
from random import Random

from attrs import define, field


# Of the bits of a UUID, those that tell its version and variant (RFC 9562), and all others.
_FIXED = 0x4000_8000_0000_0000_0000
_DRAWN = ~0xF000_C000_0000_0000_0000


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
        """An id as Extruct makes them: a UUID of version 4."""
        digits = f"{self._random.getrandbits(128) & _DRAWN | _FIXED:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def digits(self, count: int) -> str:
        """So many hexadecimal digits."""
        return f"{self._random.getrandbits(4 * count):0{count}x}"

    def secret(self) -> str:
        """32 characters that go into a URL."""
        return base64.urlsafe_b64encode(self._random.randbytes(24)).decode()
