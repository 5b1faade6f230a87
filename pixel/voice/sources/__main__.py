"""
The state of every slot in a list of playlists, as a table.

    python -m pixel.voice.sources my_playlists.yaml
"""

import argparse
import sys

from pixel.voice.sources.playlists import SLOTS, PlaylistError, load_playlists, table


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default=SLOTS, help="list of playlists (default: the empty one)")
    try:
        playlists = load_playlists(parser.parse_args(arguments).file)
    except PlaylistError as error:
        sys.exit(f"error: {error}")
    ready = sum(slot.ready for slot in playlists)
    print(f"{table(playlists)}\n{ready} of {len(playlists)} slots are ready.")


if __name__ == "__main__":
    main()
