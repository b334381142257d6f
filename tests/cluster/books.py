"""What several hosts were told of the same payments, put together as one host's database would have it."""
import collections
import time

import soak

REDELIVERED = 1
MOMENT_MS = 1000  # an answer may have waited so long in the host's queue before the host wrote it down


class Together:
    """Looks like the books of one server (soak.Books)."""

    def __init__(self):
        self.orders, self.cancels, self.balances = {}, set(), {}
        self.told = collections.defaultdict(list)
        self.grants = collections.defaultdict(list)
        self.wrong, self.late = [], []
        self.told_to_two = 0  # answers that stand in more than one book: each host but the first does nothing


def put_together(servers, all_books, down, findings):
    together = Together()
    answers, given = collections.defaultdict(list), collections.defaultdict(set)
    in_books = collections.defaultdict(set)
    for server, books in zip(servers, all_books):
        together.orders |= books.orders
        together.cancels |= books.cancels
        together.wrong += books.wrong
        together.late += books.late
        for bill_no, told in books.answers.items():
            answers[bill_no] += [(*answer, server) for answer in told]
        for bill_no, entries in books.given.items():
            given[bill_no] |= set(entries)
            for delivery_id, _ in entries:
                in_books[delivery_id].add(server.name)
    together.told_to_two = sum(len(names) > 1 for names in in_books.values())
    for bill_no, told in answers.items():
        together.told[bill_no] = in_order(bill_no, told, findings)
        judge_redeliveries(bill_no, told, down, findings)
    for bill_no, entries in given.items():
        may_repeat = bill_no in together.cancels  # a cancel that WeChat refuses ends in one more answer
        together.grants[bill_no] = act_once(bill_no, sorted(entries), may_repeat, findings)
    for openid in set().union(*(books.balances for books in all_books)):
        read = tuple(books.balances.get(openid) for books in all_books)
        together.balances[openid] = read[0] if len(set(read)) == 1 else read
    return together


def in_order(bill_no, told, findings):
    """The outcomes by their delivery ids. Without one only a submission that was never written down was answered."""
    named = {}
    for delivery_id, _, outcome, _, _ in told:
        if delivery_id != 0 and named.setdefault(delivery_id, outcome) != outcome:
            findings.add("misreported", bill_no, f"delivery {delivery_id} is {outcome} and {named[delivery_id]}")
    outcomes = [named[delivery_id] for delivery_id in sorted(named)]
    unnamed = {outcome for delivery_id, _, outcome, _, _ in told if delivery_id == 0}
    if unnamed - {soak.NOT_SENT}:
        findings.add("misreported", bill_no, f"told {unnamed} without a delivery id")
    return outcomes or sorted(unnamed)


def act_once(bill_no, entries, may_repeat, findings):
    """What a host has done that acts once for each number, and takes back only what was given."""
    done = []
    for delivery_id, what in entries:
        granted = done[-1:] == ["grant"]
        if what == "grant" and granted and not may_repeat:
            findings.add("misreported", bill_no, f"granted by another delivery, {delivery_id}")
        if granted != (what == "grant"):
            done.append(what)
    return done


def judge_redeliveries(bill_no, told, down, findings):
    """An answer is delivered again elsewhere only when the server that was told has stopped, or lost the database."""
    now = time.time() - time.monotonic()
    outages = [((start + now) * 1000, (end + now) * 1000) for start, end in down]
    for delivery_id, at, _, flags, server in told:
        if flags & REDELIVERED:
            for earlier_id, earlier, _, _, holder in told:
                if earlier_id != delivery_id or holder is server or earlier > at:
                    continue
                troubles = outages + holder.interrupted
                if not any(start <= at and end >= earlier - MOMENT_MS for start, end in troubles):
                    findings.add("misreported", bill_no, f"told again by {server.name} {at - earlier} ms after "
                                                         f"{holder.name}, which lives")


def compare_with_journal(together, journal, findings):
    """The third ledger: what stands in the database is what was told."""
    for bill_no in set(journal) - set(together.orders):
        findings.add("misreported", bill_no, "stands in the journal, but in no list")
    for bill_no, told in together.told.items():
        state = journal[bill_no]["state"] if bill_no in journal else None
        if state != soak.OUTCOMES[told[-1]] and (state is not None or told[-1] != soak.NOT_SENT):
            findings.add("misreported", bill_no, f"told {soak.OUTCOMES[told[-1]]}, the journal has {state}")
