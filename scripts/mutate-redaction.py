#!/usr/bin/env python3
"""Takes one redaction step at a time out of accuscope and expects `prove-redaction` to notice.

The mutants are data, in tests/redaction-mutants.toml: a piece of the source and what stands there
instead. The piece must still be there, exactly once, or the list is out of date (a normal test looks, and
so does `--check`). All are built into one program, in a scratch copy of the sources, each switched on by ACCUSCOPE_MUTANT; without
it the same program has to pass. A mutant that is not noticed is a survivor. Prints a table, and exits 1
if there are survivors. Changes nothing in the working tree but its target folder.

    scripts/mutate-redaction.py                  all mutants, a few minutes
    scripts/mutate-redaction.py scope detail     those whose name has one of the words
    scripts/mutate-redaction.py --list           only list them
    scripts/mutate-redaction.py --check          only look whether every piece is still there

Needs python 3.11 (standard library only) and cargo.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = ["Cargo.toml", "Cargo.lock", "build.rs", "src", "migrations", "alerts", "benches", "clippy.toml"]

# Written beside the modules of the scratch copy: which mutant is on, and text carried past the types.
SWITCH = '''//! Which mutant is on.
#![allow(missing_docs)]
use std::sync::{Mutex, OnceLock};
pub fn on(name: &str) -> bool {
    static ON: OnceLock<String> = OnceLock::new();
    ON.get_or_init(|| std::env::var("ACCUSCOPE_MUTANT").unwrap_or_default()) == name
}
static CARRIED: Mutex<String> = Mutex::new(String::new());
pub fn carry(text: impl Into<String>) { *CARRIED.lock().unwrap_or_else(|e| e.into_inner()) = text.into(); }
pub fn carried() -> String { CARRIED.lock().unwrap_or_else(|e| e.into_inner()).clone() }
pub fn log(text: impl AsRef<[u8]>) {
    let text = String::from_utf8_lossy(text.as_ref()).into_owned();
    crate::telemetry::events::page_failed("mutant", Box::leak(text.into_boxed_str()));
}
'''

MUTANTS = tomllib.loads((ROOT / "tests/redaction-mutants.toml").read_text())["mutants"]


def pieces(mutant):
    """(file, piece, replacement) of a mutant, its switch filled in."""
    switch = f'crate::mutants::on("{mutant["name"]}")'
    for piece in mutant["pieces"]:
        yield piece["file"], piece["find"], re.sub(r"\bON\b", switch, piece["put"])


def out_of_date():
    """Pieces that are not there exactly once."""
    for mutant in MUTANTS:
        for file, find, _ in pieces(mutant):
            times = (ROOT / file).read_text().count(find)
            if times != 1:
                yield f"{mutant['name']}: its piece is {times} times in {file}; bring the list up to date"


def scratch_copy(folder):
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy2(source, folder / name)
    for mutant in MUTANTS:
        for file, find, put in pieces(mutant):
            text = (folder / file).read_text()
            if find not in text:
                sys.exit(f"{mutant['name']}: another mutant has taken its piece of {file}")
            (folder / file).write_text(text.replace(find, put, 1))
    (folder / "src/mutants.rs").write_text(SWITCH)
    lib = folder / "src/lib.rs"
    lib.write_text(lib.read_text().replace("pub mod app;", "pub mod app;\npub mod mutants;", 1))


SETTINGS = """environment = "sandbox"
upstream.base_url = "http://127.0.0.1:9"
privacy.keys = { k1 = { file = "k1" } }
[[clinics]]
id = "maple-ridge"
name = "Maple Ridge"
tenant = "e1a47a6d-f563-4f0f-a7f3-b6539ba21330"
"""


def prove(program, folder, name):
    """Exit status, report and seconds of one proof."""
    began = time.time()
    done = subprocess.run([program, "prove-redaction", "--quick", "--json"], cwd=folder, capture_output=True,
                          env={**os.environ, "ACCUSCOPE_MUTANT": name}, timeout=600)
    report = json.loads(done.stdout) if done.stdout.startswith(b"{") else {"leaks": [], "doubts": [done.stderr.decode()]}
    return done.returncode, report, time.time() - began


def build(asked, program):
    """Builds the program with every mutant in it; what went wrong, if anything."""
    # What is built names the copy's place, so the place is the same in the next run.
    copy = Path(asked.target_dir) / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir(parents=True)
    scratch_copy(copy)
    built = subprocess.run(["cargo", "build", "--quiet", "--bin", "accuscope", "--target-dir", asked.target_dir],
                           cwd=copy, stderr=None if asked.verbose else subprocess.PIPE, text=True)
    if built.returncode:
        return built.stderr or "the mutants do not build"
    shutil.copy2(Path(asked.target_dir) / "debug" / "accuscope", program)
    return None


def tell(mutant, status, report, seconds):
    """Prints a row; whether the mutant was noticed. A run that proves nothing is no leak that was found."""
    sinks = sorted({leak["sink"].split(" (")[0] for leak in report["leaks"]})
    noticed = status == 1 and bool(sinks)
    where = f"{len(sinks):>3} sinks, {sinks[0]}, {sinks[-1]}" if sinks else f"SURVIVES {report['doubts'][:1]}"
    print(f"{mutant['name']:<26} {seconds:5.1f} s  {where:<52} {mutant['takes_out']}", flush=True)
    return noticed


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("words", nargs="*")
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--jobs", type=int, default=2, help="proofs at a time")
    arguments.add_argument("--program", help="a program that an earlier run has built, instead of building one")
    arguments.add_argument("--verbose", action="store_true", help="show cargo's output")
    arguments.add_argument("--target-dir", default=str(ROOT / "target" / "mutants"))
    asked = arguments.parse_args()
    if asked.list:
        for mutant in MUTANTS:
            print(f"{mutant['name']:<26} {mutant['pieces'][0]['file']:<34} {mutant['takes_out']}")
        return 0
    problems = list(out_of_date())
    if problems or asked.check:
        print("\n".join(problems) or f"{len(MUTANTS)} mutants, every piece is there")
        return 1 if problems else 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        program = scratch / "accuscope"
        if asked.program:
            shutil.copy2(asked.program, program)
        elif message := build(asked, program):
            print(message)
            return 1
        (scratch / "accuscope.toml").write_text(SETTINGS)
        (scratch / "k1").write_bytes(bytes(range(32)))
        status, report, seconds = prove(program, scratch, "")
        if status:
            print(json.dumps({key: report[key] for key in ("leaks", "doubts")}, indent=1))
            print("without any mutant the proof does not pass, so it says nothing about them")
            return 1
        print(f"{'(none)':<26} passes                 {seconds:5.1f} s")
        chosen = [mutant for mutant in MUTANTS if not asked.words or any(word in mutant["name"] for word in asked.words)]
        with ThreadPoolExecutor(asked.jobs) as pool:
            proofs = pool.map(lambda mutant: prove(program, scratch, mutant["name"]), chosen)
            results = zip(chosen, proofs)
            survivors = [mutant["name"] for mutant, proof in results if not tell(mutant, *proof)]
        print(f"{len(survivors)} survivors" + (": " + ", ".join(survivors) if survivors else ""))
        return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
