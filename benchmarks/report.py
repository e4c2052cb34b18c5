"""The measured figures as files: results.json, results.md, and tables in the texts."""

import json
import re

import pandas as pd

from timing import ROOT
from xai4ser import models, scoring
from xai4ser.files import write_text
from xai4ser.ravdess import RAVDESS

RESULTS = ROOT / "benchmarks" / "results.json"
REPORT = ROOT / "benchmarks" / "results.md"
README = ROOT / "README.md"
NOTES = ROOT / "docs" / "model_notes.md"
LARGE = ROOT / "docs" / "large_corpora.md"
SEARCH = ROOT / "benchmarks" / "recipe_search.json"


def lines_of(value, depth=0) -> list[str]:
    """A nested dictionary as an indented Markdown list; like ones as a table."""
    lines = []
    for key, item in value.items():
        indent = "  " * depth
        if is_table(item):
            lines += [f"{indent}* {key}", "", *table_lines(item, indent + "  "), ""]
        elif isinstance(item, dict):
            lines += [f"{indent}* {key}", *lines_of(item, depth + 1)]
        else:
            lines.append(f"{indent}* {key}: {as_text(item)}")
    return lines


def as_text(value) -> str:
    """A number with three digits, an interval as two such numbers."""
    if isinstance(value, list) and all(isinstance(one, float) for one in value):
        return ", ".join(map(as_text, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def is_table(value) -> bool:
    """True for several dictionaries with the same keys and nothing nested."""
    if not isinstance(value, dict) or len(value) < 2:
        return False
    rows = list(value.values())
    return all(
        isinstance(row, dict)
        and list(row) == list(rows[0])
        and not any(isinstance(item, dict) for item in row.values())
        for row in rows
    )


def table_lines(value: dict, indent: str) -> list[str]:
    """A dictionary of like dictionaries as a Markdown table."""
    columns = list(next(iter(value.values())))
    rows = [["", *columns]] + [["---"] * (len(columns) + 1)]
    rows += [[name, *map(as_text, row.values())] for name, row in value.items()]
    return [f"{indent}| {' | '.join(row)} |" for row in rows]


def between(text: str, mark: str, inside: str) -> str:
    """``text`` with ``inside`` between ``<!-- mark -->`` and ``<!-- /mark -->``."""
    pattern = rf"(<!-- {mark} -->).*?(<!-- /{mark} -->)"
    return re.sub(pattern, lambda m: m[1] + inside + m[2], text, flags=re.DOTALL)


def write(results: dict) -> None:
    """Write all reports, each whole or not at all."""
    write_text(RESULTS, json.dumps(results, indent=1) + "\n")
    text = "# Measured\n\nMade by `make bench`; nothing here is typed by hand.\n"
    for part, value in results.items():
        text += "\n".join(["", f"## {part}", "", *lines_of(value), ""])
    write_text(REPORT, text)
    predictions = pd.read_csv(RAVDESS.home.predictions)
    folds = {
        version: scoring.score_of_folds(rows)
        for version, rows in predictions.groupby("version")
    }
    readme = between(README.read_text("utf-8"), "results", readme_table(folds, results))
    write_text(README, readme)
    notes = between(NOTES.read_text("utf-8"), "folds", folds_in_words(folds))
    notes = between(notes, "search", search_table())
    if "robustness" in results:
        table = robustness_table(results["robustness"])
        notes = between(notes, "robustness", table)
    write_text(NOTES, notes)
    if "large corpora" in results:
        table = large_table(results["large corpora"])
        write_text(LARGE, between(LARGE.read_text("utf-8"), "costs", table))


def with_interval(score: dict) -> str:
    low, high = score["uar_interval"]
    return f"{score['uar']:.3f}, 95 % interval over actors {low:.2f} to {high:.2f}"


def folds_in_words(folds: dict) -> str:
    """The sentence of the notes, which a test compares with the predictions."""
    return "; ".join(
        f"UAR {score['uar']:.3f} on {version} recordings (95 % interval over actors "
        f"{score['uar_interval'][0]:.3f} to {score['uar_interval'][1]:.3f})"
        for version, score in folds.items()
    )


def search_table() -> str:
    """The trials of ``recipe_search.py``, as a table."""
    if not SEARCH.is_file():
        return "\n"
    trials = json.loads(SEARCH.read_text())
    first = [scores for of_folds in trials.values() for scores in of_folds.values()]
    versions = list(dict.fromkeys(version for scores in first for version in scores))
    lines = ["", f"| trial | folds | {' | '.join(versions)} |"]
    lines.append("|---|---|" + "---|" * len(versions))
    for name, of_folds in trials.items():
        means = pd.DataFrame(of_folds).T.mean()
        scores = (
            f"{means[version]:.3f}" if version in means else "" for version in versions
        )
        lines.append(f"| {name} | {len(of_folds)} | {' | '.join(scores)} |")
    return "\n".join([*lines, ""])


def robustness_table(measured: dict) -> str:
    """Score, answers kept and agreement of explanations, for each disturbance."""
    rates = measured["kilobits a second"]
    lines = ["", "| sound | UAR | interval over actors | kept | agree |"]
    lines.append("|---|---|---|---|---|")
    for name, found in measured["disturbances"].items():
        low, high = found["interval over actors"]
        rate = f", {rates[name]:.0f} kbit/s" if name in rates else ""
        lines.append(
            f"| {name}{rate} | {found['uar']:.3f} | {low:.2f} to {high:.2f} "
            f"| {found['answers kept']:.0%} "
            f"| {found['explanations agree, by item']:.2f} |"
        )
    return "\n".join([*lines, ""])


def large_table(steps: dict) -> str:
    """Time and memory of each step, as measured and for more recordings."""
    many = list(next(iter(steps.values()))["extrapolated"])
    titles = " | ".join(f"{int(count):,}" for count in many)
    lines = [
        "",
        f"| one process | measured | {titles} |",
        "|---|---|" + "---|" * len(many),
    ]
    for name, step in steps.items():
        shown = [
            f"{int(size):,} recordings: {cost(found)}"
            for size, found in step["measured"].items()
        ]
        rest = " | ".join(cost(found) for found in step["extrapolated"].values())
        lines.append(f"| {name} | {'; '.join(shown)} | {rest} |")
    return "\n".join([*lines, ""])


def cost(found: dict) -> str:
    """Time, memory and what else was counted, as one reads them."""
    seconds = found["seconds"]
    if seconds < 100:
        time = f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    elif seconds < 6000:
        time = f"{seconds / 60:.0f} min"
    else:
        time = f"{seconds / 3600:.1f} h"
    rest = [
        f"{value:.1f} GB {what.removesuffix(' (GB)')}"
        if value >= 0.1
        else f"{1000 * value:.0f} MB {what.removesuffix(' (GB)')}"
        for what, value in found.items()
        if what != "seconds"
    ]
    return ", ".join([time, *rest])


def readme_table(folds: dict, results: dict) -> str:
    """The rows of the README's table that have been measured."""
    _, manifest = models.load(RAVDESS.home.models)
    rows = [
        (
            "UAR, every actor held out once (six folds, three seeds)",
            f"**{with_interval(folds['clean'])}**",
        ),
        ("the same, in white noise at 20 dB", with_interval(folds["noisy"])),
        (
            "UAR of the shipped network, its four test actors",
            f"{manifest['scores']['test_uar']:.2f}",
        ),
        ("chance", "0.125"),
    ]
    if "protocols" in results:
        for name, score in results["protocols"]["original"].items():
            shown = f"{score:.2f} and {results['protocols']['ours'][name]:.2f}"
            rows.append((f"UAR, split {name}: the original, our recipe", shown))
    if "agreement" in results:
        for what, words in (
            ("seeds", "another seed"),
            ("actors", "other actors (disjoint halves)"),
        ):
            found = results["agreement"][what]
            shown = ", ".join(
                f"{found[k]:.2f} by {k}" for k in ("feature", "band", "item")
            )
            rows.append((f"explanations agree, {words}", shown))
    if "extraction" in results:
        ratio = results["extraction"]["ratio to the plain loop"]
        shown = f"{ratio['ours, one core']:.2f} and {ratio['ours, all cores']:.2f}"
        rows.append(
            ("time for the features, of a plain loop's: one core, two cores", shown)
        )
    if "training" in results:
        seconds = results["training"]["ours, table to file (s)"]
        rows.append(
            ("from the table to the saved network, two cores", f"{seconds:.0f} s")
        )
    if "robustness" in results:
        found = results["robustness"]["disturbances"]
        for name in ("room 0.6 s", "telephone band"):
            if name in found:
                low, high = found[name]["interval over actors"]
                rows.append(
                    (
                        f"UAR under a disturbance never trained on, {name}",
                        f"{found[name]['uar']:.2f} ({low:.2f} to {high:.2f}); clean, "
                        f"same networks: {found['clean']['uar']:.2f}",
                    )
                )
    if "attribution" in results:
        for samples in ("16", "64"):
            ours = results["attribution"]["ours, by samples"][samples]
            rows.append(
                (
                    f"attributions of 1440 recordings × 8 emotions, {samples} samples",
                    f"{ours['seconds for all 1440']:.0f} s, correlation with their "
                    f"limit {ours['correlation with our limit']:.3f}",
                )
            )
    lines = [f"| {name} | {value} |" for name, value in rows]
    return "\n".join(["", "| | |", "|---|---|", *lines, ""])
