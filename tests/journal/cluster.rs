//! What only a journal that servers share can promise: each record has one server, and a server without a lease
//! writes nothing of what it had.

use crate::retention::{closed, pruning};
use crate::server::{Database, LEASE_MS};
use crate::{bill_nos, find, insert, record, stored, update};
use std::thread;
use wxgame::store::postgres::Postgres;
use wxgame::store::{Beat, Journal, Kind, Lease, Record, Recovered, State, Write, Written};

fn one(journal: &mut Postgres, write: Write) -> Written {
    journal.commit(&[write]).expect("it answers").remove(0)
}

fn beat(journal: &mut Postgres, most: u32) -> Beat {
    match one(journal, Write::Heartbeat { now_ms: 1, most }) {
        Written::Beat(beat) => *beat,
        other => panic!("{other:?}"),
    }
}

fn recover(journal: &mut Postgres) -> Recovered {
    journal.recover().expect("read")
}

fn server_id(journal: &mut Postgres) -> u64 {
    recover(journal).tenure.expect("it is shared").server
}

/// The lease of this server has run out, a few minutes ago; the others have held theirs for longer.
fn end_lease(database: &Database, server: u64) {
    let ago_ms = 2 * LEASE_MS;
    database.sql().run(&format!(
        "UPDATE wxgame.servers SET lease_until_ms = lease_until_ms - {ago_ms} WHERE id = {server};
         UPDATE wxgame.servers SET since_ms = since_ms - {ago_ms} WHERE id <> {server}"
    ));
}

fn done(bill_no: &str) -> Record {
    Record {
        state: State::Done,
        ..record(bill_no)
    }
}

/// The answer to a write that another server's hold has kept out.
fn elsewhere(written: Written) -> Record {
    match written {
        Written::Found(record) if record.elsewhere => *record,
        other => panic!("not elsewhere: {other:?}"),
    }
}

/// Aim: nobody touches what a living server has, and everybody can see whose it is not.
#[test]
fn a_lease_that_holds_keeps_everything() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    stored(&mut first, Write::Insert(Box::new(done("b"))));
    assert_eq!(recover(&mut second).records, []);
    assert_eq!(beat(&mut second, 10).taken, []);
    for bill_no in ["a", "b"] {
        assert!(find(&mut second, bill_no).is_some_and(|record| record.elsewhere));
        assert!(find(&mut first, bill_no).is_some_and(|record| !record.elsewhere));
    }
    let ended = Record {
        state: State::Rejected,
        ..record("a")
    };
    elsewhere(one(&mut second, update(&ended)));
    assert!(find(&mut first, "a").is_some_and(|record| record.state == State::Sending));
    let found = elsewhere(one(&mut second, insert("a")));
    assert_eq!(found.state, State::Sending);
}

/// Aim: what a server leaves is taken over when its lease is over, oldest first, a portion at a time, only what is
/// not over, and only by servers of the same app and environment.
#[test]
fn the_oldest_of_what_is_left_is_taken_first() {
    let database = Database::new();
    let mut first = database.server();
    let mut second = database.server();
    for bill_no in ["e", "d", "c", "b"] {
        stored(&mut first, insert(bill_no));
    }
    stored(&mut first, Write::Insert(Box::new(closed("over", 1))));
    end_lease(&database, server_id(&mut first));
    for (appid, environment) in [("wx2", "production"), ("wx1", "sandbox")] {
        assert_eq!(
            beat(&mut database.server_of(appid, environment), 10).taken,
            []
        );
    }
    // A lease that ran out while nobody minded: the first recover after it has kept it.
    assert_eq!(beat(&mut second, 10).taken.len(), 4);
    assert_eq!(beat(&mut first, 10).taken, []);
    drop(second);
    let portions: Vec<Vec<String>> = (0..3)
        .map(|_| {
            beat(&mut first, 3)
                .taken
                .into_iter()
                .map(|record| record.bill_no)
                .collect()
        })
        .collect();
    assert_eq!(portions, [vec!["e", "d", "c"], vec!["b"], vec![]]);
    assert_eq!(bill_nos(&recover(&mut first).records), ["e", "d", "c", "b"]);
}

/// Aim: a server that was away for a while, and nobody minded, has lost nothing.
#[test]
fn a_lease_that_nobody_has_ended_is_kept_by_a_heartbeat() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    let server = server_id(&mut first);
    end_lease(&database, server);
    stored(&mut first, insert("b"));
    assert_eq!(beat(&mut first, 10).tenure.server, server);
    assert_eq!(beat(&mut second, 10).taken, []);
    assert_eq!(bill_nos(&recover(&mut first).records), ["a", "b"]);
}

/// Aim: after an outage of the database that was longer than a lease everybody has been silent: nobody takes anything
/// from the others until it has held its own lease for a while again.
#[test]
fn nobody_is_ended_for_an_outage_of_the_database() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    let sql = database.sql();
    sql.run("UPDATE wxgame.servers SET lease_until_ms = lease_until_ms - 1200000, since_ms = since_ms - 1200000");
    for _ in 0..2 {
        assert_eq!(beat(&mut second, 10).taken, []);
    }
    let third = &mut database.server();
    assert_eq!(recover(third).records, []);
    assert_eq!(beat(third, 10).taken, []);
    sql.run("UPDATE wxgame.servers SET since_ms = since_ms - 1200000");
    assert_eq!(bill_nos(&beat(&mut second, 10).taken), ["a"]);
}

/// Aim: a server takes nothing over under a new name before its client knows that name: what was written under the
/// old one may still be on its way.
#[test]
fn a_new_name_is_told_before_anything_is_taken_under_it() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    stored(&mut second, insert("b"));
    let before = server_id(&mut first);
    database.sql().run("UPDATE wxgame.servers SET dead = 1");
    let stale = Write::Update(Box::new(done("a")));
    let answers = first.commit(&[
        Write::Heartbeat {
            now_ms: 1,
            most: 10,
        },
        stale,
    ]);
    let answers = answers.expect("it answers");
    let [Written::Beat(told), Written::Found(found)] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert!(told.tenure.server != before && told.taken.is_empty() && found.elsewhere);
    assert_eq!(bill_nos(&beat(&mut first, 10).taken), ["a", "b"]);
}

/// Aim: a server that lost its lease changes nothing of what it had, is told who has it, and what is new is its own.
#[test]
fn a_fenced_server_changes_nothing_of_what_it_had() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    let before = server_id(&mut first);
    end_lease(&database, before);
    assert_eq!(bill_nos(&beat(&mut second, 10).taken), ["a"]);
    let sent = Record {
        first_sent_at_ms: 5,
        ..record("a")
    };
    stored(&mut second, update(&sent));

    let answers = first
        .commit(&[update(&done("a")), insert("b")])
        .expect("it answers");
    let [Written::Found(found), Written::Stored(_)] = &answers[..] else {
        panic!("{answers:?}");
    };
    assert!(found.elsewhere && found.first_sent_at_ms == 5, "{found:?}");
    assert_eq!(
        find(&mut second, "a").map(|record| record.state),
        Some(State::Sending)
    );
    let now = beat(&mut first, 10).tenure.server;
    assert!(now != before && now != 0);
    assert!(find(&mut first, "b").is_some_and(|record| !record.elsewhere));
    // It got in under its new tenure: the end of the old one takes nothing from it.
    assert_eq!(beat(&mut second, 10).taken, []);
    assert_eq!(bill_nos(&recover(&mut first).records), ["b"]);
}

/// Aim: what a fenced server finished is over: an update that comes too late does not open it again, whoever has it.
#[test]
fn a_stale_update_does_not_open_what_is_over() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    end_lease(&database, server_id(&mut first));
    beat(&mut second, 10);
    stored(&mut second, update(&done("a")));
    let record = find(&mut second, "a").expect("it is there");
    stored(&mut second, Write::Ack(record.delivery_id()));
    let stale = Record {
        first_sent_at_ms: 7,
        ..crate::record("a")
    };
    let Written::Found(found) = one(&mut first, update(&stale)) else {
        panic!("it was written");
    };
    assert_eq!(
        (found.state, found.acked, found.elsewhere),
        (State::Done, true, false)
    );
}

/// Aim: nothing waits for a row that somebody keeps locked: neither a record nor a server in mid-transaction.
#[test]
fn what_is_locked_is_not_waited_for() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    for bill_no in ["a", "b"] {
        stored(&mut first, insert(bill_no));
    }
    let server = server_id(&mut first);
    end_lease(&database, server);
    let third = database.sql();
    third.run("BEGIN");
    third.run(&format!(
        "SELECT 1 FROM wxgame.servers WHERE id = {server} FOR UPDATE"
    ));
    assert_eq!(beat(&mut second, 10).taken, []);
    third.run("COMMIT; BEGIN; SELECT 1 FROM wxgame.payments WHERE bill_no = 'a' FOR UPDATE");
    assert_eq!(bill_nos(&beat(&mut second, 10).taken), ["b"]);
    third.run("COMMIT");
    assert_eq!(bill_nos(&beat(&mut second, 10).taken), ["a"]);
}

/// Aim: two servers that take over at the same moment never take the same record.
#[test]
fn claims_never_overlap() {
    let database = Database::new();
    let mut first = database.server();
    let all: Vec<String> = (0..400).map(|n| format!("bill-{n:03}")).collect();
    let inserts: Vec<Write> = all.iter().map(|bill_no| insert(bill_no)).collect();
    first.commit(&inserts).expect("stored");
    let others: Vec<Postgres> = (0..3).map(|_| database.server()).collect();
    end_lease(&database, server_id(&mut first));
    let take = |mut journal: Postgres| {
        let sql = database.sql();
        let mut taken = Vec::new();
        loop {
            let portion = beat(&mut journal, 7).taken;
            let left = sql.number(
                "SELECT count(*) FROM wxgame.payments AS p JOIN wxgame.servers AS s ON s.id = p.owner WHERE s.dead = 1",
            );
            if portion.is_empty() && left == 0 {
                // Open to the end: a close would hand everything on.
                return (journal, taken);
            }
            taken.extend(portion.into_iter().map(|record| record.bill_no));
        }
    };
    let take = &take;
    let taken = thread::scope(|scope| {
        let threads: Vec<_> = others
            .into_iter()
            .map(|journal| scope.spawn(move || take(journal)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .collect::<Vec<_>>()
    });
    let mut together: Vec<&String> = taken.iter().flat_map(|(_, taken)| taken).collect();
    together.sort();
    assert_eq!(together, all.iter().collect::<Vec<_>>());
}

/// Aim: a number that two servers submit at once is stored once, and the other one is shown it.
#[test]
fn a_number_is_stored_once_whoever_submits_it() {
    let database = Database::new();
    let submit = |prefix: &'static str| {
        let mut journal = database.server();
        let mut count = 0;
        for n in 0..60 {
            let item = Record {
                kind: Kind::Item,
                state: State::AwaitingPayment,
                ..record(&format!("{prefix}{n}"))
            };
            match one(&mut journal, Write::Insert(Box::new(item))) {
                Written::Stored(_) => count += 1,
                Written::Found(found) => assert_eq!(found.number(), n.to_string()),
                other => panic!("{other:?}"),
            }
        }
        (journal, count)
    };
    // The same number, and the same item by its two numbers.
    for prefixes in [["", ""], ["item:", ""]] {
        let stored: i32 = thread::scope(|scope| {
            let threads = prefixes.map(|prefix| scope.spawn(move || submit(prefix)));
            let ended = threads.map(|thread| thread.join().expect("it ends"));
            ended.iter().map(|(_, count)| count).sum()
        });
        let there = database
            .sql()
            .number("SELECT count(*) FROM wxgame.payments");
        assert_eq!((i64::from(stored), there), (60, 60));
        database.sql().run("DELETE FROM wxgame.payments");
    }
}

/// Aim: refunds that servers make at the same moment never give back more than was paid.
#[test]
fn refunds_of_two_servers_share_the_room() {
    let database = Database::new();
    let mut first = database.server();
    stored(&mut first, Write::Insert(Box::new(closed("pay", 1))));
    let refund = |prefix: &'static str| {
        let mut journal = database.server();
        let answers = (0..40).map(|n| {
            let refund = Record {
                kind: Kind::Refund,
                pay_bill_no: "pay".to_owned(),
                amount: 1,
                ..record(&format!("{prefix}{n}"))
            };
            one(&mut journal, Write::Insert(Box::new(refund)))
        });
        answers
            .filter(|answer| matches!(answer, Written::Stored(_)))
            .count()
    };
    let refund = &refund;
    let stored: usize = thread::scope(|scope| {
        let threads = ["a", "b"].map(|prefix| scope.spawn(move || refund(prefix)));
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .sum()
    });
    assert_eq!(stored, 60);
    assert_eq!(
        find(&mut first, "pay").map(|record| record.refunded),
        Some(60)
    );
}

/// Aim: anybody may replace a final answer, or end what awaits its payment, who knows how it stands; nobody else may.
#[test]
fn a_final_answer_is_replaced_by_who_knows_it() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, Write::Insert(Box::new(done("a"))));
    let cancelling = Record {
        state: State::Cancelling,
        refund: true,
        ..done("a")
    };
    elsewhere(one(&mut second, update(&cancelling)));
    let stale = Record {
        replaced: 1,
        refunded: 1,
        ..cancelling.clone()
    };
    elsewhere(one(&mut second, update(&stale)));
    let replacing = Record {
        replaced: 1,
        ..cancelling
    };
    stored(&mut second, update(&replacing));
    assert!(find(&mut second, "a").is_some_and(|record| !record.elsewhere));
    // It is the second one's now, and open: also a later answer is not the first one's to give.
    let later = Record {
        replaced: 2,
        state: State::Done,
        ..replacing
    };
    elsewhere(one(&mut first, update(&later)));

    let awaiting = Record {
        kind: Kind::Item,
        state: State::AwaitingPayment,
        ..record("item")
    };
    stored(&mut first, Write::Insert(Box::new(awaiting.clone())));
    let paid = Record {
        state: State::Done,
        ..awaiting
    };
    stored(&mut second, update(&paid));
    assert!(find(&mut first, "item").is_some_and(|record| record.elsewhere));
}

/// Aim: a cancellation that is asked for anywhere reaches the server that sends, until it has turned to it.
#[test]
fn a_cancellation_reaches_the_server_that_sends() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    stored(&mut first, Write::Insert(Box::new(done("b"))));
    for bill_no in ["a", "b", "never there"] {
        assert_eq!(
            one(&mut second, Write::AskCancel(bill_no.into())),
            Written::Stored(0)
        );
    }
    assert_eq!(beat(&mut second, 10).cancels, [""; 0]);
    assert_eq!(beat(&mut first, 10).cancels, ["a"]);
    // Also to the one that takes it over.
    end_lease(&database, server_id(&mut first));
    let taken = beat(&mut second, 10);
    assert_eq!(bill_nos(&taken.taken), ["a", "b"]);
    assert_eq!(taken.cancels, ["a"]);
    let cancelling = Record {
        state: State::Cancelling,
        ..record("a")
    };
    stored(&mut second, update(&cancelling));
    assert_eq!(beat(&mut second, 10).cancels, [""; 0]);
}

/// Aim: the host acknowledges wherever it likes, and then nobody delivers again.
#[test]
fn an_ack_counts_from_every_server() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    let id = stored(&mut first, Write::Insert(Box::new(done("a"))));
    stored(&mut second, Write::Ack(id));
    assert_eq!(recover(&mut first).records, []);
    assert!(find(&mut second, "a").is_some_and(|record| record.acked && !record.elsewhere));
    end_lease(&database, server_id(&mut first));
    assert_eq!(beat(&mut second, 10).taken, []);
}

/// Aim: servers share secrets, and none forgets a newer one for an older one's sake.
#[test]
fn secrets_are_shared_and_dropped_only_as_known() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    let put = |sealed: &[u8]| Write::PutSecret {
        name: "s".into(),
        sealed: sealed.into(),
        now_ms: 1,
    };
    let forget = |sealed: &[u8]| Write::DropSecret {
        name: "s".into(),
        sealed: sealed.into(),
    };
    let secret = |journal: &mut Postgres| match one(journal, Write::FindSecret("s".into())) {
        Written::Secret(sealed) => sealed,
        other => panic!("{other:?}"),
    };
    stored(&mut first, put(b"old"));
    assert_eq!(secret(&mut second), Some(b"old".to_vec()));
    stored(&mut first, put(b"new"));
    stored(&mut second, forget(b"old"));
    assert_eq!(secret(&mut second), Some(b"new".to_vec()));
    stored(&mut second, forget(b"new"));
    assert_eq!(secret(&mut first), None);
    assert_eq!(recover(&mut first).secrets, []);
}

/// Aim: the lease of the token's fetcher is measured by one clock, though those of the servers are days apart.
#[test]
fn the_token_is_fetched_by_one_whatever_the_servers_clocks_say() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    let ask = |holder, now_ms: i64| {
        Write::LeaseToken(Lease {
            holder,
            known: 0,
            refused: false,
            now_ms,
            until_ms: now_ms + 60_000,
            day: 1,
            most_per_day: 100,
        })
    };
    const DAY_MS: i64 = 86_400_000;
    assert_eq!(one(&mut first, ask(1, 20_000 * DAY_MS)), Written::Leased);
    for now_ms in [0, 19_999 * DAY_MS, 20_001 * DAY_MS, i64::MAX / 2] {
        assert_eq!(one(&mut second, ask(2, now_ms)), Written::Busy, "{now_ms}");
    }
    database
        .sql()
        .run("UPDATE wxgame.tokens SET leased_until_ms = leased_until_ms - 60000");
    assert_eq!(one(&mut second, ask(2, 0)), Written::Leased);
    stored(
        &mut second,
        Write::PutToken {
            holder: 2,
            version: 9,
            sealed: b"token".into(),
        },
    );
    assert!(matches!(
        one(&mut first, ask(1, 0)),
        Written::Token { version: 9, .. }
    ));
}

/// Aim: servers that prune at once share the work, wait for nobody, and take old secrets along.
#[test]
fn two_prune_at_once() {
    let database = Database::new();
    let mut first = database.server();
    let records: Vec<Write> = (0..200)
        .map(|n| Write::Insert(Box::new(closed(&format!("bill-{n}"), n))))
        .collect();
    first.commit(&records).expect("stored");
    for (name, now_ms) in [("old", 1), ("young", 1_000_000)] {
        stored(
            &mut first,
            Write::PutSecret {
                name: name.into(),
                sealed: vec![1],
                now_ms,
            },
        );
    }
    let prune = || {
        let mut journal = database.server();
        let mut count = 0;
        loop {
            match one(&mut journal, pruning(1_000, 9)) {
                Written::Pruned { records: 0, .. } => return count,
                Written::Pruned { records, .. } => count += records,
                other => panic!("{other:?}"),
            }
        }
    };
    let locked = database.sql();
    locked.run("BEGIN; SELECT 1 FROM wxgame.payments WHERE bill_no = 'bill-3' FOR UPDATE");
    let pruned: u64 = thread::scope(|scope| {
        let threads = [scope.spawn(prune), scope.spawn(prune)];
        threads
            .into_iter()
            .map(|thread| thread.join().expect("it ends"))
            .sum()
    });
    assert_eq!(pruned, 199);
    locked.run("COMMIT");
    assert_eq!(prune(), 1);
    assert_eq!(
        database.sql().number("SELECT count(*) FROM wxgame.seals"),
        200
    );
    assert_eq!(
        database.sql().value("SELECT name FROM wxgame.secrets"),
        "young"
    );
}

/// Aim: a clean close hands everything over at once, and leaves nothing behind where there is nothing to hand over.
#[test]
fn a_close_hands_over_at_once() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    stored(&mut first, insert("a"));
    drop(first);
    assert_eq!(bill_nos(&beat(&mut second, 10).taken), ["a"]);
    stored(
        &mut second,
        update(&Record {
            acked: true,
            ..done("a")
        }),
    );
    drop(second);
    let living = database
        .sql()
        .number("SELECT count(*) FROM wxgame.servers WHERE dead = 0");
    assert_eq!(living, 0);
    let third = database.server();
    database
        .sql()
        .run("UPDATE wxgame.servers SET lease_until_ms = 1 WHERE dead = 1");
    let mut third = third;
    beat(&mut third, 10);
    assert_eq!(
        database.sql().number("SELECT count(*) FROM wxgame.servers"),
        1
    );
}

/// Aim: what nobody has any more is found by the next opening, however that came about.
#[test]
fn an_opening_finds_what_fell_out_of_all_hands() {
    let database = Database::new();
    let mut first = database.server();
    for bill_no in ["a", "b", "c"] {
        stored(&mut first, insert(bill_no));
    }
    let sql = database.sql();
    sql.run("DELETE FROM wxgame.servers; UPDATE wxgame.payments SET owner = 0 WHERE bill_no = 'b'");
    let mut second = database.server();
    assert!(
        find(&mut second, "b").is_some_and(|record| record.elsewhere),
        "nobody drives it yet"
    );
    assert_eq!(bill_nos(&recover(&mut second).records), ["a", "b", "c"]);
    // And an operator may end a server that hangs.
    sql.run("UPDATE wxgame.servers SET dead = 1");
    let mut third = database.server();
    assert_eq!(bill_nos(&beat(&mut third, 10).taken), ["a", "b", "c"]);
}

/// Aim: a server whose clock is behind takes nothing over as younger than its neighbours know it to be.
#[test]
fn a_heartbeat_tells_the_latest_time_of_all_servers() {
    let database = Database::new();
    let (mut first, mut second) = (database.server(), database.server());
    let ahead = Write::Heartbeat {
        now_ms: 5_000,
        most: 0,
    };
    one(&mut first, ahead);
    assert_eq!(beat(&mut second, 0).latest_ms, 5_000);
}
