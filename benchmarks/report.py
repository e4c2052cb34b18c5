"""The report: results.json, results.md and the table of results in the README."""

import json
import re

from machine import ROOT

RESULTS = ROOT / "benchmarks" / "results.json"
REPORT = ROOT / "benchmarks" / "results.md"
README = ROOT / "README.md"


def lines_of(value, depth=0) -> list[str]:
    """A nested dictionary as an indented Markdown list."""
    lines = []
    for key, item in value.items():
        indent = "  " * depth
        if isinstance(item, dict):
            lines += [f"{indent}* {key}", *lines_of(item, depth + 1)]
        else:
            shown = f"{item:.3g}" if isinstance(item, float) else item
            lines.append(f"{indent}* {key}: {shown}")
    return lines


def read() -> dict:
    """What was measured before."""
    return json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}


def write(results: dict) -> None:
    """``results.json``, ``results.md`` and the table of results in the README."""
    from xai4ser import corpus, network, tables

    tables.write_text(RESULTS, json.dumps(results, indent=1) + "\n")
    text = "# Measured\n\nMade by `make bench`; nothing here is typed by hand.\n"
    for part, value in results.items():
        text += "\n".join(["", f"## {part}", "", *lines_of(value), ""])
    tables.write_text(REPORT, text)
    _, manifest = network.load(corpus.ROOT / "trained_model")
    readme = README.read_text()
    table = readme_table(manifest["scores"], results)
    readme = re.sub(
        r"(<!-- results -->\n).*?(<!-- /results -->)",
        lambda match: match[1] + table + match[2],
        readme,
        flags=re.S,
    )
    tables.write_text(README, readme)


def readme_table(scores: dict, results: dict) -> str:
    """The rows of the README's table that have been measured."""
    folds = scores["six_folds"]
    rows = [
        (
            "UAR, every actor held out once (six folds, three seeds)",
            f"**{folds['uar']:.3f}**, 95 % interval over actors "
            f"{folds['uar_interval'][0]:.2f} to {folds['uar_interval'][1]:.2f}",
        ),
        (
            "UAR of the shipped network, its four test actors",
            f"{scores['test_uar']:.2f}",
        ),
        ("chance", "0.125"),
    ]
    if "protocols" in results:
        for name, score in results["protocols"]["original"].items():
            ours = results["protocols"]["ours"][name]
            shown = f"{score:.2f} and {ours:.2f}"
            rows.append((f"UAR, one split {name}: the original, this network", shown))
    if "extraction" in results:
        ratio = results["extraction"]["ratio to the plain loop"]["ours, all cores"]
        rows.append(
            ("features of 240 recordings: time as a share of a plain loop's", ratio)
        )
    if "training" in results:
        seconds = results["training"]["ours, table to file (s)"]
        rows.append(("from the table to the saved network", f"{seconds:.0f} s"))
    if "attribution" in results:
        for samples in ("16", "64"):
            ours = results["attribution"]["ours, by samples"][samples]
            rows.append(
                (
                    "attributions of 1440 recordings × 8 emotions × 1024 features, "
                    f"{samples} samples",
                    f"{ours['seconds for all 1440']:.0f} s, correlation with their "
                    f"limit {ours['correlation with our limit']:.3f}",
                )
            )
    shown = [(n, f"{v:.2f}" if isinstance(v, float) else v) for n, v in rows]
    return "\n".join(
        ["| | |", "|---|---|", *[f"| {name} | {value} |" for name, value in shown], ""]
    )
