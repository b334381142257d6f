"""One endpoint's program: what it is asked, what it says, how it ends."""

import fcntl
import hashlib
import json
import os
import select
import shlex
import signal
import struct
import subprocess
import termios
import time
import urllib.error
import urllib.parse

from sandbox import DIRECT, Broken

TOKEN = "endpoint-token"
SAY_S = 20
PIPE_BYTES = 4096  # the smallest that Linux makes


def push(verdict, event="", event_id="", openid="", product_id="", quantity=0, refusal=0):
    return (
        f"push {verdict} event={event} event_id={event_id} openid={openid} product_id={product_id}"
        f" quantity={quantity} refusal={refusal}"
    )


def grant(event_id, openid="", product_id="", quantity=0, redelivered=0):
    return f"grant {event_id} openid={openid} product_id={product_id} quantity={quantity} redelivered={redelivered}"


def signed(timestamp, nonce, **query):
    signature = hashlib.sha1("".join(sorted([TOKEN, timestamp, nonce])).encode()).hexdigest()
    return urllib.parse.urlencode({"signature": signature, "timestamp": timestamp, "nonce": nonce, **query})


class Endpoint:
    """Its standard output is read only as far as a line is waited for, so that the pipe can be made to hold it up."""

    def __init__(self, command, sandbox, journal):
        self.command = shlex.split(command) + [sandbox.https, sandbox.ca_file, f"sqlite:{journal}", "0"]
        self.process = None

    def open(self, aes_key):
        """Starts it. What it says before it is ready comes first of what it says next."""
        self.heard, self.begun = [], b""
        self.reader, self.writer = os.pipe()
        # In a process group of its own, so that a kill also reaches what a wrapper has started.
        command = self.command + ([aes_key] if aes_key else [])
        self.process = subprocess.Popen(command, stdout=self.writer, start_new_session=True)
        early = []
        while not (line := self.line()).startswith("ready "):
            early.append(line)
        self.heard = early + self.heard
        self.url = line.removeprefix("ready ")

    def line(self):
        until = time.monotonic() + SAY_S
        while not self.heard:
            if not select.select([self.reader], [], [], max(0, until - time.monotonic()))[0]:
                raise Broken(f"it has not said another line within {SAY_S} s, exit status {self.process.poll()}")
            self.hear()
        return self.heard.pop(0)

    def hear(self):
        *lines, self.begun = (self.begun + os.read(self.reader, 65536)).split(b"\n")
        self.heard += [line.decode() for line in lines if line]

    def says(self, *wanted):
        """The next lines are these."""
        for line in wanted:
            if (said := self.line()) != line:
                raise Broken(f"wanted  {line}\n  got     {said}")

    def ask(self, path, **query):
        """Its JSON, or the status and the words of a refusal."""
        try:
            with DIRECT.open(f"{self.url}{path}?{urllib.parse.urlencode(query)}", timeout=SAY_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def set_up(self, query):
        """What the console gets that tries the URL."""
        try:
            with DIRECT.open(f"{self.url}/push?{query}", timeout=SAY_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def hold_up_after(self, line):
        """From now on it can say this one line, and stands still when it is to say another."""
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.write(self.writer, b"\n" * (PIPE_BYTES - len(line) - 1))

    def wait_until_held_up(self):
        until = time.monotonic() + SAY_S
        while self.unread() != PIPE_BYTES:
            if time.monotonic() > until:
                raise Broken(f"it has not said the line within {SAY_S} s")
            time.sleep(0.01)

    def unread(self):
        return struct.unpack("i", fcntl.ioctl(self.reader, termios.FIONREAD, b"\0" * 4))[0]

    def kill(self):
        """SIGKILL, and what it had said by then."""
        os.killpg(self.process.pid, signal.SIGKILL)
        return self.ended()[1]

    def close(self):
        """SIGTERM: it ends well, and has nothing more to say."""
        os.killpg(self.process.pid, signal.SIGTERM)
        status, said = self.ended()
        if status != 0 or said:
            raise Broken(f"after SIGTERM it ended with {status} and said {said}")

    def ended(self):
        try:
            status = self.process.wait(timeout=SAY_S)
        except subprocess.TimeoutExpired:
            raise Broken(f"it has not ended within {SAY_S} s") from None
        self.process = None
        while self.unread() > 0:
            self.hear()
        os.close(self.reader)
        os.close(self.writer)
        return status, self.heard

    def abandon(self):
        """However far it came."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.ended()
