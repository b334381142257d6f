"""One of the game servers that share a journal: a lifetime of tests/soak/server.c after the other."""
import signal
import time

import soak

NAMES = "ABCD"
PER_SECOND = 40
MANY = 4  # open payments


class Server(soak.Shard):
    """Its host's book, how often it has died, and when it stood still."""

    def __init__(self, name, cluster, lease_ms):
        super().__init__(name, cluster.options, cluster.directory, cluster.sandbox)
        self.cluster, self.database, self.lease_ms = cluster, cluster.database, lease_ms
        self.players, self.topped_up, self.lock = cluster.players, cluster.topped_up, cluster.lock
        self.lifetime, self.lifetimes = "", 0  # the name that the database knows
        self.had = []  # what it drove when it was paused
        self.interrupted = []  # from when to when it stood still or was gone, as Unix milliseconds
        self.paused = False
        self.started = 0.0

    def spawn(self, **settings):
        peers = [self.directory.parent / name for name in NAMES if name != self.name]
        return super().spawn(**{"journal": self.database.url(self.lifetime), "lease_ms": self.lease_ms,
                                "peers": ",".join(map(str, peers)), "per_second": PER_SECOND} | settings)

    def start(self, **settings):
        self.lifetimes += 1
        self.lifetime, self.started = f"{self.name}{self.lifetimes}", time.monotonic()
        self.goes_on()
        super().start(**settings)

    def journal_of(self, bill_no):
        """Told once, by the first server."""
        rows = self.database.rows(f"SELECT * FROM wxgame.payments WHERE bill_no = '{bill_no}'")
        owners = self.database.rows(f"SELECT o.*, s.name FROM owners o LEFT JOIN wxgame.servers s ON s.id = o.after "
                                    f"WHERE bill_no = '{bill_no}' ORDER BY at_ms")
        return rows + owners if self.name == NAMES[0] else []

    def died(self, status):
        if status == 4:
            self.counts["could not open"] += 1
            if not self.database.was_down(self.started - 1):
                stderr = (self.directory / "stderr").read_text(errors="replace").splitlines()[-1:]
                self.problems.append(f"{self.name} could not open though the database was there: {stderr}")
            return True
        return super().died(status)

    def has_ended(self):
        return self.died(self.process.poll())

    def is_awake(self):
        return not self.paused and self.process is not None and self.process.poll() is None

    def interrupt(self):
        self.interrupted.append((time.time() * 1000, float("inf")))

    def goes_on(self):
        if self.interrupted:
            self.interrupted[-1] = (self.interrupted[-1][0], time.time() * 1000)

    def kill(self):
        self.interrupt()
        self.paused = False
        super().kill()

    def pause(self):
        self.interrupt()
        self.process.send_signal(signal.SIGSTOP)
        self.paused = True

    def resume(self):
        if self.paused:
            self.process.send_signal(signal.SIGCONT)
            self.paused = False
            self.goes_on()

    def life(self, dice):
        """One start after the other. Yields how long to wait."""
        while True:
            base_url = self.way_to_wechat(dice)
            self.start(resubmit=int(dice.random() < 0.6), base_url=base_url)
            while True:
                span = dice.choices([(0.0, 0.1), (0.1, 1.0), (1.0, 3.0), (3.0, 6.0)], [15, 25, 40, 20])[0]
                end = time.monotonic() + dice.uniform(*span)
                while time.monotonic() < end and self.process.poll() is None:
                    yield min(0.2, end - time.monotonic())
                if self.has_ended():
                    yield 0.1
                    break
                fate = dice.random() if base_url == self.sandbox.https else 0.0
                if fate < 0.45:
                    self.kill()
                    yield dice.choice([0.0, dice.uniform(0, 2) * self.lease_ms / 1000])
                    break
                if fate < 0.55:
                    yield from self.end()
                    break
                if fate < 0.62:
                    self.pause()
                    yield dice.uniform(0.01, soak.STOP_MS / 1000)
                    self.resume()
                    self.counts["stops"] += 1
                else:
                    yield from self.pause_beyond_its_lease(dice)

    def open_payments(self):
        """What it drives, as far as the database can be asked just now."""
        return self.cluster.open_payments(self.lifetime) if self.database.is_up() else []

    def end(self):
        """Closes cleanly: what it has goes to the others at once."""
        self.interrupt()
        self.process.terminate()
        self.counts["terms"] += 1
        for _ in range(40):
            yield 0.1
            if self.process.poll() is not None:
                self.has_ended()
                return
        self.close()

    def pause_beyond_its_lease(self, dice):
        """With payments in doubt on its hands, which it must not send once it wakes."""
        for _ in range(5):
            self.cluster.leave_in_doubt()
            yield 0.2
            if self.process.poll() is not None:
                return
            self.had = self.open_payments()
            if len(self.had) >= MANY:
                break
        self.pause()
        yield self.lease_ms / 1000 + dice.uniform(0.5, 2.0)
        while not self.database.is_up():
            yield 0.1
        self.counts["pauses"] += 1
        if self.had:
            self.cluster.wake_alone(self)
        self.resume()
