"""Each part runs in a process of its own, one after the other; tables go to standard output."""

from __future__ import annotations

import argparse
import subprocess
import sys

PARTS = {
    "press": "from the press to the response of POST /generations/, with and without audio",
    "lag": "from Wan's end_time to READY, and queries per video",
    "archive": "memory and time of archiving a 200 MB file",
    "poll": "answers of the status poll per second",
    "page": "weight and queries of the studio page",
    "teams": "the studio page for a member of 50 teams with 500 projects, beside a member of one",
    "composer": "typing in a board of 15 shots, the script's weight, requests while typing, a waveform",
    "screening": "a screening's weight and time to the first frame, beside a bare video page",
    "slots": "use of Wan's slots by a backlog of 200",
    "crowd": "1,000 videos in flight on 200 accounts, beside a thread per video in the vendor's SDK",
    "gallery": "pages, searches and counts of a gallery with 1,000, 100,000 and 1,000,000 clips",
    "scroll": "the longest tasks of a browser while somebody scrolls a grid of 2,000 cards",
    "zip": "memory and time of a ZIP of 1,000 clips",
    "ticks": "one tick beside 100, 10,000 and 1,000,000 finished rows",
}
VARIANTS = {"ticks": ((), ("--servers",)), "gallery": ((), ("--servers",))}  # on SQLite, and on PostgreSQL


def main() -> int:
    lines = "\n".join(f"  {name:10}{words}" for name, words in PARTS.items())
    parser = argparse.ArgumentParser(
        prog="python -m bench", epilog=lines, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="parts to run; all of them when none is named")
    parser.add_argument("--quick", action="store_true", help="smaller and shorter: minutes instead of an hour")
    options = parser.parse_args()
    unknown = set(options.names) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    quick = ["--quick"] if options.quick else []
    wanted = [(name, variant) for name in options.names or PARTS for variant in VARIANTS.get(name, ((),))]
    commands = [[sys.executable, "-m", f"bench.{name}", *variant, *quick] for name, variant in wanted]
    return max(subprocess.run(command).returncode for command in commands)


if __name__ == "__main__":
    sys.exit(main())
