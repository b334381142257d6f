//! One suite for every journal: what is written comes back as it was.

use crate::suite::{Place, promises};
use crate::{find, record, stored, update};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{HOST_DATA_MAX, Kind, Reason, Record, State, Write};

promises!(
    every_state_kind_and_reason_comes_back,
    every_text_comes_back,
    host_data_comes_back,
    too_much_host_data_is_refused,
    extreme_numbers_come_back,
    a_refused_value_is_told_from_a_failing_disk,
);

/// Aim: no state, kind or reason is lost on the way to the disk and back.
fn every_state_kind_and_reason_comes_back(place: &dyn Place) {
    let states = [
        State::Sending,
        State::Cancelling,
        State::Done,
        State::Rejected,
        State::NotSent,
        State::NeedsReview,
    ];
    let reasons = [
        Reason::None,
        Reason::BalanceTooLow,
        Reason::Session,
        Reason::Credential,
        Reason::Configuration,
        Reason::Cancelled,
        Reason::Duplicate,
        Reason::Network,
        Reason::Expired,
        Reason::RefundUnknown,
        Reason::Deadline,
        Reason::Journal,
        Reason::Settled,
    ];
    let mut records = Vec::new();
    for kind in [Kind::Pay, Kind::Present] {
        for state in states {
            for reason in reasons {
                let bill_no = format!("{kind:?}-{state:?}-{reason:?}");
                records.push(Record {
                    kind,
                    state,
                    reason,
                    ..record(&bill_no)
                });
            }
        }
    }
    let mut journal = place.open("wx1", "production");
    let batch: Vec<Write> = records
        .iter()
        .map(|record| Write::Insert(Box::new(record.clone())))
        .collect();
    journal.commit(&batch).expect("stored");
    drop(journal);
    let recovered = place
        .open("wx1", "production")
        .recover()
        .expect("read")
        .records;
    assert_eq!(recovered.len(), records.len());
    for (stored, submitted) in recovered.into_iter().zip(records) {
        assert_eq!(
            stored,
            Record {
                id: stored.id,
                ..submitted
            }
        );
    }
}

/// Aim: text is data: quotes, scripts and emoji come back byte for byte.
fn every_text_comes_back(place: &dyn Place) {
    let texts = [
        "",
        " ",
        "'; DROP TABLE payments; --",
        "\"double\" `back` \\slash\n\t%_?:1",
        "屠龙刀·订单 №1",
        "🗡️👩‍👩‍👧 e\u{301}",
    ];
    let mut journal = place.open("wx1", "production");
    for (n, text) in texts.iter().enumerate() {
        let submitted = Record {
            offer_id: text.to_string(),
            pf: text.to_string(),
            openid: text.to_string(),
            zone_id: text.to_string(),
            pay_item: text.to_string(),
            app_remark: text.to_string(),
            user_ip: text.to_string(),
            errmsg: text.to_string(),
            ..record(&format!("{n}{text}"))
        };
        let id = stored(&mut *journal, Write::Insert(Box::new(submitted.clone())));
        let expected = Record { id, ..submitted };
        assert_eq!(find(&mut *journal, &expected.bill_no), Some(expected));
    }
    assert_eq!(find(&mut *journal, "1%"), None);
}

/// Aim: host data is bytes: nothing in it ends it, and its absence is no bytes.
fn host_data_comes_back(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let every_byte: Vec<u8> = (0..=255).collect();
    let cases = [vec![], vec![0], vec![0; HOST_DATA_MAX], every_byte];
    for (n, host_data) in cases.into_iter().enumerate() {
        let bill_no = n.to_string();
        let submitted = Record {
            host_data,
            ..record(&bill_no)
        };
        let id = stored(&mut *journal, Write::Insert(Box::new(submitted.clone())));
        let changed = Record {
            host_data: b"other".to_vec(),
            ..submitted.clone()
        };
        assert!(submitted.same_payment(&changed));
        assert_eq!(stored(&mut *journal, update(&changed)), id);
        let expected = Record { id, ..submitted };
        assert_eq!(find(&mut *journal, &bill_no), Some(expected));
    }
}

/// Aim: one submission with too much of it fails alone.
fn too_much_host_data_is_refused(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let large = Record {
        host_data: vec![7; HOST_DATA_MAX + 1],
        ..record("a")
    };
    let failure = journal
        .commit(&[Write::Insert(Box::new(large))])
        .expect_err("too much");
    assert_eq!(failure.error.kind, ErrorKind::InvalidArgument);
    assert!(failure.is_one_write());
    assert_eq!(find(&mut *journal, "a"), None);
}

/// Aim: no number is cut, rounded or taken for an absent one.
fn extreme_numbers_come_back(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    for (n, user_tag) in [0, 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX]
        .into_iter()
        .enumerate()
    {
        let submitted = Record {
            user_tag,
            amount: i64::MAX,
            balance: Some(i64::MIN),
            used_gen_amt: Some(0),
            errcode: i32::MIN,
            created_at_ms: i64::MAX,
            deadline_at_ms: i64::MIN,
            ..record(&n.to_string())
        };
        let id = stored(&mut *journal, Write::Insert(Box::new(submitted.clone())));
        assert_eq!(
            find(&mut *journal, &n.to_string()),
            Some(Record { id, ..submitted })
        );
    }
}

/// Aim: a value the journal refuses is the write's fault, so that its neighbours can go on.
fn a_refused_value_is_told_from_a_failing_disk(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let bad = Record {
        amount: 0,
        ..record("a")
    };
    let failure = journal
        .commit(&[Write::Insert(Box::new(bad))])
        .expect_err("no amount");
    assert_eq!(failure.error.kind, ErrorKind::InvalidArgument);
    assert!(failure.is_one_write() && !failure.maybe_written);
    stored(&mut *journal, Write::Insert(Box::new(record("a"))));
}
