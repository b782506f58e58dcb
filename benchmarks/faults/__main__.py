"""Try the faults, print what went wrong, count."""

import argparse
import os
import sys
from collections import Counter
from importlib import import_module

KINDS = "volumes", "names", "tables", "stored", "arguments", "system"


def main() -> int:
    """Run the chosen kinds; 1 if a fault was answered wrongly."""
    parser = argparse.ArgumentParser("benchmarks.faults")
    parser.add_argument("kinds", nargs="*", default=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--match", default="", metavar="TEXT", help="only names that hold it")
    parser.add_argument("--kills", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=2017)
    parser.add_argument("--verbose", action="store_true", help="also what was said of right ones")
    options = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "agg")
    from benchmarks.faults.campaign import judge, make_stage

    make_stage()
    if options.kills:
        from benchmarks.faults.kills import try_kills

        return try_kills(options.kills, options.seed, options.match)
    counts, wrong = {}, 0
    for kind in options.kinds:
        counts[kind] = Counter()
        for fault in import_module(f"benchmarks.faults.{kind}").faults():
            if options.match not in fault.name:
                continue
            verdict, said = judge(fault)
            counts[kind][verdict] += 1
            if verdict != "right" or options.verbose:
                print(f"{verdict.upper():9s} {fault.name}\n          {said}", flush=True)
            wrong += verdict != "right"
    print(f"\n{'kind':12s}" + "".join(f"{name:>11s}" for name in COLUMNS))
    for kind, count in [*counts.items(), ("all", sum(counts.values(), Counter()))]:
        values = [count.total(), *(count[name] for name in COLUMNS[1:])]
        print(f"{kind:12s}" + "".join(f"{value:11d}" for value in values))
    return int(wrong > 0)


COLUMNS = "faults", "right", "silent", "lost", "traceback", "left", "unclear"

if __name__ == "__main__":
    sys.exit(main())
