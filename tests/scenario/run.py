#!/usr/bin/env python3
"""Tells story.txt to the runner of each language; README.md says how. Python 3, standard library only.

    run.py [--sandbox PROGRAM] [--generation v1|v2] --runner NAME=COMMAND...
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import shlex
import signal
import subprocess
import tempfile
import threading
import time

from sandbox import BUILT, Broken, Sandbox

LANGUAGES = ["c", "cpp", "csharp", "go"]
# What a call that a fault names is called in virtual payment 2.0.
GAME_CALLS = {"pay": "game_pay", "cancelpay": "game_cancelpay", "getbalance": "game_getbalance", "present": "game_present"}
ANSWER_S = 30  # a `next` waits 10 s, a call until its deadline of 10 s


class Step:
    def __init__(self, number, command):
        self.number, self.command, self.wanted = number, command, None
        self.by_driver = command.startswith("sandbox ") or command in ("restart", "reopen")


def read_story(path):
    steps = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        if not line.startswith("= "):
            steps.append(Step(number, line))
        elif not steps or steps[-1].by_driver or steps[-1].wanted is not None:
            raise SystemExit(f"{path}:{number}: an answer to nothing")
        else:
            steps[-1].wanted = line[2:]
    for step in steps:
        if not step.by_driver and step.wanted is None:
            raise SystemExit(f"{path}:{step.number}: no answer is given")
    return steps


class Stage(Sandbox):
    """The sandbox of one language, which obeys the story's own lines."""

    def __init__(self, program, generation, directory):
        super().__init__(program, directory)
        self.generation = generation

    def charged(self, bill_no):
        return [order["charged"] for order in self.ask(f"ledger?bill_no={bill_no}")["orders"]]

    def do(self, command):
        word, _, rest = command.partition(" ")
        if word == "topup":
            openid, amount = rest.split()
            self.ask("topup", {"openid": openid, "amt": int(amount)})
        elif word == "fault":
            fault = json.loads(rest)
            if self.generation == "v2" and "call" in fault:
                fault["call"] = GAME_CALLS.get(fault["call"], fault["call"])
            self.ask("faults", fault)
        elif word == "clear":
            self.ask("faults", method="DELETE")
        elif word == "expire":
            self.ask("session/expire", {"openid": rest})
        elif word == "charged":
            bill_no, wanted = rest.split()
            until = time.monotonic() + 10
            while (told := self.charged(bill_no)) != [int(wanted)]:
                if time.monotonic() > until:
                    raise Broken(f"the ledger says of {bill_no}: charged {told}")
                time.sleep(0.02)
        else:
            raise Broken(f"there is no sandbox command {word}")


class Runner:
    def __init__(self, command, sandbox, journal):
        # In a process group of its own, so that a kill also reaches what a wrapper has started.
        self.process = subprocess.Popen(
            shlex.split(command) + [sandbox.https, sandbox.ca_file, f"sqlite:{journal}", sandbox.generation],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.said = queue.SimpleQueue()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.said.put(line.rstrip("\n"))
        self.said.put(None)

    def ask(self, command):
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
            answer = self.said.get(timeout=ANSWER_S)
        except BrokenPipeError:
            answer = None
        except queue.Empty:
            raise Broken(f"no answer within {ANSWER_S} s") from None
        if answer is None:
            raise Broken(f"the runner has ended, exit status {self.process.wait()}")
        return answer

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.reader.join()
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.stdout.close()

    def close(self):
        self.process.stdin.close()
        try:
            status = self.process.wait(timeout=ANSWER_S)
        except subprocess.TimeoutExpired:
            raise Broken("the runner did not end with its input") from None
        if status != 0:
            raise Broken(f"the runner ended with {status}")
        self.reader.join()
        if self.said.get() is not None:
            raise Broken("the runner said more than it was asked")


def tell(name, command, steps, program, generation):
    """Tells the whole story to one language; returns what was wrong."""
    wrong = []
    step = sandbox = runner = None
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        journal = directory / "story.journal"
        try:
            sandbox = Stage(program, generation, directory)
            runner = Runner(command, sandbox, journal)
            for step in steps:
                if step.command in ("restart", "reopen"):
                    if step.command == "reopen":
                        runner.close()
                    runner.kill()
                    runner = Runner(command, sandbox, journal)
                elif step.by_driver:
                    sandbox.do(step.command.partition(" ")[2])
                elif (got := runner.ask(step.command)) != step.wanted:
                    wrong.append(
                        f"{name}: line {step.number}: {step.command}\n  wanted  {step.wanted}\n  got     {got}"
                    )
            step = None
            runner.close()
            for order in sandbox.ask("ledger")["orders"]:
                if order["charged"] > 1:
                    wrong.append(f"{name}: {order['bill_no']} was charged {order['charged']} times")
        except (Broken, OSError) as why:
            where = f"line {step.number}: {step.command}" if step else "at the start or the end"
            wrong.append(f"{name}: {where}\n  {why}")
        finally:
            if runner is not None:
                runner.kill()
            if sandbox is not None:
                sandbox.stop()
    return wrong


def main():
    parser = argparse.ArgumentParser(description="Tells story.txt to the runner of each language.")
    parser.add_argument("--sandbox", default=BUILT, help="the sandbox's program")
    parser.add_argument("--generation", choices=["v1", "v2"], default="v1", help="which payment API the runners use")
    parser.add_argument("--runner", action="append", required=True, metavar="NAME=COMMAND")
    options = parser.parse_args()
    runners = dict(runner.split("=", 1) for runner in options.runner)
    if unknown := set(runners) - set(LANGUAGES):
        parser.error(f"there is no language {', '.join(sorted(unknown))}; there are {', '.join(LANGUAGES)}")

    steps = read_story(pathlib.Path(__file__).with_name("story.txt"))
    names = [name for name in LANGUAGES if name in runners]
    # Side by side: most of the time is spent waiting for time-outs.
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        told = list(
            pool.map(lambda name: tell(name, runners[name], steps, options.sandbox, options.generation), names)
        )
    for wrong in told:
        for line in wrong:
            print(line)
    print("scenario:", " ".join(f"{name}={'FAILED' if wrong else 'ok'}" for name, wrong in zip(names, told)))
    raise SystemExit(any(told))


if __name__ == "__main__":
    main()
