"""What every recipe's command line shares: help without loading torch, one YAML plus overrides, errors in one line."""

import dataclasses
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from pixel.training.arguments import DataArguments, ModelArguments, ObjectiveArguments

_GROUPS = {"data": DataArguments, "model": ModelArguments, "objectives": ObjectiveArguments}


def show_help(description: str, *groups: str) -> bool:
    """
    Print help if it was asked for.

    Args:
        description: the recipe's docstring.
        groups: which option groups the recipe takes: `data`, `model`, `objectives`.

    Returns:
        whether it was, so that the recipe can stop before anything heavy is imported.
    """
    if not {"-h", "--help"} & set(sys.argv[1:]):
        return False
    print(textwrap.dedent(description).strip())
    print("\n  --config FILE\n      YAML with any of the options below.")
    for group in groups:
        print(f"\n{(_GROUPS[group].__doc__ or group).strip()}")
        for option in dataclasses.fields(_GROUPS[group]):
            default = (
                option.default_factory() if option.default_factory is not dataclasses.MISSING else option.default
            )
            print(f"  --{option.name} (default: {default})\n      {option.metadata.get('help', '')}")
    if groups:
        print("\nAnd every option of trl.SFTConfig: --max_steps, --learning_rate, --per_device_train_batch_size, ...")
    return True


def parse(*kinds) -> tuple:
    """
    Read `--config FILE` and the command line into dataclasses.

    Raises:
        SystemExit: with one line, for an unknown key or a file that is not there.
    """
    from trl import TrlParser

    parser = TrlParser(kinds)
    arguments = sys.argv[1:]
    for flag, value in zip(arguments, arguments[1:], strict=False):
        if flag == "--config" and not os.path.isfile(value):
            sys.exit(f"error: --config {value}: no such file. Mend: name a YAML such as recipes/configs/tiny_cpu.yaml")
    try:
        return parser.parse_args_and_config()
    except ValueError as error:
        known = sorted({option.name for kind in kinds for option in dataclasses.fields(kind)})
        sys.exit(f"error: {' '.join(str(error).split())}{_nearest(str(error), known)}")


def _nearest(message: str, known: list[str]) -> str:
    import difflib
    import re

    words = [word for word in re.findall(r"[A-Za-z_]{3,}", message) if word not in known]
    guesses = {g for word in words if "_" in word or len(words) < 12 for g in difflib.get_close_matches(word, known, 1)}
    return f". Mend: did you mean {', '.join(sorted(guesses))}?" if guesses else ". Mend: see --help"


@contextmanager
def explain() -> Iterator[None]:
    """Turn the errors a user can mend into one line on stderr and exit status 1; others keep their traceback."""
    from pixel.data.errors import ConversationError
    from pixel.training.loading import ModelFolderError

    try:
        yield
    except (ConversationError, ModelFolderError, FileNotFoundError) as error:
        sys.exit(f"error: {error}")
