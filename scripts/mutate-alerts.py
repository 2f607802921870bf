#!/usr/bin/env python3
"""Changes the alert rules one token at a time and expects the promtool tests to notice.

Owns the list of changes. A change that no test notices is a survivor: a threshold, comparator,
duration or selector that the tests do not hold. Prints the survivors and exits 1 if there are any.
Changes nothing in the working tree: each mutant lives in a temporary folder.

    scripts/mutate-alerts.py                 all rule files
    scripts/mutate-alerts.py auth.yml        one rule file
    scripts/mutate-alerts.py --list          only list the changes

Needs python3 (standard library only) and promtool. Takes some minutes, so it is not part of ./test;
run it when rules or their tests change.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ALERTS = Path(__file__).resolve().parent.parent / "alerts"
STEP_SECONDS = 15  # the evaluation interval: the smallest change of a duration that can matter
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# Changes that mean the same: (part of the line, what changed, why no test can notice).
EQUIVALENT = [
    ("group by (clinic, domain) (", "'group' -> 'sum'", "the record is only ever counted"),
    ("count(clinic_domain:", "'count' -> 'sum'", "the values of a group are all 1"),
    ("count(group by (clinic)", "'count' -> 'sum'", "the values of a group are all 1"),
    ("count(group by (clinic)", "'group' -> 'sum'", "the result is only counted"),
    ("unless accuscope_calls_total", "'{category=\"transient\"}' -> ''", "on the right of `unless`, only the same series matters"),
]


def seconds(text):
    return sum(int(n) * SECONDS[u] for n, u in re.findall(r"(\d+)([smhd])", text))


def neighbours(number):
    """The values just below and just above a threshold."""
    if "." in number:
        return [f"{float(number) * 0.92:.6g}", f"{float(number) * 1.08:.6g}"]
    return [str(int(number) - 1), str(int(number) + 1)]


def token_changes(expr):
    """(start, end, replacement) for every change inside one expression."""
    for m in re.finditer(r"(>=|<=|==|!=|>|<)(?: bool)? (\d+(?:\.\d+)?)", expr):
        for value in neighbours(m.group(2)):
            yield m.start(2), m.end(2), value
    turns = {">": [">=", "<"], ">=": [">", "<"], "<": ["<=", ">"], "<=": ["<", ">"], "==": ["!=", ">"], "!=": ["=="]}
    for m in re.finditer(r"(?<= )(>=|<=|==|!=|>|<)(?= )", expr):
        for other in turns[m.group(1)]:
            yield m.start(1), m.end(1), other
    for m in re.finditer(r"\[(\w+)\]|offset (\w+)", expr):
        which = 1 if m.group(1) else 2
        span = seconds(m.group(which))
        for other in (span - STEP_SECONDS, span + STEP_SECONDS, span * 2):
            yield m.start(which), m.end(which), f"{other}s"
    words = {
        r"\band\b": ["or", "unless"], r"\bor\b": ["and"], r"\bunless\b": ["and"],
        r"\bmax(?= by|\()": ["min"], r"\bmin(?= by)": ["max"], r"\bsum(?= by|\()": ["max"], r"\bcount(?=\()": ["sum"],
        r"\bgroup(?= by)": ["sum"],
        r"\bincrease(?=\()": ["delta"], r"\bchanges(?=\()": ["resets"], r"\bmin_over_time(?=\()": ["max_over_time"],
        r" / ": [" * "], r"\btime\(\) - ": [""],
    }
    for pattern, others in words.items():
        for m in re.finditer(pattern, expr):
            for other in others:
                yield m.start(), m.end(), other
    for m in re.finditer(r"\{[^{}]*\}", expr):
        yield m.start(), m.end(), ""
        for part in re.finditer(r'"([a-z_]+(?:\|[a-z_]+)+)"', m.group()):
            options = part.group(1).split("|")
            for option in options:
                kept = "|".join(o for o in options if o != option)
                yield m.start() + part.start(1), m.start() + part.end(1), kept
    for m in re.finditer(r"by \((\w+(?:, \w+)*)\)", expr):
        names = m.group(1).split(", ")
        for name in names if len(names) > 1 else []:
            yield m.start(1), m.end(1), ", ".join(n for n in names if n != name)


def mutants(text):
    """(line number, what changed, the whole mutated text)."""
    lines = text.split("\n")
    at = 0
    inside = None  # the indentation of an `expr: |` block
    group_of_expr = []
    for index, line in enumerate(lines):
        indent = len(line) - len(line.lstrip())
        here = at
        at += len(line) + 1
        if line.lstrip().startswith("#"):
            continue
        single = re.match(r"\s+(?:- )?expr: (?!\|)(.*)$", line)
        if re.match(r"\s+(?:- )?expr: \|$", line):
            inside, group_of_expr = indent, []
            continue
        if inside is not None and line.strip() and indent <= inside:
            inside = None
        if single or inside is not None:
            start = single.start(1) if single else 0
            for begin, end, other in token_changes(line[start:]):
                begin, end = here + start + begin, here + start + end
                yield index + 1, f"{text[begin:end]!r} -> {other!r}", text[:begin] + other + text[end:]
            if inside is not None and re.match(r"\s+(and|unless)\b", line):
                yield index + 1, "clause removed", text[:here] + text[here + len(line) + 1 :]
            if inside is not None and re.match(r"\s+or\b", line) and len(line.strip()) > 2:
                yield index + 1, "clause removed", text[:here] + text[here + len(line) + 1 :]
            following = lines[index + 1] if index + 1 < len(lines) else ""
            joined = re.match(r"\s+(?:and|or|unless)\b(?: on \(\))?", following)
            if inside is not None and joined and not re.match(r"\s+(and|or|unless)\b", line):
                after = here + len(line) + 1
                yield index + 1, "first clause removed", text[:here] + " " * indent + text[after + joined.end() :]
        wait = re.match(r"\s+for: (\w+)$", line)
        if wait:
            span = seconds(wait.group(1))
            for other in {0, span - STEP_SECONDS, span + STEP_SECONDS}:
                changed = line.replace(wait.group(1), f"{other}s")
                yield index + 1, f"for: {wait.group(1)} -> {other}s", text[:here] + changed + text[here + len(line) :]
        label = re.match(r"\s+(severity|scope|category|owner): (\w+)$", line)
        if label:
            changed = line.replace(label.group(2), "changed")
            yield index + 1, f"{line.strip()} -> changed", text[:here] + changed + text[here + len(line) :]
        alert = re.match(r"(\s+)- alert: ", line)
        if alert and not re.search(r"\n\s+for:", text[here : text.find("labels:", here)]):
            added = f"{alert.group(1)}  for: {STEP_SECONDS}s\n"
            end = here + len(line) + 1
            yield index + 1, f"{line.strip()}: for: {STEP_SECONDS}s added", text[:end] + added + text[end:]


def survives(name, text):
    """Whether every test still passes; None where promtool cannot even load the mutant."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "alerts"
        shutil.copytree(ALERTS, copy)
        (copy / name).write_text(text)
        if subprocess.run(["promtool", "check", "rules", str(copy / name)], capture_output=True).returncode != 0:
            return None
        tests = copy / "tests" / name.replace(".yml", "_test.yml")
        return subprocess.run(["promtool", "test", "rules", str(tests)], capture_output=True).returncode == 0


def equivalent(name, line, what):
    text = (ALERTS / name).read_text().split("\n")[line - 1]
    return any(part in text and what == change for part, change, _ in EQUIVALENT)


def main():
    only_list = "--list" in sys.argv
    wanted = [a for a in sys.argv[1:] if a.endswith(".yml")]
    work = []
    for path in sorted(ALERTS.glob("*.yml")):
        if "groups:" in path.read_text() and (not wanted or path.name in wanted):
            work += [(path.name, *mutant) for mutant in mutants(path.read_text())]
    if only_list:
        for name, line, what, _ in work:
            print(f"{name}:{line}: {what}")
        print(f"{len(work)} changes")
        return 0
    killed = unloadable = same = 0
    survivors = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for (name, line, what, _), alive in zip(work, pool.map(lambda w: survives(w[0], w[3]), work)):
            if alive is None:
                unloadable += 1
            elif alive and equivalent(name, line, what):
                same += 1
            elif alive:
                survivors.append(f"{name}:{line}: {what}")
                print(f"survived: {survivors[-1]}", flush=True)
            else:
                killed += 1
    print(f"{killed} changes noticed, {unloadable} not loadable, {same} mean the same, {len(survivors)} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
