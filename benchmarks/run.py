"""Measure what this project claims about speed and score; write the results.

    python benchmarks/run.py [start-up extraction training attribution agreement
                              robustness protocols "large corpora" whistle]

Each part runs in turn and is written to ``benchmarks/results.json`` as soon as it
is done; ``benchmarks/results.md`` and the tables in the README and the notes are made
from that file. Times are medians of several runs on the machine that is named in the
file; what carries over to another machine are the ratios.
"""

import argparse
import json

import agreement
import attribution
import extracting
import protocols
import report
import robustness
import scaling
import startup
import training
import whistle
from timing import ROOT, machine

PARTS = {
    "start-up": startup.measure,
    "extraction": extracting.measure,
    "training": training.measure,
    "attribution": attribution.measure,
    "agreement": agreement.measure,
    "robustness": robustness.measure,
    "protocols": protocols.measure,
    "large corpora": scaling.measure,
    "whistle": whistle.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    chosen = parser.parse_args().parts or list(PARTS)
    before = json.loads(report.RESULTS.read_text()) if report.RESULTS.is_file() else {}
    results = {name: before[name] for name in ("machine", *PARTS) if name in before}
    for part in chosen:
        print(f"measuring {part} ...", flush=True)
        results = {"machine": machine()} | results | {part: PARTS[part]()}
        report.write(results)
    print(f"written: {report.REPORT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
