//! A ledger of years: what it costs depends on what is asked, not on how much is there.

use super::*;
use crate::store::sqlite::{ledger, payments, seals};
use rusqlite::StatementStatus;

/// 100,000 payments that are closed, of which every tenth was pruned, and three that are not.
const FILL: &str = "
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
    INSERT INTO payments (appid, environment, generation, offer_id, bill_no, kind, pf, openid, zone_id, amount,
        pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms, state, reason,
        refund, acked, replaced, refunded, errcode, errmsg, push_event, payload, deadline_at_ms, first_sent_at_ms, updated_at_ms)
    SELECT 'wx1', 'sandbox', 'v1', '12345678', 'bill-' || n, 'pay', 'android', 'o-' || n, '1', 60, '', '', '', 0,
        '', n, x'', n, 'done', 'none', 0, 1, 0, 0, 0, '', '', '', n, n, n FROM n;
    INSERT INTO seals SELECT 'wx1', 'sandbox', 'seal-' || user_tag, 'pay', 'done', 'none', zeroblob(16), user_tag
        FROM payments WHERE user_tag % 10 = 0;
    INSERT INTO ledgers VALUES ('wx1', 'sandbox', 100000);";

/// What every statement of the journal does with its tables.
fn statements() -> Vec<(&'static str, String)> {
    vec![
        ("unfinished", payments::unfinished_sql()),
        ("find", payments::find_sql()),
        ("unresolved", payments::unresolved_sql()),
        ("take closed", payments::take_closed_sql()),
        ("update", payments::UPDATE.to_owned()),
        ("ack", payments::ACK.to_owned()),
        ("find seal", seals::FIND.to_owned()),
        ("drop seals", seals::DROP.to_owned()),
        ("secrets", ledger::SECRETS.to_owned()),
    ]
}

fn plan(conn: &Connection, sql: &str) -> String {
    let mut statement = conn
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .expect("it parses");
    let steps = statement
        .raw_query()
        .mapped(|row| row.get::<_, String>(3))
        .collect::<rusqlite::Result<Vec<_>>>();
    steps.expect("a plan").join("; ")
}

/// Aim: nothing the journal asks or changes goes through a whole table or sorts it, also without statistics.
#[test]
fn every_statement_uses_an_index() {
    let (_directory, journal) = journal();
    for (name, sql) in statements() {
        let plan = plan(&journal.conn, &sql);
        assert!(plan.contains("SEARCH"), "{name}: {plan}");
        for slow in ["SCAN", "TEMP B-TREE"] {
            assert!(!plan.contains(slow), "{name}: {plan}");
        }
    }
    for (name, sql, index) in [
        (
            "unfinished",
            payments::unfinished_sql(),
            "payments_unfinished",
        ),
        (
            "unresolved",
            payments::unresolved_sql(),
            "payments_unresolved",
        ),
        (
            "take closed",
            payments::take_closed_sql(),
            "payments_closed",
        ),
        ("drop seals", seals::DROP.to_owned(), "seals_closed"),
    ] {
        let plan = plan(&journal.conn, &sql);
        assert!(plan.contains(index), "{name}: {plan}");
    }
}

/// Aim: in a ledger of 100,000 payments an opening, a question, a payment and a pruning are bounded work.
#[test]
fn a_large_ledger_is_as_quick_as_a_small_one() {
    let (directory, mut journal) = journal();
    let path = directory.path().join("journal.db");
    journal
        .conn
        .execute_batch(&format!("BEGIN; {FILL} COMMIT"))
        .expect("filled");
    let open = ["open-1", "open-2", "open-3"].map(insert);
    journal.commit(&open).expect("stored");
    drop(journal);

    let mut journal = Sqlite::open(&path, "wx1", "sandbox").expect("opens");
    let recovered = journal.recover().expect("read");
    assert_eq!(recovered.records.len(), 3);
    assert_eq!(recovered.latest_ms, record("a").updated_at_ms);
    let prune = Write::Prune {
        closed_before_ms: 50_000,
        sealed_before_ms: 50_000,
        most: 100,
    };
    let unresolved = Write::Unresolved {
        after_id: 0,
        most: 100,
    };
    let answers = journal
        .commit(&[
            Write::Find("bill-99999".into()),
            Write::Find("seal-99990".into()),
            unresolved,
            insert("new"),
            Write::Update(Box::new(record("open-1"))),
            Write::Ack(1),
            prune.clone(),
            prune,
        ])
        .expect("it answers");
    let pruned = Written::Pruned {
        records: 100,
        seals: 100,
    };
    assert!(matches!(answers[0], Written::Found(_)));
    assert!(matches!(answers[1], Written::Sealed { .. }));
    assert!(matches!(&answers[2], Written::Records(page) if page.len() == 3));
    assert_eq!(answers[6..], [pruned.clone(), pruned]);

    // 100 rows of 30 columns are some 10,000 steps of SQLite's machine; 100,000 rows would be 100 times that.
    for (name, sql) in statements() {
        let statement = journal.conn.prepare_cached(&sql).expect("it parses");
        let steps = statement.get_status(StatementStatus::VmStep);
        let scanned = statement.get_status(StatementStatus::FullscanStep);
        let sorted = statement.get_status(StatementStatus::Sort);
        assert!((1..50_000).contains(&steps), "{name}: {steps} steps");
        assert_eq!((scanned, sorted), (0, 0), "{name}");
    }
}
