//! The journal's promises, through the public API.

#[cfg(feature = "postgres")]
mod cluster;
mod damage;
mod files;
mod items;
#[cfg(feature = "postgres")]
mod lost_answers;
#[cfg(feature = "postgres")]
mod moving;
mod opening;
#[cfg(feature = "postgres")]
mod postgres_large;
#[cfg(feature = "postgres")]
mod postgres_opening;
#[cfg(feature = "postgres")]
mod postgres_pooler;
#[cfg(feature = "postgres")]
mod postgres_tls;
#[cfg(feature = "postgres")]
mod postgres_trouble;
mod processes;
#[cfg(feature = "postgres")]
mod proxy;
mod queries;
mod refunds;
mod retention;
mod seals;
mod secrets;
#[cfg(feature = "postgres")]
mod server;
mod suite;
mod tokens;
mod values;
mod writer;

use wxgame::store::{Generation, Journal, Kind, Record, Write, Written};

/// A payment that was just submitted.
fn record(bill_no: &str) -> Record {
    Record {
        offer_id: "12345678".to_owned(),
        pf: "android".to_owned(),
        openid: "o-player".to_owned(),
        zone_id: "1".to_owned(),
        amount: 60,
        pay_item: "sword".to_owned(),
        app_remark: "first purchase".to_owned(),
        user_ip: "192.0.2.1".to_owned(),
        user_tag: u64::MAX - 1,
        created_at_ms: 1_700_000_000_000,
        deadline_at_ms: 1_700_000_030_000,
        updated_at_ms: 1_700_000_000_000,
        ..Record::new(Kind::Pay, Generation::V1, bill_no)
    }
}

fn insert(bill_no: &str) -> Write {
    Write::Insert(Box::new(record(bill_no)))
}

fn update(record: &Record) -> Write {
    Write::Update(Box::new(record.clone()))
}

fn find(journal: &mut dyn Journal, bill_no: &str) -> Option<Record> {
    let answers = journal.commit(&[Write::Find(bill_no.to_owned())]);
    match answers.expect("the journal can be read").remove(0) {
        Written::Found(record) => Some(*record),
        Written::Missing => None,
        other => panic!("a find answered {other:?}"),
    }
}

fn stored(journal: &mut dyn Journal, write: Write) -> u64 {
    match journal
        .commit(&[write])
        .expect("the journal can be written")
        .remove(0)
    {
        Written::Stored(id) => id,
        other => panic!("not stored: {other:?}"),
    }
}

fn bill_nos(records: &[Record]) -> Vec<&str> {
    records
        .iter()
        .map(|record| record.bill_no.as_str())
        .collect()
}
