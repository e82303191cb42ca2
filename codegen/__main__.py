"""
`python -m codegen`: from the fragments in `openapi/` to the code in `src/aiotables/<service>/_generated/`.

`lint` checks the fragments, `generate` writes the code, `check` tells whether the written code is the generated one,
`bundle` prints a service as one document, and `diff` tells what changed between two states of the fragments.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from attrs import asdict

from codegen.bundle import published
from codegen.changes import changes, told_changes
from codegen.generated import differences, generated_files, write
from codegen.lint import lint
from codegen.revisions import OPENAPI, RevisionError, specs
from codegen.spec import SpecError, load
from codegen.surface import surface


_REPOSITORY = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that *arguments* name; the exit code, 0 when all is well."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (SpecError, RevisionError, UserWarning) as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m codegen", description="Code from the fragments in openapi/."
    )
    folders = argparse.ArgumentParser(add_help=False)
    folders.add_argument(
        "--openapi", type=Path, default=_REPOSITORY / "openapi", help="folder of the services"
    )
    folders.add_argument(
        "--source", type=Path, default=_REPOSITORY / "src" / "aiotables", help="package the code goes to"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (
        ("lint", _lint, "check the fragments"),
        ("generate", _generate, "write the code"),
        ("check", _check, "tell whether the written code is the generated one"),
    ):
        commands.add_parser(name, help=about, parents=[folders]).set_defaults(run=run)

    command = commands.add_parser("bundle", help="print a service as one document", parents=[folders])
    command.add_argument("service", help="a folder of the services")
    command.set_defaults(run=_bundle)

    command = commands.add_parser("diff", help="tell what changed between two states of the fragments")
    command.add_argument("old", help="a revision of git, or a folder of services")
    command.add_argument(
        "new", nargs="?", default=str(_REPOSITORY / OPENAPI), help="the same; else what is there"
    )
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(run=_diff)
    return parser


def _lint(options: argparse.Namespace) -> bool:
    return _is_bad(_folders(options))


def _generate(options: argparse.Namespace) -> bool:
    folders = _folders(options)
    if _is_bad(folders):
        return True

    for folder in folders:
        write(generated_files(folder), _target(folder, options.source))
    return False


def _check(options: argparse.Namespace) -> bool:
    folders = _folders(options)
    if _is_bad(folders):
        return True

    stale = False
    for folder in folders:
        for line in differences(generated_files(folder), _target(folder, options.source)):
            stale = True
            print(line)
    if stale:
        print("The committed code is not what the fragments say: run `make generate`.", file=sys.stderr)
    return stale


def _bundle(options: argparse.Namespace) -> bool:
    folder = options.openapi / options.service
    if _is_bad([folder]):
        return True

    print(json.dumps(published(load(folder)), indent=2))
    return False


def _diff(options: argparse.Namespace) -> bool:
    old, new = (
        {service: surface(spec) for service, spec in specs(source, _REPOSITORY).items()}
        for source in (options.old, options.new)
    )
    found = list(changes(old, new))
    print(json.dumps([asdict(change) for change in found], indent=2) if options.json else told_changes(found))
    return False


def _is_bad(folders: list[Path]) -> bool:
    problems = [problem for folder in folders for problem in lint(folder)]
    for problem in problems:
        print(problem, file=sys.stderr)
    return bool(problems)


def _folders(options: argparse.Namespace) -> list[Path]:
    return sorted(path for path in options.openapi.iterdir() if path.is_dir())


def _target(folder: Path, source: Path) -> Path:
    return source / folder.name / "_generated"


if __name__ == "__main__":
    sys.exit(main())
