"""
Deploy a Space.

    python recipes/space.py build --space spaces/expert_review --output outputs/space
    python recipes/space.py push --space spaces/expert_review --repo_id me/expert-review

`build` writes one folder that runs by itself (`python outputs/space/app.py`); `push` builds it and uploads it, private
unless --public. Databases and runs stay where they are.
"""

import argparse
import sys
import tempfile


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="write the folder")
    push = commands.add_parser("push", help="write the folder and upload it")
    for command in (build, push):
        command.add_argument("--space", required=True, help="spaces/expert_review or spaces/evaluation_dashboard")
    build.add_argument("--output", required=True, help="an empty folder")
    push.add_argument("--repo_id", required=True, help="owner/name of the Space")
    push.add_argument("--public", action="store_true", help="anybody may see it (default: private)")
    return parser.parse_args(arguments)


def main(chosen: argparse.Namespace) -> None:
    from pixel.hub import PushError, push_folder
    from pixel.hub.space import build_space

    try:
        if chosen.command == "build":
            print(f"The Space is in {build_space(chosen.space, chosen.output)}")
            return
        with tempfile.TemporaryDirectory() as folder:
            print(push_folder(build_space(chosen.space, folder), chosen.repo_id, "space", private=not chosen.public))
    except (OSError, PushError) as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main(options())
