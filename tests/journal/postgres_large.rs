//! A large ledger costs no more than a small one.

use crate::retention::pruning;
use crate::server::{Database, Sql};
use crate::{insert, record, stored, update};
use std::thread;
use std::time::Duration;
use wxgame::store::{Journal, Record, State, Write};

/// Rows that were read by going through a whole table. What a session did is counted for certain when it has ended.
fn read_through(sql: &Sql) -> i64 {
    let open = "SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    while sql.number(open) > 0 {
        thread::sleep(Duration::from_millis(5));
    }
    sql.number("SELECT sum(seq_tup_read) FROM pg_stat_user_tables WHERE relname IN ('payments', 'seals', 'secrets')")
}

/// Aim: nothing that servers do, now and then or all the time, reads the whole ledger.
#[test]
fn a_large_ledger_is_never_read_through() {
    let database = Database::new();
    drop(database.server());
    database.sql().run(
        "INSERT INTO wxgame.payments (appid, environment, generation, offer_id, bill_no, kind, pf, openid, zone_id,
             amount, pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms, state,
             reason, refund, acked, replaced, refunded, errcode, errmsg, push_event, payload, deadline_at_ms,
             first_sent_at_ms, updated_at_ms)
         SELECT 'wx1', 'production', 'v1', '', 'bill-' || n, 'pay', '', '', '', 1, '', '', '', 0, '', 0, '', n, 'done',
             'none', 0, 1, 0, 0, 0, '', '', '', 0, 0, n FROM generate_series(1, 20000) AS n;
         INSERT INTO wxgame.seals SELECT appid, environment, 'old-' || bill_no, kind, state, reason,
             decode('00112233445566778899aabbccddeeff', 'hex'), created_at_ms FROM wxgame.payments;
         INSERT INTO wxgame.secrets SELECT appid, environment, bill_no, '', created_at_ms FROM wxgame.payments;
         ANALYZE",
    );
    let sql = database.sql();
    let before = read_through(&sql);
    let mut journal = database.server();
    journal.recover().expect("read");
    stored(&mut journal, insert("new"));
    let done = Record {
        state: State::Done,
        ..record("new")
    };
    let id = stored(&mut journal, update(&done));
    let find = |bill_no: &str| Write::Find(bill_no.into());
    let put = Write::PutSecret {
        name: "bill-7".into(),
        sealed: vec![1],
        now_ms: 1,
    };
    // A batch that asks for a good part of the ledger may well read all of it.
    let many: Vec<Write> = (0..20).map(|n| insert(&format!("many-{n}"))).collect();
    for batch in [
        vec![
            Write::Ack(id),
            find("bill-9"),
            find("old-bill-9"),
            find("never there"),
        ],
        vec![put, Write::FindSecret("bill-8".into())],
        vec![Write::DropSecret {
            name: "bill-9".into(),
            sealed: vec![],
        }],
        vec![Write::Unresolved {
            after_id: 0,
            most: 100,
        }],
        vec![pruning(50, 10)],
        vec![Write::Prune {
            closed_before_ms: 0,
            sealed_before_ms: 50,
            most: 10,
        }],
        vec![Write::AskCancel("many-1".into())],
        vec![Write::Heartbeat {
            now_ms: 1,
            most: 100,
        }],
        many,
    ] {
        journal.commit(&batch).expect("it answers");
    }
    drop(journal);
    let mut second = database.server();
    let beat = Write::Heartbeat {
        now_ms: 1,
        most: 100,
    };
    second.commit(&[beat]).expect("it takes over");
    drop(second);
    let read = read_through(&sql) - before;
    assert_eq!(read, 0, "rows of a ledger of 20000");
}

/// Aim: a heartbeat that finds nothing to take looks at no finished record, however many there are, and however many
/// are under way at other servers.
#[test]
fn a_heartbeat_does_not_walk_the_ledger() {
    let database = Database::new();
    let mut busy = database.server();
    let server = busy
        .recover()
        .expect("read")
        .tenure
        .expect("it is shared")
        .server;
    let sql = database.sql();
    sql.run(&rows("1, 20000", 1, 0));
    sql.run(&rows("20001, 21000", 0, server));
    sql.run("ANALYZE");
    let mut journal = database.server();
    let beat = Write::Heartbeat {
        now_ms: 1,
        most: 256,
    };
    journal.commit(&[beat]).expect("it answers");
    drop((journal, busy));
    read_through(&sql);
    let walked = sql.number(
        "SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'payments_pkey'",
    );
    assert!(walked < 1_000, "{walked} rows were looked at");
}

/// Rows of these numbers, as SQL.
fn rows(numbers: &str, acked: u8, owner: u64) -> String {
    format!(
            "INSERT INTO wxgame.payments (appid, environment, generation, offer_id, bill_no, kind, pf, openid, zone_id,
                 amount, pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms,
                 state, reason, refund, acked, replaced, refunded, errcode, errmsg, push_event, payload, deadline_at_ms,
                 first_sent_at_ms, updated_at_ms, owner)
             SELECT 'wx1', 'production', 'v1', '', 'bill-' || n, 'pay', '', '', '', 1, '', '', '', 0, '', 0, '', n,
                 'done', 'none', 0, {acked}, 0, 0, 0, '', '', '', 0, 0, n, {owner} FROM generate_series({numbers}) AS n"
        )
}

/// Aim: a planner that knows nothing of the table yet does not read all of it for one record.
#[test]
fn a_write_does_not_walk_a_ledger_without_statistics() {
    let database = Database::new();
    let mut journal = database.server();
    let sql = database.sql();
    sql.run(&rows("1, 20000", 1, 0));
    stored(&mut journal, insert("new"));
    stored(&mut journal, update(&record("new")));
    drop(journal);
    let read = read_through(&sql);
    let walked =
        sql.number("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = 'payments'");
    assert!(
        read + walked < 2_000,
        "{read} and {walked} rows were looked at"
    );
}
