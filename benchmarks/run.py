"""Measure what this project claims about speed and score; write the results.

    python benchmarks/run.py [start-up extraction training attribution protocols]

Each part runs in turn and is written to ``benchmarks/results.json`` as soon as it
is done; ``benchmarks/results.md`` and the table in the README are made from that
file. Times are medians of several runs on the machine that is named in the file;
what carries over to another machine are the ratios.
"""

import argparse

import attribution
import extraction
import protocols
import report
import startup
import training
from machine import ROOT, machine

# A part is a module with ``measure() -> dict``; another one is added here.
PARTS = {
    "start-up": startup.measure,
    "extraction": extraction.measure,
    "training": training.measure,
    "attribution": attribution.measure,
    "protocols": protocols.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    chosen = parser.parse_args().parts or list(PARTS)
    results = report.read()
    for part in chosen:
        print(f"measuring {part} ...", flush=True)
        results = {"machine": machine()} | results | {part: PARTS[part]()}
        report.write(results)
    written = (report.REPORT, report.RESULTS)
    print(f"written: {', '.join(str(p.relative_to(ROOT)) for p in written)}")


if __name__ == "__main__":
    main()
