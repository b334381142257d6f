#!/usr/bin/env python3
"""Four game servers on one PostgreSQL journal pay for the same players. They are killed and paused, the database is
restarted, WeChat misbehaves as in tests/soak; then every coin is compared.

    cluster.py --sandbox PROGRAM --server PROGRAM --postgres SCRIPT [--seconds 30] [--generation v1|v2|mixed] [--seed N]
    cluster.py --sandbox PROGRAM --server PROGRAM --postgres SCRIPT --takeover

`--server` is what tests/soak/server.c was compiled to, `--postgres` is scripts/postgres.sh; PYTHONPATH has tests/soak.
scripts/cluster.sh sees to all of it. Any player comes to any server: some numbers are submitted again at a server that
does not drive them, some are cancelled there.

Compared are WeChat's ledger, the journal in the database and the hosts' books. Each server keeps a book of its own, as
if a host's database put them together afterwards: in the order of the delivery ids, each once. While a paused server
wakes up, now and then all others stand still: what comes to WeChat then comes from it, and must not be about a payment
that another server has by now.

The last line is `cluster: servers=4 payments=... kills=... pauses=... database_restarts=... double_charges=0 lost=0
misreported=0`. Exit status: 0 when the three are 0, nothing crashed or hung, and there were kills, pauses and restarts;
1 otherwise (then the files are kept, and findings are explained from them); 2 when the test itself could not run.

With --takeover it measures instead how long a killed server's payments stand still, for two leases.
"""
import argparse
import collections
import heapq
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time

import soak
from books import compare_with_journal, put_together
from database import Database
from server import NAMES, Server
from takeover import measure

PLAYERS = 20
LEASE_MS = 2500
SETTLE_S = 60
WATCH_S = 0.15  # what a woken server is watched for: all that is due it would send at once
WATCHED = 40  # numbers at a time
TOKEN_ENDS = 0.02  # so that a server that was paused could still send
LIFETIME = "substring(s.name FROM '^[A-Z][0-9]+')"  # the application_name that it was started with


class Cluster:
    """What the servers share: database, sandbox, players, and when each was interrupted."""

    def __init__(self, options, directory):
        self.options, self.directory = options, directory
        self.name, self.players = "cluster", [f"oCluster{number:02d}" for number in range(PLAYERS)]
        self.topped_up = collections.Counter()
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.sent_without_lease = []
        self.servers, self.sandbox, self.weather = [], None, None
        self.database = Database(options.postgres, directory / "postgres")

    def open(self, rules, lease_ms):
        self.sandbox = soak.Sandbox(self.options.sandbox, self.directory, self.options.seed, rules)
        self.servers = [Server(name, self, lease_ms) for name in NAMES]
        for server in self.servers:
            (server.directory / "list").touch()
        for openid in self.players:
            self.servers[0].top_up(openid, 200, 40)

    def stop(self):
        for server in self.servers:
            if server.process is not None and server.process.poll() is None:
                server.process.kill()
                server.process.wait()
        if self.sandbox is not None:
            self.sandbox.stop()
        self.database.stop()

    def open_payments(self, lifetime):
        """The numbers that this lifetime of a server has, and that may yet be sent."""
        return [row["bill_no"] for row in self.database.rows(
            f"SELECT p.bill_no FROM wxgame.payments p JOIN wxgame.servers s ON s.id = p.owner "
            f"WHERE {LIFETIME} = '{lifetime}' AND p.state IN ('sending', 'cancelling')")]

    def whose(self, numbers):
        """The lifetime that has each of these numbers, '' for nobody."""
        listed = ", ".join(f"'{number}'" for number in numbers)
        rows = self.database.rows(f"SELECT p.bill_no, coalesce({LIFETIME}, '') AS name FROM wxgame.payments p "
                                  f"LEFT JOIN wxgame.servers s ON s.id = p.owner WHERE p.bill_no IN ({listed})")
        return {row["bill_no"]: row["name"] for row in rows}

    def requests_about(self, numbers):
        """How often WeChat was asked to move coins of each number."""
        asked = {}
        for number in numbers:
            orders = self.sandbox.must("GET", f"ledger?env=production&bill_no={number}")["orders"]
            asked[number] = sum(row["attempts"] + row["cancel_attempts"] for row in orders)
        return asked

    def leave_in_doubt(self):
        """Until the weather changes nobody is told what comes of a payment."""
        fault = {"call": "pay", "do": "no", "reply": {"kind": "errcode", "errcode": -1}, "times": 0}
        self.sandbox.must("POST", "faults", self.weather.aimed(fault))

    def wake_alone(self, server):
        """Wakes a server while all others stand still, and looks at what it sends of what it has lost."""
        others = [other for other in self.servers if other is not server and other.is_awake()]
        for other in others:
            other.process.send_signal(signal.SIGSTOP)
        try:
            lost = [number for number, name in self.whose(server.had).items() if name != server.lifetime][:WATCHED]
            if not lost:
                return
            before, after = {}, self.requests_about(lost)
            while before != after:  # what the others had on its way
                time.sleep(0.02)
                before, after = after, self.requests_about(lost)
            server.resume()
            time.sleep(WATCH_S)
            after, theirs = self.requests_about(lost), self.whose(lost)
            self.counts["watched"] += len(lost)
            self.sent_without_lease += [(number, server.name) for number in lost
                                        if after[number] != before[number] and theirs[number] != server.lifetime]
        finally:
            for other in others:
                other.process.send_signal(signal.SIGCONT)

    def trouble(self, dice, lease_s):
        """Restarts the database again and again, sometimes after longer than a lease. Yields how long to wait."""
        while True:
            yield dice.uniform(1.5, 4.5)
            how = dice.choice(["fast", "immediate"])
            if dice.random() < 0.75:
                self.database.begin("restart", how)
            else:
                self.database.begin("stop", how)
                while not self.database.is_done():
                    yield 0.05
                yield dice.uniform(0.2, 1.4) * lease_s
                self.database.begin("start")
            while not self.database.is_done():
                yield 0.05
            self.counts[how] += 1


def run(lives, until):
    """Lets all of them live side by side until then."""
    due = [(0.0, number, life) for number, life in enumerate(lives)]
    while True:
        when, number, life = heapq.heappop(due)
        if when > until:
            return
        time.sleep(max(0.0, when - time.monotonic()))
        heapq.heappush(due, (max(time.monotonic(), when) + next(life), number, life))


def settle(cluster, findings):
    """No faults any more. First everything comes to its end by itself, then each server asks for what is its own."""
    servers, quiet_ms = cluster.servers, 2 * LEASE_MS
    for server in servers:
        server.kill()
    soak.in_parallel(lambda server: server.settle(SETTLE_S, resubmit=0, quiet_ms=quiet_ms), servers)
    told = {bill_no for server in servers for bill_no in soak.Books(server).told}
    for row in cluster.database.rows("SELECT bill_no, state, acked::int AS acked, owner FROM wxgame.payments"):
        if row["state"] in ("sending", "cancelling") or not row["acked"]:
            findings.add("lost", row["bill_no"], f"unfinished: {row}")
        elif row["bill_no"] not in told:
            findings.add("lost", row["bill_no"], f"{row['state']} in the journal, and never told by itself")
    soak.in_parallel(lambda server: server.settle(SETTLE_S, resubmit=1), servers)
    soak.in_parallel(lambda server: server.settle(SETTLE_S, resubmit=0, balances=1), servers)
    time.sleep((soak.LATER_MS + soak.LATE_WINDOW_MS) / 1000)


def reasons_for_tokens(weather, stats):
    """How often a token had to be fetched: it was ended, or said to be, or an answer that brought one was lost."""
    lost = sum(count for answer, count in stats["answers"].get("stable_token", {}).items() if answer != "0")
    said = sum(count for line, count in weather.lines.items() if line.endswith(("/40001", "/42001")))
    return 1 + weather.acts["tokens_expired"] + weather.acts["tokens_revoked"] + lost + said


def takeover(options, directory):
    cluster = Cluster(options, directory)
    try:
        measure(cluster, soak.rules_of(options.seed))
    finally:
        cluster.stop()
    return 0


def storm(cluster, findings):
    """Everything goes wrong for a while, then everything comes to its end."""
    options = cluster.options
    soak.in_parallel(lambda server: server.settle(SETTLE_S), cluster.servers)  # all make the tables at once
    cluster.database.watch_owners()
    cluster.weather = soak.Weather(cluster.sandbox, cluster.servers, options.seed, options.generation, TOKEN_ENDS)
    cluster.weather.start()
    lives = [server.life(server.random) for server in cluster.servers]
    lives.append(cluster.trouble(random.Random(f"{options.seed}/database"), LEASE_MS / 1000))
    run(lives, time.monotonic() + options.seconds)
    cluster.weather.end()
    cluster.database.bring_up()
    settle(cluster, findings)


def judge(cluster, findings):
    """Compares everything and prints it; answers the exit status."""
    servers, database = cluster.servers, cluster.database
    ledger, balances = soak.ledger_of(cluster.sandbox, [cluster])
    stats = cluster.sandbox.must("GET", "stats")
    journal = {row["bill_no"]: row for row in database.rows("SELECT * FROM wxgame.payments")}
    takeovers = database.rows("SELECT count(*) AS n FROM owners WHERE before <> 0 AND after <> 0")[0]["n"]
    restarts = cluster.counts["fast"] + cluster.counts["immediate"]

    all_books = [soak.Books(server) for server in servers]
    _, runs = soak.tell_the_run("cluster", cluster.sandbox, stats, cluster.weather, servers, all_books)
    together = put_together(servers, all_books, database.down, findings)
    soak.compare(cluster, together, ledger, balances, findings)
    compare_with_journal(together, journal, findings)
    for number, name in cluster.sent_without_lease:
        findings.add("misreported", number, f"{name} sent it after another server had taken it over")
    fetched, reasons = stats["token_requests"], reasons_for_tokens(cluster.weather, stats) + restarts
    if fetched > reasons + len(servers):
        findings.add("misreported", "access_token", f"{fetched} requests for {reasons} reasons")
    print(f"cluster: takeovers={takeovers} watched={cluster.counts['watched']} told_to_two_hosts={together.told_to_two} "
          f"token_requests={fetched} reasons_for_them={reasons} fast={cluster.counts['fast']} "
          f"immediate={cluster.counts['immediate']}")
    bad = soak.tell_findings("cluster", cluster.sandbox, servers, findings,
                             lambda subject: soak.explain(subject, servers, cluster.directory, ledger),
                             cluster.options.explain)
    if 0 in (runs["kills"], runs["pauses"], restarts, len(together.orders)):
        print("cluster: PROBLEM: without payments, kills, pauses and restarts nothing is tested: more seconds")
        bad = True
    print(f"cluster: servers={len(servers)} payments={len(together.orders)} kills={runs['kills']} "
          f"pauses={runs['pauses']} database_restarts={restarts} "
          + " ".join(f"{kind}={findings.count(kind)}" for kind in findings.by_kind), flush=True)
    return 1 if bad else 0


def test(options, directory):
    rules, findings = soak.rules_of(options.seed), soak.Findings()
    print(f"cluster: seed={options.seed} seconds={options.seconds} lease_ms={LEASE_MS} generation={options.generation} "
          f"duplicate_check={rules['duplicate_check']} reusable_after_cancel={rules['reusable_after_cancel']}", flush=True)
    cluster = Cluster(options, directory)
    try:
        cluster.open(rules, LEASE_MS)
        storm(cluster, findings)
        return judge(cluster, findings)
    finally:
        cluster.stop()


def main():
    parser = argparse.ArgumentParser(description="Kills and pauses game servers that share a journal; see the top of "
                                                 "the file.")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--postgres", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--generation", default="v1", choices=["v1", "v2", "mixed"])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or 0), help="0: a random one")
    parser.add_argument("--explain", type=int, default=5, help="how many findings of each kind are explained")
    parser.add_argument("--keep", action="store_true", help="keep the files also when all is well")
    parser.add_argument("--takeover", action="store_true", help="measure how long a killed server's payments stand still")
    options = parser.parse_args()
    options.shards = len(NAMES)
    options.seed = options.seed or random.SystemRandom().randrange(1, 1000000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without stopping what was started
    directory = pathlib.Path(tempfile.mkdtemp(prefix="wxgame-cluster-"))
    status = 2
    try:
        status = (takeover if options.takeover else test)(options, directory)
    finally:
        if status == 0 and not options.keep:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            print(f"cluster: seed={options.seed}; the files are in {directory}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
