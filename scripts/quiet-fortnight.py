#!/usr/bin/env python3
"""Two simulated weeks with ordinary noise, and nobody may be paged.

Nine clinics from eight to six on weekdays, two of them on Saturday mornings; nights and Sundays without a
call; one call in a hundred fails by Accuro; in every hour somebody's sign-in is refused a few times, now
and then one person a dozen times; empty answers, slow answers, a few 429; a deploy a day, by which every
counter begins anew. The series go through `promtool test rules` with the rules that ship, so what is
evaluated is what Prometheus evaluates. Prints every alert that fired, and exits 1 if one of them pages.

    scripts/quiet-fortnight.py [--days 14] [--seed 7] [--errors 0.01]

Needs python3 (standard library only) and promtool. Takes minutes, so it is not part of ./test.
"""

import argparse
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ALERTS = Path(__file__).resolve().parent.parent / "alerts"
STEP = 30  # seconds between two samples, and between two evaluations
CLINICS = [f"clinic-{n}" for n in range(9)]
DOMAINS = ["patients", "scheduling", "labs"]


class Counter:
    """A counter that begins anew with every deploy; written run by run, as promtool reads it."""

    def __init__(self):
        self.value, self.samples = 0, []

    def add(self, number):
        self.value += number

    def sample(self, up):
        self.samples.append(self.value if up else None)

    def text(self):
        parts, index = [], 0
        while index < len(self.samples):
            value, length = self.samples[index], 1
            while index + length < len(self.samples) and self.samples[index + length] == value:
                length += 1
            word = "_" if value is None else f"{value:g}"
            parts.append(word if length == 1 else f"{word}x{length if value is None else length - 1}")
            index += length
        return " ".join(parts)


def is_open(clinic, second):
    day, hour = second // 86400 % 7, second % 86400 / 3600
    return day < 5 and 8 <= hour < 18 or day == 5 and clinic < 2 and 9 <= hour < 13


def series(days, seed, errors):
    rng, counters = random.Random(seed), {}

    def of(name, **labels):
        inner = ",".join(f'{key}="{value}"' for key, value in labels.items())
        return counters.setdefault(f"{name}{{{inner}}}", Counter())

    results = ["ok", "client_error", "auth", "server_error", "timeout", "connect_error", "throttled"]
    for result in results:
        of("accuscope_upstream_requests_total", upstream="accuro", result=result)
    last = [0] * len(CLINICS)
    grants = [0] * len(CLINICS)
    pace = [rng.uniform(0.02, 0.15) for _ in CLINICS]  # calls a second
    for at in range(0, days * 86400, STEP):
        second_of_day = at % 86400
        # The day's deploy: away for 20 s, and everything begins anew.
        deploy = second_of_day == 12 * 3600 + 30 * 60
        if deploy:
            for counter in counters.values():
                counter.value = 0
        bad_caller = at // 3600 % 5 == 0 and 600 < at % 3600 < 1500
        for clinic, name in enumerate(CLINICS):
            open_now = is_open(clinic, at)
            calls = sum(rng.random() < pace[clinic] for _ in range(STEP)) if open_now else 0
            for _ in range(calls):
                domain, dice = rng.choice(DOMAINS), rng.random()
                outcome, category, result = "ok", "none", "ok"
                if dice < errors:
                    outcome, category, result = "failed", "transient", rng.choice(["server_error", "timeout"])
                elif dice < errors + 0.005 or bad_caller and clinic == 3 and rng.random() < 0.3:
                    outcome, category, result = "failed", "auth", "auth"
                elif dice < errors + 0.02:
                    outcome, category, result = "failed", "validation", "client_error"
                elif dice < errors + 0.021:
                    outcome, category, result = "failed", "transient", "throttled"
                elif dice < errors + 0.12:
                    outcome, category = "empty", "not_found"
                of("accuscope_calls_total", clinic=name, domain=domain, context="provider", outcome=outcome, category=category).add(1)
                of("accuscope_upstream_requests_total", upstream="accuro", result=result).add(1)
                of("accuscope_upstream_request_duration_seconds_count", upstream="accuro", domain=domain).add(1)
                if rng.random() > 0.02:
                    of("accuscope_upstream_request_duration_seconds_bucket", upstream="accuro", domain=domain, le="2.5").add(1)
                of("accuscope_sli_events_total", workflow=domain).add(1)
                bad = of("accuscope_sli_bad_total", workflow=domain)
                bad.add(category == "transient" and result != "throttled" and rng.random() < 0.3)
                if rng.random() < 0.02:
                    grants[clinic] = grants[clinic] + 1 if rng.random() < 0.05 else 0
                last[clinic] = at
            # What the process itself decides: no clinic loses its sign-in by single refusals.
            of("accuscope_clinic_auth_state", clinic=name, context="provider").value = 1 if last[clinic] else 0
            of("accuscope_clinic_last_call_timestamp_seconds", clinic=name).value = last[clinic]
            of("accuscope_token_refresh_consecutive_failures", clinic=name).value = grants[clinic]
            expected = pace[clinic] * 0.7 if open_now and pace[clinic] * 0.7 * 3600 >= 12 else 0
            of("accuscope_clinic_expected_calls_per_second", clinic=name).value = round(expected, 4)
            missed = expected * (at - max(last[clinic], at // 3600 * 3600)) if expected else 0
            of("accuscope_clinic_missed_calls", clinic=name).value = round(missed, 1)
        of("process_start_time_seconds", job="accuscope", instance="a").value = at // 86400 * 86400 + (12.5 * 3600 if second_of_day >= 12.5 * 3600 else 0)
        of("accuscope_index_lag_seconds", job="accuscope", instance="a").value = rng.choice([0, 0, 1, 2])
        for good in ["accuscope_audit_available", "accuscope_journal_writable", "accuscope_store_up"]:
            of(good, job="accuscope", instance="a").value = 1
        for zero in ["accuscope_recorder_dropped_events_total", "accuscope_journal_unindexed_events", "accuscope_unusual_access_accounts", "accuscope_writes_unresolved"]:
            of(zero, job="accuscope", instance="a").value = 0
        of("up", job="accuscope", instance="a").value = 0 if deploy else 1
        for key, counter in counters.items():
            # A series that begins later has no samples before.
            while len(counter.samples) < at // STEP:
                counter.samples.append(None)
            counter.sample(not deploy or key.startswith("up{"))
    return {key: counter.text() for key, counter in counters.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--errors", type=float, default=0.01, help="share of calls that Accuro fails; with 0.3 somebody has to be paged")
    given = parser.parse_args()
    rules = ", ".join(str(path) for path in sorted(ALERTS.glob("*.yml")))
    lines = [f"rule_files: [{rules}]", f"evaluation_interval: {STEP}s", "tests:", f"  - interval: {STEP}s", "    input_series:"]
    for key, values in series(given.days, given.seed, given.errors).items():
        lines.append(f"      - {{series: '{key}', values: '{values}'}}")
    query = f'count by (alertname, severity) (count_over_time(ALERTS{{alertstate="firing",alertname!="AccuscopeWatchdog"}}[{given.days}d]))'
    lines += ["    promql_expr_test:", f"      - {{expr: '{query}', eval_time: {given.days * 24}h}}"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fortnight.yml"
        file.write_text("\n".join(lines) + "\n")
        run = subprocess.run(["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False)
    said = run.stdout + run.stderr
    fired = re.findall(r'alertname="(\w+)", severity="(\w+)"\} (\S+)', said)
    if run.returncode and not fired:
        print(said)
        return 1
    for name, severity, count in fired:
        print(f"{name} ({severity}): {float(count):g} series fired")
    pages = [name for name, severity, _ in fired if severity == "critical"]
    print(f"{given.days} days, seed {given.seed}: {len(pages)} pages, {len(fired) - len(pages)} alerts that page nobody")
    return 1 if pages else 0


if __name__ == "__main__":
    sys.exit(main())
