#!/usr/bin/env python3
"""Kills a paying game server hundreds of times while WeChat misbehaves, then compares coin by coin.

    soak.py --sandbox PROGRAM --server PROGRAM [--seconds 30] [--generation v1|v2|mixed] [--seed N] [--shards 2] [--keep]

`--sandbox` is wxgame-sandbox, `--server` is what server.c was compiled to. Each shard is one server with a journal
and players of its own; all share one sandbox. With `mixed` each lifetime of a server opens its journal for the one payment API or
the other, and what was begun in one goes on there. Randomness comes from the seed, time from the machine, so a seed gives
the same weather and the same lifetimes but not the same run.

The last line is `soak: payments=... kills=... faults=... double_charges=0 lost=0 misreported=0`. Exit status: 0 when
the three are 0 and nothing crashed or hung, 1 otherwise (then the files are kept, and each finding is explained from
them), 2 when the soak itself could not run.

What the faults must respect, for the library promises nothing beyond it (late_window_ms is 800 in server.c): a pay
is executed at most so long after its time-out. Hence a late one comes at most LATER_MS after its arrival, a server is
stopped at most STOP_MS at a time, and what is left of the 800 ms is for a slow machine: the slowest answer of the
sandbox's control API is measured and judged.
"""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

LATER_MS = 550
STOP_MS = 120
LATE_WINDOW_MS = 800
SLOWEST_SANDBOX_MS = LATE_WINDOW_MS - LATER_MS - STOP_MS
PLAYERS = 10  # of each shard
MONEY = ("pay", "cancelpay", "present")
# What stands for a code of v1 in v2: one that means as much there.
CODES_OF_V2 = {(call, 90009): 90016 for call in MONEY} | {
    ("pay", 90016): 90014, ("cancelpay", 90016): 90014, ("present", 90016): 90014, ("cancelpay", 90012): 90015}
OUTCOMES = ["none", "done", "rejected", "not_sent", "unknown", "needs_review"]
REASONS = ["none", "balance_too_low", "session", "credential", "configuration", "cancelled", "duplicate", "network",
           "expired", "refund_unknown", "deadline", "journal"]
DONE, REJECTED, NOT_SENT, NEEDS_REVIEW = 1, 2, 3, 5


class Sandbox:
    """The sandbox's process and its control API. Any thread."""

    def __init__(self, program, directory, seed, rules):
        self.ca_file = directory / "ca.pem"
        config = directory / "sandbox.json"
        config.write_text(json.dumps(rules))
        self.process = subprocess.Popen(
            [program, "serve", "--ca-file", self.ca_file, "--config", config, "--seed", str(seed), "--access-log"],
            stdout=subprocess.PIPE, stderr=open(directory / "requests", "wb"))
        ready = json.loads(self.process.stdout.readline())
        self.http, self.https = ready["http"], ready["https"]
        self.local = threading.local()
        self.slowest_ms = 0.0

    def ask(self, method, path, body=None):
        """The answer's status and JSON."""
        for attempt in (1, 2):
            if not hasattr(self.local, "connection"):
                self.local.connection = http.client.HTTPConnection(self.http.removeprefix("http://"), timeout=10)
            connection = self.local.connection
            started = time.monotonic()
            try:
                connection.request(method, f"/sandbox/{path}", None if body is None else json.dumps(body))
                answer = connection.getresponse()
                text = answer.read()
            except (http.client.HTTPException, OSError):
                del self.local.connection
                # An idle connection may have been closed; a top-up must not happen twice.
                if attempt == 2 or path == "topup":
                    raise
                continue
            self.slowest_ms = max(self.slowest_ms, (time.monotonic() - started) * 1000)
            return answer.status, json.loads(text)

    def must(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        if status != 200:
            raise RuntimeError(f"the sandbox answers {status} to {method} {path} {body}: {answer}")
        return answer

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Weather(threading.Thread):
    """Changes the faults every second or so, ends sessions and tokens, tops players up, marks orders."""

    def __init__(self, sandbox, shards, seed, generation, token_ends=0.08):
        super().__init__(daemon=True)
        self.token_ends = token_ends  # so many of its acts end the access_token
        self.sandbox, self.shards, self.generation = sandbox, shards, generation
        self.random = random.Random(seed)
        self.over = threading.Event()
        self.acts = collections.Counter()
        self.lines = collections.Counter()
        self.processing = {}
        self.error = None

    def run(self):
        try:
            change = 0.0
            while not self.over.wait(self.random.uniform(0.02, 0.15)):
                if time.monotonic() >= change:
                    self.change()
                    change = time.monotonic() + self.random.uniform(0.3, 1.2)
                self.act()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error

    def change(self):
        """A new set of faults. What the old one did is counted first."""
        self.count()
        self.sandbox.must("DELETE", "faults")
        if self.random.random() < 0.2:
            return
        if self.random.random() < 0.35:
            faults = self.theme()
        else:
            storm = self.random.random() < 0.15
            faults = [self.fault() for _ in range(1 if storm else self.random.randint(2, 7))]
            for fault in faults:
                fault |= {"probability": 1.0 if storm else round(self.random.uniform(0.03, 0.35), 3)}
        faults = [aimed | {"times": 0} for fault in faults for aimed in self.aimed(fault)]
        self.sandbox.must("POST", "faults", faults)

    def count(self):
        for line in self.sandbox.must("GET", "faults")["faults"]:
            if line["played"] > 0:
                reply = line["reply"]
                name = str(reply["errcode"]) if reply["kind"] == "errcode" else reply["kind"]
                self.lines[f"{line['call']}/{line['do']}/{name}"] += line["played"]

    def theme(self):
        """What hurts most: pays that come late, pays whose answer is lost, and then cancels whose answer is lost."""
        lost = self.random.choice([{"kind": "hang"}, {"kind": "reset"}, {"kind": "errcode", "errcode": -1},
                                   {"kind": "reset", "delay_ms": 200}])
        late = {"call": "pay", "do": "later", "later": {"when": "ms", "ms": self.random.randint(LATER_MS // 3, LATER_MS)}}
        pay = self.random.choice([late, late, {"call": "pay", "do": "yes"}])
        return [pay | {"probability": 0.5, "reply": lost},
                {"call": "cancelpay", "do": self.random.choice(["yes", "no"]), "probability": 0.5,
                 "reply": self.random.choice([{"kind": "hang"}, {"kind": "reset"}, {"kind": "errcode", "errcode": -1}])}]

    def fault(self):
        """One thing that WeChat may do."""
        call = self.random.choices(["pay", "cancelpay", "present", "stable_token", "jscode2session"],
                                   [60, 20, 10, 5, 5])[0]
        money = call in MONEY
        if self.random.random() < 0.2:
            codes = [45009, 45011]
            if money:
                codes += [90009, 90010, 40001, 42001]
            if call == "pay":  # nothing happened, and the answer says so
                codes += [90013, 90011, 90018]
            return {"call": call, "do": "no", "reply": {"kind": "errcode", "errcode": self.random.choice(codes)}}
        fault = {"call": call, "do": self.random.choice(["yes", "yes", "no", "later"] if money else ["yes", "no"])}
        kind = self.random.choice(["errcode", "unlisted", "hang", "hang", "reset", "half", "garbage", "http", "empty",
                                   "no_errcode", "slow"])
        reply = {"kind": kind}
        if kind == "errcode":
            reply["errcode"] = -1
        if kind == "unlisted":
            # 90016 (cancelPay: processing) and 90000 (to a pay) say nothing about whether coins moved.
            # To a login or a token request every number but 0 is an answer.
            codes = {"pay": [90016, 90000, 90014], "cancelpay": [90016, 90012, 90013], "present": [90013, 90016]}
            code = self.random.choice([1, 48017, 50001, 99999] + codes.get(call, []))
            reply = {"kind": "errcode", "errcode": code}
        if kind == "http":
            reply["http_status"] = self.random.choice([500, 502, 503, 504, 403, 404, 429])
        if kind == "slow":
            reply["delay_ms"] = self.random.choice([50, 150, 300, 380, 420, 700])
        elif self.random.random() < 0.2 and kind != "hang":
            reply["delay_ms"] = self.random.randint(1, 300)
        if fault["do"] == "later":
            fault["later"] = {"when": "ms", "ms": self.random.randint(1, LATER_MS)}
            if "delay_ms" not in reply and self.random.random() < 0.5:
                fault["later"] = {"when": "answer"}
        return fault | {"reply": reply}

    def aimed(self, fault):
        """The same for the calls of the payment API, or APIs, that the servers speak."""
        if fault["call"] not in MONEY or self.generation == "v1":
            return [fault]
        reply = fault["reply"]
        if reply["kind"] == "errcode":
            reply = reply | {"errcode": CODES_OF_V2.get((fault["call"], reply["errcode"]), reply["errcode"])}
        game = fault | {"call": "game_" + fault["call"], "reply": reply}
        return [game] if self.generation == "v2" else [fault, game]

    def act(self):
        shard = self.random.choice(self.shards)
        openid = self.random.choice(shard.players)
        dice = self.random.random()
        for bill_no, due in list(self.processing.items()):
            if time.monotonic() >= due:
                self.mark(bill_no, "live")
                del self.processing[bill_no]
        if dice < 0.55:
            shard.top_up(openid, self.random.randint(1, 200), self.random.choice([0, 0, 5, 40]))
        elif dice < 0.75:
            self.sandbox.ask("POST", "session/expire", {"openid": openid})
            self.acts["session_expired"] += 1
        elif dice < 0.75 + self.token_ends / 2:
            self.sandbox.must("POST", "token/expire")
            self.acts["tokens_expired"] += 1
        elif dice < 0.75 + self.token_ends:
            self.sandbox.must("POST", "token/revoke")
            self.acts["tokens_revoked"] += 1
        elif dice < 0.93:
            bill_no = shard.recent_pay(self.random)
            if bill_no is None or bill_no in self.processing:
                return
            # WeChat tells of no answer to a cancel of virtual payment 2.0 that a confirmed payment could get.
            state = self.random.choice(["confirmed", "processing"] if self.generation == "v1" else ["processing"])
            if self.mark(bill_no, state):
                self.acts[f"order_{state}"] += 1
                if state == "processing":
                    self.processing[bill_no] = time.monotonic() + self.random.uniform(0.1, 1.5)

    def mark(self, bill_no, state):
        """WeChat refuses this for an order that has moved no coins, or was given back."""
        return self.sandbox.ask("POST", "order", {"bill_no": bill_no, "state": state})[0] == 200

    def end(self):
        self.over.set()
        self.join()
        if self.error is not None:
            raise self.error
        self.count()
        self.sandbox.must("DELETE", "faults")
        for bill_no in self.processing:
            self.mark(bill_no, "live")


class Shard:
    """One game server, its journal and files, and how often it has died."""

    def __init__(self, name, options, directory, sandbox):
        self.name, self.program, self.generation = name, options.server, options.generation
        self.sandbox = sandbox
        self.directory = directory / name
        self.directory.mkdir()
        self.players = [f"oSoak{name}{number:02d}" for number in range(PLAYERS)]
        self.random = random.Random(f"{options.seed}/{name}")
        self.counts = collections.Counter()
        self.topped_up = collections.Counter()
        self.lock = threading.Lock()
        self.process = None
        self.problems = []

    def top_up(self, openid, amt, gift):
        self.sandbox.must("POST", "topup", {"openid": openid, "amt": amt, "gift": gift})
        with self.lock:
            self.topped_up[openid] += amt + gift

    def recent_pay(self, dice):
        path = self.directory / "list"
        if not path.exists():
            return None
        with open(path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8000))
            words = [line.split() for line in file.read().decode().splitlines()[1:]]
        bills = [line[1] for line in words if len(line) == 5 and line[0] == "pay"]
        return dice.choice(bills) if bills else None

    def spawn(self, **settings):
        settings = {"dir": self.directory, "base_url": self.sandbox.https, "ca_file": self.sandbox.ca_file,
                    "players": ",".join(self.players), "generation": self.generation, "seed": self.random.getrandbits(40)} | settings
        with open(self.directory / "stderr", "ab") as stderr:
            return subprocess.Popen([self.program] + [f"{name}={value}" for name, value in settings.items()],
                                    stdin=subprocess.DEVNULL, stderr=stderr)

    def start(self, **settings):
        self.process = self.spawn(**settings)
        self.counts["starts"] += 1

    def intrude(self):
        """A second process on the journal of a living one must be turned away."""
        intruder = self.spawn(resubmit=0)
        status = intruder.wait(10)
        self.counts["intruders"] += 1
        if status != 3 and self.process.poll() is None:
            self.problems.append(f"shard {self.name}: a second process on the journal ended with {status}")

    def wait(self, seconds):
        """The exit status, or None when it is still running then."""
        try:
            return self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        self.process.kill()
        status = self.process.wait()
        if status == -signal.SIGKILL:
            self.counts["kills"] += 1
        else:
            self.counts["ended before the kill"] += 1
            self.died(status)

    def live_and_die(self, until):
        """One start after the other until the time is up."""
        dice = self.random
        while time.monotonic() < until:
            base_url = self.way_to_wechat(dice)
            self.start(resubmit=int(dice.random() < 0.6), base_url=base_url)
            often = [35, 43, 15, 6, 1] if base_url == self.sandbox.https else [10, 20, 40, 30, 0]
            span = dice.choices([(0.0, 0.03), (0.03, 0.25), (0.25, 0.7), (1.4, 3.2), (4.0, 7.0)], often)[0]
            end = min(time.monotonic() + dice.uniform(*span), until + 0.1)
            if dice.random() < 0.1:
                self.stop_for_a_while(end, dice)
            elif dice.random() < 0.03:
                # The living one must have the journal first, or it is the one that is turned away.
                if not self.died(self.wait(0.15)):
                    self.intrude()
            if self.died(self.wait(end - time.monotonic())):
                continue
            fate = dice.random()
            if fate < 0.9:
                self.kill()
                continue
            self.process.terminate()
            self.counts["terms"] += 1
            if fate > 0.95:
                if self.died(self.wait(dice.uniform(0, 0.35))):
                    continue
                if self.process.returncode is None:
                    self.kill()
            else:
                self.close()

    def way_to_wechat(self, dice):
        """Now and then it cannot be reached: nobody listens there, or somebody who speaks no TLS."""
        if dice.random() < 0.92:
            return self.sandbox.https
        self.counts["unreachable"] += 1
        return dice.choice(["https://127.0.0.1:1", self.sandbox.http.replace("http:", "https:")])

    def stop_for_a_while(self, end, dice):
        """SIGSTOP and SIGCONT, as on a machine that is short of time."""
        if self.died(self.wait(dice.uniform(0, max(0.0, end - time.monotonic())))):
            return
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(dice.uniform(0.01, STOP_MS / 1000))
        self.process.send_signal(signal.SIGCONT)
        self.counts["stops"] += 1

    def died(self, status):
        if status is None:
            return False
        if status not in (0, -signal.SIGKILL, -signal.SIGTERM):  # SIGTERM may come before main() has begun
            stderr = (self.directory / "stderr").read_text(errors="replace").splitlines()[-3:]
            self.problems.append(f"shard {self.name}: the server ended with {status}: {stderr}")
        return True

    def close(self):
        """Waits for the end of a server that was asked to stop: close_ms + 1 s is what the library allows itself."""
        status = self.wait(4)
        if status is None:
            self.problems.append(f"shard {self.name}: the server does not end after SIGTERM")
            self.kill()
        else:
            self.died(status)

    def settle(self, seconds, **settings):
        """Runs until the server finds that nothing is open."""
        self.start(settle=1, **settings)
        status = self.wait(seconds)
        if status is None:
            self.problems.append(f"shard {self.name}: not settled after {seconds} s ({settings})")
            self.process.terminate()
            self.close()
        else:
            self.died(status)

    def journal(self):
        rows = sqlite3.connect(f"file:{self.directory / 'journal'}?mode=ro", uri=True)
        rows.row_factory = sqlite3.Row
        return {row["bill_no"]: dict(row) for row in rows.execute("SELECT * FROM payments")}

    def journal_of(self, bill_no):
        return [row for row in [self.journal().get(bill_no)] if row]

    def lines(self, name):
        path = self.directory / name
        for text in path.read_text(errors="replace").splitlines() if path.exists() else []:
            if text.endswith(" ."):
                yield text[:-2].split(" ")


class Books:
    """What the server wanted, what it was told and what it gave out, as its own files say."""

    def __init__(self, shard):
        self.orders, self.cancels, self.unlisted = {}, set(), set()
        self.told = collections.defaultdict(list)  # final outcomes, in the order of telling
        self.grants = collections.defaultdict(list)
        self.answers = collections.defaultdict(list)  # (delivery id, time, outcome, flags), as told
        self.given = collections.defaultdict(list)  # (delivery id, grant or take_back), where servers share a journal
        self.balances, self.wrong, self.late = {}, [], []
        self.counts = collections.Counter()
        for what, bill_no, *rest in shard.lines("list"):
            if what == "cancel":
                self.cancels.add(bill_no)
            else:
                self.orders[bill_no] = (what, rest[0], int(rest[1]))
        for what, bill_no, *delivery in shard.lines("grants"):
            self.grants[bill_no].append(what)
            self.given[bill_no] += [(int(delivery_id), what) for delivery_id in delivery]
        for what, subject, *rest in shard.lines("told"):
            self.counts[what] += 1
            if what == "answer":
                self.told[subject].append(int(rest[0]))
                facts = dict(word.split("=") for word in rest[1:])
                self.answers[subject].append((int(facts["delivery"]), int(facts["at"]), int(rest[0]), int(facts["flags"])))
                self.counts[f"{OUTCOMES[int(rest[0])]}:{REASONS[int(facts['reason'])]}"] += 1
                if int(rest[0]) == DONE:
                    self.counts[f"done by {facts['errcode']}"] += 1
                self.counts["redelivered"] += int(facts["flags"]) & 1
                self.counts["told as resolved"] += facts["kind"] == "6"
            elif what == "cancelled":
                self.counts[f"cancelled by {rest[-1].removeprefix('errcode=')}"] += 1
            elif what == "wrong":
                self.wrong.append((subject, " ".join(rest)))
            elif what == "late":
                self.late.append(subject)
            elif what == "balance":
                self.balances[subject] = int(rest[0])


class Findings:
    """What must not be. One payment counts once in each kind."""

    def __init__(self):
        self.by_kind = {"double_charges": {}, "lost": {}, "misreported": {}}

    def add(self, kind, subject, why):
        self.by_kind[kind].setdefault(subject, []).append(why)

    def count(self, kind):
        return len(self.by_kind[kind])


def compare(shard, books, rows, balances, findings):
    """Every coin of one shard: its list against WeChat's ledger, its grants and what it was told."""
    wrong, expected = findings.add, collections.Counter(shard.topped_up)
    for bill_no, text in books.wrong:
        wrong("misreported", bill_no, text)
    for bill_no in books.late:
        wrong("lost", bill_no, "a submission was not answered by its deadline")
    for bill_no in set(rows) - set(books.orders):
        if rows[bill_no]["charged"] or rows[bill_no]["attempts"]:
            wrong("misreported", bill_no, "WeChat got an order that is not in the list")
    for bill_no, (kind, openid, amount) in books.orders.items():
        row = rows.get(bill_no, {"charged": 0, "given_back": 0, "changed": 0, "amt": amount, "openid": openid})
        net, told = row["charged"] - row["given_back"], books.told[bill_no]
        if net > 1 or row["charged"] > 1:
            wrong("double_charges", bill_no, f"charged {row['charged']} times, given back {row['given_back']} times")
        if net < 0:
            wrong("misreported", bill_no, "given back more often than charged")
        if row["changed"] or (row["amt"] not in (0, amount)) or row["openid"] != openid:
            wrong("misreported", bill_no, "WeChat got other parameters than the list has")
        if not told:
            wrong("lost", bill_no, f"no final answer; net {net}")
            continue
        final = told[-1]
        if final == NEEDS_REVIEW:
            wrong("lost", bill_no, f"needs review; net {net}")
        if final == DONE and net != 1:
            wrong("misreported", bill_no, f"told done, net {net}")
        if final in (REJECTED, NOT_SENT) and net != 0:
            wrong("lost", bill_no, f"told {OUTCOMES[final]}, net {net}")
        for before, after in zip(told, told[1:]):
            refunded = (before, after) == (DONE, REJECTED) and bill_no in books.cancels
            if before != after and not refunded:
                wrong("misreported", bill_no, f"told {OUTCOMES[before]}, then {OUTCOMES[after]}")
        granted = books.grants[bill_no]
        if granted != ["grant", "take_back"][:len(granted)] or (len(granted) == 1) != (final == DONE):
            wrong("misreported", bill_no, f"told {OUTCOMES[final]}, but {granted}")
        if final == DONE:
            expected[openid] += amount if kind == "present" else -amount
    for openid in shard.players:
        seen = (expected[openid], balances.get(openid, 0), books.balances.get(openid))
        if len(set(seen)) != 1:
            wrong("misreported", openid, "balance: %s by the list, %s at WeChat, %s by get_balance" % seen)


def explain(subject, shards, directory, ledger):
    """All that is known of one payment."""
    print(f"  ledger   {json.dumps(ledger.get(subject))}")
    for shard in shards:
        for row in shard.journal_of(subject):
            print(f"  journal  {shard.name} {json.dumps(row, default=str)}")
        for name in ("list", "told", "grants", "log"):
            for words in shard.lines(name):
                if any(subject in word for word in words):
                    print(f"  {name:8} {shard.name} {' '.join(words)}")
    with open(directory / "requests", encoding="utf-8", errors="replace") as requests:
        for text in requests:
            if f'"{subject}"' in text:
                print(f"  request  {text.strip()}")


def ledger_of(sandbox, shards):
    rows, balances = {}, {}
    for shard in shards:
        for openid in shard.players:
            answer = sandbox.must("GET", f"ledger?env=production&openid={openid}")
            if answer["truncated"]:
                raise RuntimeError("the ledger is too long to be read: fewer seconds, or more players")
            for row in answer["orders"]:
                rows[row["bill_no"]] = row
            for row in answer["players"]:
                balances[openid] = row["balance"]
    return rows, balances


def settle_all(shards, findings):
    """No faults any more. First with redeliveries alone, then the server asks for what it has no answer to."""
    def settle(shard):
        for _ in range(5):
            shard.start(settle=1, resubmit=0)
            if not shard.died(shard.wait(shard.random.uniform(0.0, 0.2))):
                shard.kill()
        shard.settle(90, resubmit=0)
    in_parallel(settle, shards)
    for shard in shards:
        books = Books(shard)
        for bill_no, row in shard.journal().items():
            if row["state"] in ("sending", "cancelling"):
                findings.add("lost", bill_no, f"still {row['state']} in the journal")
            elif bill_no in books.orders and not books.told[bill_no]:
                findings.add("lost", bill_no, f"{row['state']} in the journal, and never told by itself")
    in_parallel(lambda shard: shard.settle(60, resubmit=1, balances=1), shards)
    time.sleep((LATER_MS + LATE_WINDOW_MS) / 1000)


def in_parallel(work, shards):
    errors = []

    def guarded(shard):
        try:
            work(shard)
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)
    threads = [threading.Thread(target=guarded, args=(shard,), daemon=True) for shard in shards]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def listed(counter):
    return " ".join(f"{name}={count}" for name, count in counter.most_common())


def tell_the_run(who, sandbox, stats, weather, shards, all_books):
    """Prints what happened; answers the faults and what became of the processes."""
    told = sum((books.counts for books in all_books), collections.Counter())
    runs = sum((shard.counts for shard in shards), collections.Counter())
    faults = collections.Counter(stats["faults"]) + weather.acts
    print(f"{who}: faults by reply: {listed(faults)}")
    print(f"{who}: faults by call/done/reply: {listed(weather.lines)}")
    print(f"{who}: executed late: {listed(collections.Counter(stats['late']))}")
    print(f"{who}: told: {listed(told)}")
    print(f"{who}: requests: {listed(collections.Counter(stats['requests']))}; connections={stats['connections']}")
    print(f"{who}: processes: {listed(runs)}; slowest answer of the sandbox {sandbox.slowest_ms:.0f} ms", flush=True)
    return faults, runs


def tell_findings(who, sandbox, shards, findings, explained, most):
    """Prints what must not be, the first of each kind explained; answers whether there is something."""
    problems = [problem for shard in shards for problem in shard.problems]
    for problem in problems:
        print(f"{who}: PROBLEM: {problem}")
    for kind, subjects in findings.by_kind.items():
        for number, (subject, why) in enumerate(sorted(subjects.items())):
            print(f"{who}: {kind}: {subject}: {'; '.join(why)}")
            if number < most:
                explained(subject)
    bad = bool(problems) or any(findings.by_kind.values())
    if sandbox.slowest_ms > SLOWEST_SANDBOX_MS:
        print(f"{who}: the sandbox once took {sandbox.slowest_ms:.0f} ms to answer, more than {SLOWEST_SANDBOX_MS}: the "
              f"late window may have been overrun by this machine" + (", so look twice" if bad else ""))
    return bad


def rules_of(seed):
    """What WeChat has not published is one way or the other."""
    return {"require_mp_sig": True, "login_per_minute": 1000000, "stable_token_per_minute": 1000000,
            "duplicate_check": ["first", "last"][seed % 2], "reusable_after_cancel": seed // 2 % 2 == 1}


def soak(options, directory):
    rules = rules_of(options.seed)
    print(f"soak: seed={options.seed} seconds={options.seconds} shards={options.shards} "
          f"duplicate_check={rules['duplicate_check']} reusable_after_cancel={rules['reusable_after_cancel']}",
          flush=True)
    findings, shards = Findings(), []
    sandbox = Sandbox(options.sandbox, directory, options.seed, rules)
    try:
        for number in range(options.shards):
            shards.append(Shard("ABCDEFGH"[number], options, directory, sandbox))
            for openid in shards[-1].players:
                shards[-1].top_up(openid, 100, 20)
        weather = Weather(sandbox, shards, options.seed, options.generation)
        weather.start()
        until = time.monotonic() + options.seconds
        in_parallel(lambda shard: shard.live_and_die(until), shards)
        weather.end()
        settle_all(shards, findings)
        ledger, balances = ledger_of(sandbox, shards)
        stats = sandbox.must("GET", "stats")
    finally:
        for shard in shards:
            if shard.process is not None and shard.process.poll() is None:
                shard.process.kill()
                shard.process.wait()
        sandbox.stop()

    all_books = [Books(shard) for shard in shards]
    for shard, books in zip(shards, all_books):
        mine = {bill_no: row for bill_no, row in ledger.items() if row["openid"] in shard.players}
        compare(shard, books, mine, balances, findings)
    faults, runs = tell_the_run("soak", sandbox, stats, weather, shards, all_books)
    bad = tell_findings("soak", sandbox, shards, findings, lambda subject: explain(subject, shards, directory, ledger),
                        options.explain)
    print(f"soak: payments={sum(len(books.orders) for books in all_books)} kills={runs['kills']} "
          f"faults={sum(faults.values())} " + " ".join(f"{kind}={findings.count(kind)}" for kind in findings.by_kind),
          flush=True)
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description="Kills a paying game server again and again; see the top of the file.")
    parser.add_argument("--sandbox", required=True)
    parser.add_argument("--server", required=True)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--generation", default="v1", choices=["v1", "v2", "mixed"])
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--shards", type=int, default=2, choices=range(1, 9))
    parser.add_argument("--explain", type=int, default=5, help="how many findings of each kind are explained")
    parser.add_argument("--keep", action="store_true", help="keep the files also when all is well")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1, 1000000)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="wxgame-soak-"))
    status = 2
    try:
        status = soak(options, directory)
    finally:
        if status == 0 and not options.keep:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            print(f"soak: seed={options.seed}; the files are in {directory}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
