"""The PostgreSQL that the servers of a test share: made, asked, stopped and restarted."""
import json
import pathlib
import subprocess
import time

# Notes each change of owner with the database's own time, for the tests alone. The library knows nothing of it.
OWNERS = """
CREATE TABLE owners (bill_no text, before bigint, after bigint, at_ms bigint);
CREATE FUNCTION note_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.owners
    VALUES (NEW.bill_no, OLD.owner, NEW.owner, (extract(epoch FROM clock_timestamp()) * 1000)::bigint);
    RETURN NULL;
END $$;
CREATE TRIGGER note_owner AFTER UPDATE ON wxgame.payments
    FOR EACH ROW WHEN (OLD.owner <> NEW.owner) EXECUTE FUNCTION note_owner();
"""


class Database:
    """One database, of a user who is no superuser and must show a password. One thread."""

    def __init__(self, script, directory):
        self.script, self.directory = pathlib.Path(script).resolve(), directory
        self.down = []  # from when to when it was out of reach; the last one may still be
        self.under_way = None
        self.superuser = self.run("start").strip().removesuffix("/postgres")
        for statement in ("CREATE ROLE needs_password", "CREATE ROLE game LOGIN PASSWORD 'sword' IN ROLE needs_password",
                          "CREATE DATABASE game OWNER game"):
            self.execute(statement, "postgres")

    def run(self, action, *words):
        done = subprocess.run([self.script, action, self.directory, *words], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"postgres.sh {action}: {done.stderr}")
        return done.stdout

    def url(self, application_name):
        return f"{self.superuser.replace('postgres@', 'game:sword@')}/game?application_name={application_name}"

    def execute(self, sql, name="game"):
        """What psql prints."""
        done = subprocess.run(["psql", f"{self.superuser}/{name}", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout

    def rows(self, sql):
        return [json.loads(text) for text in self.execute(f"SELECT row_to_json(r) FROM ({sql}) AS r").splitlines()]

    def watch_owners(self):
        """Begins to note who takes over what, once the library has made its tables."""
        self.execute(OWNERS)

    def begin(self, action, *words):
        """Stops, starts or restarts it without waiting; it counts as out of reach from now on."""
        if self.is_up():
            self.down.append((time.monotonic(), None))
        self.under_way = subprocess.Popen([self.script, action, self.directory, *words], stdout=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE, text=True)

    def is_done(self):
        """Whether what was begun has come to its end."""
        if self.under_way.poll() is None:
            return False
        process, self.under_way = self.under_way, None
        stderr = process.stderr.read()
        process.stderr.close()
        if process.returncode != 0:
            raise RuntimeError(f"postgres.sh: {stderr}")
        if process.args[1] != "stop":
            self.is_back()
        return True

    def is_back(self):
        if not self.is_up():
            self.down[-1] = (self.down[-1][0], time.monotonic())

    def is_up(self):
        return not self.down or self.down[-1][1] is not None

    def was_down(self, since):
        """Whether it was out of reach at some time after that, on the monotonic clock."""
        return any(end is None or end >= since for _, end in self.down)

    def bring_up(self):
        """Waits for what is under way, and starts it if it is stopped."""
        while self.under_way is not None and not self.is_done():
            time.sleep(0.05)
        self.run("start")
        self.is_back()

    def stop(self):
        if self.under_way is not None:
            self.under_way.wait()
        self.run("stop", "immediate")
