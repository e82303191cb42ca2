"""
`python -m codegen`: from the fragments in `openapi/` to the code in `src/aiotables/<service>/_generated/`.

`lint` checks the fragments, `generate` writes the code, `check` tells whether the written code is the generated one.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from codegen.generated import differences, generated_files, write
from codegen.lint import lint
from codegen.spec import SpecError


_REPOSITORY = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name; the exit code, 0 when all is well."""
    options = _parser().parse_args(arguments)
    folders = sorted(path for path in options.openapi.iterdir() if path.is_dir())
    problems = [problem for folder in folders for problem in lint(folder)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems or options.command == "lint":
        return int(bool(problems))

    try:
        run = _generate if options.command == "generate" else _check
        return run(folders, options.source)
    except (SpecError, UserWarning) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codegen", description="Code from the fragments in openapi/."
    )
    parser.add_argument("command", choices=("lint", "generate", "check"))
    parser.add_argument(
        "--openapi", type=Path, default=_REPOSITORY / "openapi", help="folder of the services"
    )
    parser.add_argument(
        "--source", type=Path, default=_REPOSITORY / "src" / "aiotables", help="package the code goes to"
    )
    return parser


def _generate(folders: list[Path], source: Path) -> int:
    for folder in folders:
        write(generated_files(folder), _target(folder, source))
    return 0


def _check(folders: list[Path], source: Path) -> int:
    stale = False
    for folder in folders:
        for line in differences(generated_files(folder), _target(folder, source)):
            stale = True
            print(line)
    if stale:
        print("The committed code is not what the fragments say: run `make generate`.", file=sys.stderr)
    return int(stale)


def _target(folder: Path, source: Path) -> Path:
    return source / folder.name / "_generated"


if __name__ == "__main__":
    sys.exit(main())
