#!/usr/bin/env python3
"""From a fault to a page, on a real stack: Prometheus, Alertmanager, `accuscope serve`, clinics at work.

Each fault is staged on a stack of its own, on the loopback, with the rules and the Alertmanager
configuration that ship; only addresses, the environment and the scrape interval are filled in. Measured
are the seconds until the site names a cause (`/api/v1/status`, what Now shows), until an alert fires in
Prometheus, until Alertmanager has told the site, and until it has told the pager (or whoever gets
tickets); and who was told of what is counted. Exits 1 unless each fault brings the one page, or the
ticket, that it should, and nothing else.

    scripts/prove-oncall.py --accuscope target/release/accuscope [--scrape 15] [--at-once 5] [--only PART]

Needs python3 (standard library only), `prometheus` and `prometheus-alertmanager`. Takes ten minutes.
"""

import argparse
import http.client
import http.server
import json
import multiprocessing
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

ALERTS = Path(__file__).resolve().parent.parent / "alerts"
CLINICS, PEOPLE, PAUSE = 6, 6, 4.0  # nine calls a second
QUIET = 75  # seconds before the fault, so that there is something to compare with
TENANTS = [str(uuid.UUID(int=0x1000 + n)) for n in range(CLINICS)]

# name, kind, the page, the tickets, seconds within which somebody is told (15 s scrape), seconds watched
FAULTS = [
    ("Accuro answers 503 to everybody", "down", "UpstreamOutage", [], 90, 210),
    ("no connection to Accuro", "unreachable", "UpstreamOutage", [], 90, 210),
    ("one clinic's credentials are rejected", "one_refused", "ClinicAuthFailing", [], 180, 240),
    ("every clinic's credentials are rejected", "all_refused", "FleetAuthFailing", [], 180, 240),
    ("one call in three gets a 500", "third", "UpstreamDegraded", [], 180, 270),
    ("brown-out: two calls in three take 3 s more", "slow", None, ["UpstreamBrownout"], 210, 270),
    ("Accuro turns one call in five away (429)", "throttled", None, ["RateLimited"], 240, 270),
    ("accuscope is killed", "killed", "Down", [], 105, 150),
    ("ordinary noise: 1 % errors, one bad caller", "noise", None, [], 0, 270),
    ("a deploy: killed and started again", "deploy", None, [], 0, 150),
]


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def say(self, status, body=b"{}"):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def accuro(mood):
    """An Accuro that does as it is told; it knows clinics by the `uuid` of their calls."""

    class Handler(Quiet):
        def do_GET(self):
            mood["calls"] += 1
            number, fault = mood["calls"], mood["fault"]
            bad_caller = self.headers.get("Authorization", "").endswith("-0-0")
            refused = fault == "all_refused" or fault == "one_refused" and TENANTS[0] in self.path or fault == "noise" and bad_caller
            if refused:
                return self.say(401, b'{"error":"invalid_token"}')
            if fault == "down":
                return self.say(503)
            if fault == "third" and number % 3 == 0 or fault == "noise" and number % 100 == 0:
                return self.say(500)
            if fault == "throttled" and number % 5 == 0:
                return self.say(429)
            if fault == "slow" and number % 3:
                time.sleep(3)
            return self.say(200, b'{"patientId":8812,"status":"active"}')

    return Handler


def sink(told):
    """Whoever is told: writes down what fires."""

    class Handler(Quiet):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                if alert["status"] == "firing":
                    name = alert["labels"]["alertname"].removeprefix("Accuscope")
                    told.append((self.path.strip("/"), name, alert["fingerprint"], time.monotonic()))
            self.say(200)

    return Handler


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a caller that went away is part of most faults


def listen(handler):
    server = Server(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def person(proxy, clinic, number, stop):
    time.sleep(PAUSE * (clinic * PEOPLE + number) / (CLINICS * PEOPLE))
    path = f"/rest/v1/provider-portal/patients/{1000 + clinic * 100 + number}?uuid={TENANTS[clinic]}"
    headers = {"Authorization": f"Bearer token-{clinic}-{number}", "Accuscope-Actor": f"person-{clinic}-{number}"}
    while not stop.wait(PAUSE):
        try:
            line = http.client.HTTPConnection("127.0.0.1", proxy, timeout=20)
            line.request("GET", path, headers=headers)
            line.getresponse().read()
            line.close()
        except OSError:
            pass  # what fails is the fault's; the next call comes all the same


def get(port, path):
    try:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        line.request("GET", path)
        text = line.getresponse().read().decode()
        line.close()
        return text
    except (OSError, http.client.HTTPException):
        return ""


def get_json(port, path):
    try:
        return json.loads(get(port, path))
    except ValueError:
        return {}


def settings(folder, proxy, ops, telemetry, upstream):
    clinics = "".join(
        f'[[clinics]]\nid = "clinic-{n}"\nname = "Clinic {n}"\ntenant = "{tenant}"\n' for n, tenant in enumerate(TENANTS)
    )
    (folder / "k1").write_bytes(bytes([7] * 32))
    (folder / "k1").chmod(0o600)
    (folder / "accuscope.toml").write_text(
        f'environment = "sandbox"\nproxy.listen = "127.0.0.1:{proxy}"\nops.listen = "127.0.0.1:{ops}"\nops.auth = "off"\n'
        f'telemetry.listen = "127.0.0.1:{telemetry}"\nupstream.base_url = "http://127.0.0.1:{upstream}"\n'
        f'store.url = "sqlite:{folder}/store.db"\njournal.dir = "{folder}/journal"\n'
        f'privacy.keys = {{ k1 = {{ file = "{folder}/k1" }} }}\n{clinics}'
    )


def tools(folder, telemetry, ops, prometheus, alertmanager, sink_port, scrape):
    text = (ALERTS / "examples/alertmanager.yml").read_text().split("\nreceivers:")[0] + "\nreceivers:\n"
    for name in ["pager", "tickets", "dead-mans-switch"]:
        text += f'  - name: {name}\n    webhook_configs: [{{url: "http://127.0.0.1:{sink_port}/{name}"}}]\n'
    text += f'  - name: accuscope\n    webhook_configs: [{{url: "http://127.0.0.1:{ops}/api/v1/alertmanager"}}]\n'
    (folder / "alertmanager.yml").write_text(text)
    text = (ALERTS / "examples/prometheus.yml").read_text().replace("../", f"{ALERTS}/")
    text = text.replace("interval: 15s", f"interval: {scrape}s").replace("environment: production", "environment: sandbox")
    text = text.replace("https://ops.example", f"http://127.0.0.1:{ops}")
    text = text.replace("127.0.0.1:9464", f"127.0.0.1:{telemetry}").replace("127.0.0.1:9093", f"127.0.0.1:{alertmanager}")
    (folder / "prometheus.yml").write_text(text)


def stage(fault, program, scrape):
    name, kind, page, tickets, within, watched = fault
    mood, told, stop = {"fault": "", "calls": 0}, [], threading.Event()
    upstream, written = listen(accuro(mood)), listen(sink(told))
    proxy, ops, telemetry, prometheus, alertmanager = (free() for _ in range(5))
    with tempfile.TemporaryDirectory() as place:
        folder, processes = Path(place), {}

        def run(what, *arguments):
            log = open(folder / f"{what}.log", "a", encoding="utf-8")
            processes[what] = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

        def serve():
            run("accuscope", program, "serve", "--config", str(folder / "accuscope.toml"))

        def kill(what):
            processes[what].send_signal(signal.SIGKILL)
            processes[what].wait()

        settings(folder, proxy, ops, telemetry, upstream.server_port)
        tools(folder, telemetry, ops, prometheus, alertmanager, written.server_port, scrape)
        try:
            serve()
            run("alertmanager", "prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml", f"--storage.path={folder}/am", f"--web.listen-address=127.0.0.1:{alertmanager}", "--cluster.listen-address=")
            run("prometheus", "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{prometheus}")
            limit = time.monotonic() + 60
            while not (get_json(ops, "/api/v1/status") and get(prometheus, "/-/ready")):
                if time.monotonic() > limit:
                    return {"fault": name, "right": False, "note": (folder / "accuscope.log").read_text()[-500:]}
                time.sleep(0.2)
            for clinic in range(CLINICS):
                for number in range(PEOPLE):
                    threading.Thread(target=person, args=(proxy, clinic, number, stop), daemon=True).start()
            time.sleep(QUIET)
            told.clear()
            began = time.monotonic()
            if kind == "killed":
                kill("accuscope")
            elif kind == "deploy":
                kill("accuscope")
                serve()
            elif kind == "unreachable":
                upstream.shutdown()
                upstream.server_close()
                mood["fault"] = "down"  # for connections that are still open
            else:
                mood["fault"] = kind
            found = look(began, watched, ops, prometheus)
        finally:
            stop.set()
            for process in processes.values():
                process.kill()
                process.wait()
    return judge(found, told, began, name, page, tickets, within)


def look(began, watched, ops, prometheus):
    found = {"cause": None, "seen": None, "firing": None, "site": None, "fired": []}
    while (now := time.monotonic() - began) < watched:
        status = get_json(ops, "/api/v1/status")
        if found["seen"] is None and status.get("cause"):
            found.update(seen=now, cause=status["cause"])
        for alert in get_json(prometheus, "/api/v1/alerts").get("data", {}).get("alerts", []):
            alert_name = alert["labels"]["alertname"].removeprefix("Accuscope")
            if alert["state"] == "firing" and alert_name != "Watchdog" and alert_name not in found["fired"]:
                found["fired"].append(alert_name)
                found["firing"] = now if found["firing"] is None else found["firing"]
        if found["site"] is None and 'id="h-alerts"' in get(ops, "/"):
            found["site"] = now
        time.sleep(0.5)
    return found


def judge(found, told, began, name, page, tickets, within):
    of = {who: sorted({(alert, print_) for to, alert, print_, _ in told if to == who and alert != "Watchdog"}) for who in ["pager", "tickets"]}
    first = [at for to, alert, _, at in told if to in of and alert != "Watchdog"]
    person_told = min(first) - began if first else None
    pages, got = [alert for alert, _ in of["pager"]], sorted({alert for alert, _ in of["tickets"]})
    in_time = person_told is not None and person_told <= within if page or tickets else person_told is None
    right = pages == ([page] if page else []) and got == tickets and in_time
    return {"fault": name, "right": right, "person": person_told, "pages": pages, "tickets": got, **found}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--accuscope", required=True)
    parser.add_argument("--scrape", type=int, default=15)
    parser.add_argument("--at-once", type=int, default=5)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    chosen = [(fault, given.accuscope, given.scrape) for fault in FAULTS if re.search(given.only, fault[0])]
    with multiprocessing.Pool(given.at_once, maxtasksperchild=1) as pool:
        all_found = pool.starmap(stage, chosen, chunksize=1)
    seconds = lambda time_: "–" if time_ is None else f"{time_:.0f}"
    words = lambda names: ", ".join(names) if names else "none"
    print(f"Seconds from the fault, scrape every {given.scrape} s.\n")
    print("| fault | cause on the site | visible on Now | firing | told to the site | told to a person | pages | tickets |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for found in all_found:
        if "note" in found:
            print(f"| {found['fault']} | did not start: {found['note']}")
            continue
        cells = [found["fault"], f"`{found['cause']}`" if found["cause"] else "–"]
        cells += [seconds(found[key]) for key in ["seen", "firing", "site", "person"]]
        cells += [words(found["pages"]), words(found["tickets"])]
        print("| " + " | ".join(cells) + " |" + ("" if found["right"] else f" WRONG, fired: {words(found['fired'])}"))
    return 0 if all(found["right"] for found in all_found) else 1


if __name__ == "__main__":
    sys.exit(main())
