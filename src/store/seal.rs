//! What is left of a payment when its record is pruned: enough to know its number again.

use sha2::{Digest, Sha256};

use super::{Kind, Reason, Record, State, Written};

/// Stands for a pruned record, so that its number is not sent a second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seal {
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) reason: Reason,
    pub(super) fingerprint: Fingerprint,
    /// When the record was last written, Unix milliseconds.
    pub(super) closed_at_ms: i64,
}

impl Seal {
    /// The seal of a record that is about to go.
    pub(super) fn of(record: &Record) -> Seal {
        Seal {
            kind: record.kind,
            state: record.state,
            reason: record.reason,
            fingerprint: fingerprint(record),
            closed_at_ms: record.updated_at_ms,
        }
    }

    /// The answer to a write about its number; `asked` is what an insert wanted to store.
    pub(super) fn answer(&self, asked: Option<&Record>) -> Written {
        Written::Sealed {
            kind: self.kind,
            state: self.state,
            reason: self.reason,
            same: asked.map(|record| fingerprint(record) == self.fingerprint),
        }
    }
}

/// Tells the parameters of one payment from those of another.
pub(super) type Fingerprint = [u8; 16];

/// The first half of the SHA-256 of every field that [`Record::same_payment`] compares, each text after its
/// length. Never changed: old seals hold it.
fn fingerprint(record: &Record) -> Fingerprint {
    let mut hash = Sha256::new();
    hash.update([record.kind as u8]);
    hash.update(record.amount.to_be_bytes());
    for text in [
        &record.offer_id,
        &record.openid,
        &record.zone_id,
        &record.pay_item,
        &record.app_remark,
    ] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    // Only new kinds have these: what was sealed before there were any keeps its fingerprint.
    if matches!(record.kind, Kind::Refund | Kind::Item) {
        hash.update(record.goods_price.to_be_bytes());
        hash.update((record.pay_bill_no.len() as u64).to_be_bytes());
        hash.update(&record.pay_bill_no);
    }
    let mut half = Fingerprint::default();
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Generation;

    fn record() -> Record {
        Record {
            offer_id: "12345678".to_owned(),
            pf: "android".to_owned(),
            openid: "o-player".to_owned(),
            zone_id: "1".to_owned(),
            amount: 60,
            pay_item: "sword".to_owned(),
            user_tag: 7,
            state: State::Done,
            acked: true,
            created_at_ms: 1,
            deadline_at_ms: 2,
            first_sent_at_ms: 3,
            updated_at_ms: 4,
            ..Record::new(Kind::Pay, Generation::V1, "a")
        }
    }

    /// Aim: a later version of this library reads the seals of this one.
    #[test]
    fn the_fingerprint_of_a_payment_never_changes() {
        let expected = 0xead65548a00090f17d71c6506099c7d4_u128;
        assert_eq!(u128::from_be_bytes(fingerprint(&record())), expected);
    }

    /// Aim: a seal and a record agree on what the same payment is.
    #[test]
    fn the_fingerprint_differs_where_the_payment_does() {
        let same = Record {
            id: 9,
            user_ip: "192.0.2.1".into(),
            generation: Generation::V2,
            pf: "ios".into(),
            user_tag: 8,
            host_data: vec![1],
            state: State::Rejected,
            created_at_ms: 5,
            ..record()
        };
        let moved = Record {
            pay_item: "swor".into(),
            app_remark: "d".into(),
            ..record()
        };
        let others = [
            Record {
                kind: Kind::Present,
                ..record()
            },
            Record {
                offer_id: "1".into(),
                ..record()
            },
            Record {
                openid: "o-other".into(),
                ..record()
            },
            Record {
                zone_id: "2".into(),
                ..record()
            },
            Record {
                amount: 61,
                ..record()
            },
            Record {
                pay_item: "bow".into(),
                ..record()
            },
            Record {
                app_remark: "!".into(),
                ..record()
            },
            moved,
        ];
        assert!(record().same_payment(&same));
        assert_eq!(fingerprint(&record()), fingerprint(&same));
        for other in others {
            assert!(!record().same_payment(&other));
            assert_ne!(fingerprint(&record()), fingerprint(&other), "{other:?}");
        }
    }
}
