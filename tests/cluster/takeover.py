"""How long the open payments of a killed server stand still."""
import random
import statistics
import time

ROUNDS = {3000: 8, 15000: 5}  # kills for each lease
RUN_UP_S = 1.5
POLL_S = 0.1


def measure(cluster, rules):
    """Prints one line for each lease: from the kill to the moment when a neighbour has the last of its payments."""
    dice = random.Random(cluster.options.seed)
    cluster.open(rules, min(ROUNDS))
    # So slow that some are always under way, and still in time.
    cluster.sandbox.must("POST", "faults", [{"call": "*", "do": "yes", "times": 0, "probability": 1.0,
                                             "reply": {"kind": "slow", "delay_ms": 250}}])
    watched = False
    for lease_ms, rounds in ROUNDS.items():
        for server in cluster.servers:
            server.lease_ms = lease_ms
            server.start()
        if not watched:
            time.sleep(RUN_UP_S)
            cluster.database.watch_owners()
            watched = True
        taken, payments = [], 0
        for number in range(rounds):
            time.sleep(RUN_UP_S + dice.uniform(0, lease_ms / 3000))
            server = cluster.servers[number % len(cluster.servers)]
            had, took_ms = take_over(cluster, server)
            payments += had
            taken.append(took_ms)
            server.start()
        print(f"takeover: lease_ms={lease_ms} kills={rounds} payments={payments} "
              f"median_ms={statistics.median(taken):.0f} worst_ms={max(taken)}", flush=True)
        for server in cluster.servers:
            server.process.terminate()
            server.close()


def take_over(cluster, server):
    """Kills it; answers how many payments it had, and after how long the last of them was another's."""
    killed_ms = int(time.time() * 1000)
    server.kill()
    # What it has sent to the database just before may still arrive.
    time.sleep(POLL_S)
    had = cluster.open_payments(server.lifetime)
    if not had:
        raise RuntimeError(f"{server.lifetime} had nothing to take over")
    listed = ", ".join(f"'{number}'" for number in had)
    while cluster.open_payments(server.lifetime):
        time.sleep(POLL_S)
    rows = cluster.database.rows(f"SELECT max(at_ms) AS at_ms FROM owners WHERE at_ms > {killed_ms} "
                                 f"AND bill_no IN ({listed}) AND after <> 0")
    return len(had), rows[0]["at_ms"] - killed_ms
