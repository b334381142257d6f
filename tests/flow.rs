//! Every cell of the payment's state machine: what each event does in each place a payment can stand.
//!
//! The table is written down in `tests/flow_table.txt` and reviewed like code; `UPDATE_FLOW_TABLE=1` rewrites it. A
//! new event does not compile here before it has a column, a new place to wait not before it has a row.

use std::fmt::Write as _;

use wxgame::api::{Call, errcode::Class};
use wxgame::client::completion::WaitingFor;
use wxgame::client::flow::{Answer, Context, Event, Limits, Payment, RESEND_LIMIT_MS, Step};
use wxgame::store::{Generation, Kind, Record, State};

const LIMITS: Limits = Limits {
    timeout_ms: 10_000,
    late_window_ms: 600_000,
    unknown_patience_ms: 1_800_000,
    resend_limit_ms: RESEND_LIMIT_MS,
};

fn record(kind: Kind) -> Record {
    Record {
        id: 1,
        offer_id: "1".into(),
        pf: "android".into(),
        openid: "o1".into(),
        zone_id: "1".into(),
        amount: 10,
        deadline_at_ms: 30_000,
        pay_bill_no: match kind {
            Kind::Refund => "b0".into(),
            _ => String::new(),
        },
        ..Record::new(kind, generation(kind), "b1")
    }
}

/// Parts of a payment are given back in virtual payment 2.0 only.
fn generation(kind: Kind) -> Generation {
    match kind {
        Kind::Refund => Generation::V2,
        _ => Generation::V1,
    }
}

/// A payment and the world round it.
#[derive(Clone)]
struct Stand {
    payment: Payment,
    now_ms: i64,
    session: bool,
    token: bool,
    clock_trusted: bool,
    lease: bool,
}

impl Stand {
    fn new(kind: Kind) -> Self {
        Self {
            payment: Payment::submitted(record(kind), 0, 0),
            now_ms: 0,
            session: true,
            token: true,
            clock_trusted: true,
            lease: true,
        }
    }

    fn on(mut self, event: Event) -> Self {
        self.steps(event);
        self
    }

    fn steps(&mut self, event: Event) -> Vec<Step> {
        let context = Context {
            now_ms: self.now_ms,
            wall_ms: self.now_ms,
            random: u32::MAX / 2,
            session: self.session,
            token: self.token,
            waits_for_session: true,
            closing: false,
            clock_trusted: self.clock_trusted,
            lease: self.lease,
            retry_slot_ms: 0,
            limits: &LIMITS,
        };
        let mut steps = Vec::new();
        self.payment.on(event, &context, &mut steps);
        steps
    }

    fn at(mut self, now_ms: i64) -> Self {
        self.now_ms = now_ms;
        self
    }

    fn out(kind: Kind) -> Self {
        Self::new(kind).on(Event::Wake).on(Event::Written)
    }

    fn unknown(kind: Kind) -> Self {
        Self::out(kind).on(Event::Unknown("lost".into()))
    }

    fn out_again(kind: Kind) -> Self {
        Self::unknown(kind).at(5_000).on(Event::Wake)
    }

    /// A payment that is done and acknowledged, and is to be given back.
    fn refunding() -> Self {
        let done = Record {
            state: State::Done,
            acked: true,
            ..record(Kind::Pay)
        };
        Self {
            payment: Payment::refunding(done, 0, 0, &LIMITS),
            ..Self::new(Kind::Pay)
        }
    }

    fn cancelling() -> Self {
        Self::unknown(Kind::Pay)
            .on(Event::Cancel)
            .on(Event::Written)
    }
}

fn answer(class: Class, errcode: i32) -> Event {
    Event::Answered(Answer {
        class,
        errcode,
        errmsg: String::new(),
        balance: None,
        used_gen_amt: None,
    })
}

/// WeChat does not know the payment that a cancel is of.
fn order_not_found() -> Event {
    answer(Class::Done, 90000)
}

/// Every event, with every class of answer.
fn events() -> Vec<(&'static str, Event)> {
    let events = vec![
        ("wake", Event::Wake),
        ("written", Event::Written),
        ("write failed", Event::WriteFailed { maybe: false }),
        ("write failed, maybe", Event::WriteFailed { maybe: true }),
        ("done", answer(Class::Done, 0)),
        ("order not found", order_not_found()),
        ("unknown code", answer(Class::Unknown, -1)),
        ("session", answer(Class::Session, 90010)),
        ("token", answer(Class::Token, 42001)),
        ("duplicate", answer(Class::Duplicate, 90012)),
        ("refused", answer(Class::Refused, 90013)),
        ("configuration", answer(Class::Configuration, 90011)),
        ("quota", answer(Class::Quota, 45011)),
        ("not sent", Event::NotSent(String::new())),
        ("no answer", Event::Unknown(String::new())),
        ("cancel", Event::Cancel),
        ("mended", Event::Mended),
        ("clock ahead", Event::ClockAhead { by_ms: 1 }),
        ("resume", Event::Resume),
        ("settle done", Event::Settle { done: true }),
        ("settle rejected", Event::Settle { done: false }),
    ];
    for (_, event) in &events {
        // No wildcard: a new event must be given a column above.
        match event {
            Event::Wake
            | Event::Written
            | Event::WriteFailed { .. }
            | Event::Answered(_)
            | Event::NotSent(_)
            | Event::Unknown(_) => {}
            Event::Cancel
            | Event::Mended
            | Event::ClockAhead { .. }
            | Event::Resume
            | Event::Settle { .. } => {}
        }
    }
    events
}

/// Every place where a payment can stand.
fn stands() -> Vec<(&'static str, Stand)> {
    let without_session = || Stand {
        session: false,
        ..Stand::new(Kind::Pay)
    };
    let without_token = || Stand {
        token: false,
        ..Stand::new(Kind::Pay)
    };
    let mut held = Stand::unknown(Kind::Pay);
    held.payment.hold();
    let old = Stand {
        clock_trusted: false,
        payment: Payment::recovered(record(Kind::Pay), 0, RESEND_LIMIT_MS, &LIMITS),
        ..Stand::new(Kind::Pay)
    };
    vec![
        (
            "first write under way",
            Stand::new(Kind::Pay).on(Event::Wake),
        ),
        (
            "awaits a session, nothing open",
            without_session().on(Event::Wake),
        ),
        (
            "awaits a token, nothing open",
            without_token().on(Event::Wake),
        ),
        (
            "awaits the lease, nothing open",
            Stand {
                lease: false,
                ..Stand::new(Kind::Pay)
            }
            .on(Event::Wake)
            .on(Event::Written),
        ),
        (
            "awaits the lease, one open",
            Stand {
                lease: false,
                ..Stand::unknown(Kind::Pay)
            }
            .at(5_000)
            .on(Event::Wake),
        ),
        ("pay is out, nothing else open", Stand::out(Kind::Pay)),
        ("pay is out, another open", Stand::out_again(Kind::Pay)),
        (
            "present is out, nothing else open",
            Stand::out(Kind::Present),
        ),
        (
            "present is out, another open",
            Stand::out_again(Kind::Present),
        ),
        (
            "backs off, nothing open",
            Stand::out(Kind::Pay).on(Event::NotSent(String::new())),
        ),
        ("backs off, one open", Stand::unknown(Kind::Pay)),
        (
            "awaits a session, one open",
            Stand {
                session: false,
                ..Stand::unknown(Kind::Pay)
            }
            .at(5_000)
            .on(Event::Wake),
        ),
        ("awaits WeChat's clock", old.on(Event::Wake)),
        ("held", held),
        (
            "turn to cancel being written",
            Stand::unknown(Kind::Pay).on(Event::Cancel),
        ),
        ("quiet time", Stand::cancelling()),
        (
            "cancel is out",
            Stand::cancelling().at(700_000).on(Event::Wake),
        ),
        (
            "cancel of a finished payment is out",
            Stand::refunding()
                .on(Event::Wake)
                .on(Event::Written)
                .at(700_000)
                .on(Event::Wake),
        ),
        (
            "first write of a refund of a part",
            Stand::new(Kind::Refund).on(Event::Wake),
        ),
        (
            "refund of a part awaits a session, nothing open",
            Stand {
                session: false,
                ..Stand::new(Kind::Refund)
            }
            .on(Event::Wake),
        ),
        (
            "refund of a part is out, nothing else open",
            Stand::out(Kind::Refund),
        ),
        (
            "refund of a part is out, another open",
            Stand::out_again(Kind::Refund),
        ),
        (
            "refund of a part backs off, nothing open",
            Stand::out(Kind::Refund).on(Event::NotSent(String::new())),
        ),
        (
            "refund of a part backs off, one open",
            Stand::unknown(Kind::Refund),
        ),
        (
            "refund of a part awaits a session, one open",
            Stand {
                session: false,
                ..Stand::unknown(Kind::Refund)
            }
            .at(5_000)
            .on(Event::Wake),
        ),
        (
            "final write of a refund of a part",
            Stand::out(Kind::Refund).on(answer(Class::Done, 0)),
        ),
        (
            "shown: refund of a part needs review",
            Stand::out(Kind::Refund)
                .on(order_not_found())
                .on(Event::Written),
        ),
        (
            "final write under way",
            Stand::out(Kind::Pay).on(answer(Class::Done, 0)),
        ),
        (
            "final write to be tried again",
            Stand::out(Kind::Pay)
                .on(answer(Class::Done, 0))
                .on(Event::WriteFailed { maybe: false }),
        ),
        (
            "shown: done",
            Stand::out(Kind::Pay)
                .on(answer(Class::Done, 0))
                .on(Event::Written),
        ),
        (
            "shown: needs review",
            Stand::out(Kind::Pay)
                .on(answer(Class::Duplicate, 90012))
                .on(Event::Written),
        ),
    ]
}

fn in_short(step: &Step) -> String {
    match step {
        Step::Send {
            call: Call::CancelPay,
            ..
        } => "send cancel".into(),
        Step::Send { .. } => "send".into(),
        Step::Journal => "journal".into(),
        Step::NeedSession => "need session".into(),
        Step::NeedToken => "need token".into(),
        Step::NeedClock => "need clock".into(),
        Step::NeedLease => "need lease".into(),
        Step::SessionRefused => "drop session".into(),
        Step::TokenRefused => "drop token".into(),
        Step::Misconfigured => "report".into(),
        Step::TakeRetrySlot => "take slot".into(),
        Step::Show => "show".into(),
    }
}

fn table() -> String {
    let mut text = String::new();
    for (place, stand) in stands() {
        let _ = writeln!(
            text,
            "{place} ({:?}, waits for {:?})",
            stand.payment.record.state,
            stand.payment.waiting_for()
        );
        let cancel_is_out = stand.payment.call_on_the_way() == Some(Call::CancelPay);
        for (name, event) in events() {
            if event == order_not_found() && !cancel_is_out {
                // To nothing else does WeChat's 90000 mean anything.
                continue;
            }
            let mut stand = stand.clone();
            let steps: Vec<String> = stand.steps(event).iter().map(in_short).collect();
            let steps = if steps.is_empty() {
                "-".into()
            } else {
                steps.join(", ")
            };
            let record = &stand.payment.record;
            let waits = stand.payment.waiting_for();
            let _ = writeln!(
                text,
                "    {name:20} {steps:24} {:?} {:?}, waits for {waits:?}",
                record.state, record.reason
            );
        }
    }
    text
}

#[test]
fn every_cell_of_the_state_machine_is_as_it_was_decided() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/flow_table.txt");
    let now = table();
    if std::env::var_os("UPDATE_FLOW_TABLE").is_some() {
        std::fs::write(path, &now).expect("the table can be written");
    }
    let decided = std::fs::read_to_string(path).expect("the table is there");
    for (line, (decided, now)) in decided.lines().zip(now.lines()).enumerate() {
        assert_eq!(decided, now, "tests/flow_table.txt:{}", line + 1);
    }
    assert_eq!(decided.lines().count(), now.lines().count());
}

#[test]
fn every_place_to_wait_has_a_row() {
    let seen: Vec<WaitingFor> = stands()
        .iter()
        .map(|(_, stand)| stand.payment.waiting_for())
        .collect();
    let all = [
        WaitingFor::Nothing,
        WaitingFor::Session,
        WaitingFor::Token,
        WaitingFor::BackOff,
        WaitingFor::QuietTime,
        WaitingFor::Answer,
        WaitingFor::Journal,
        WaitingFor::Operator,
    ];
    for waiting in all {
        assert!(seen.contains(&waiting), "{waiting:?}");
        // No wildcard: a new place to wait must be listed above, and so needs a row.
        match waiting {
            WaitingFor::Nothing | WaitingFor::Session | WaitingFor::Token | WaitingFor::BackOff => {
            }
            WaitingFor::QuietTime
            | WaitingFor::Answer
            | WaitingFor::Journal
            | WaitingFor::Operator => {}
            // Item orders alone wait for the player, and are no payments.
            WaitingFor::Player => {}
            // What another server drives is no payment of this one.
            WaitingFor::Server => {}
        }
    }
}

#[test]
fn nothing_is_sent_in_an_event_that_has_just_asked_for_a_write() {
    for (place, stand) in stands() {
        for (name, event) in events() {
            let steps = stand.clone().steps(event);
            let journal = steps.iter().position(|step| *step == Step::Journal);
            let send = steps
                .iter()
                .position(|step| matches!(step, Step::Send { .. }));
            assert!(
                journal.is_none() || send.is_none(),
                "{place}, {name}: {steps:?}"
            );
        }
    }
}

#[test]
fn a_shown_payment_changes_only_when_a_person_settles_what_needs_review() {
    for (place, stand) in stands()
        .into_iter()
        .filter(|(_, stand)| stand.payment.is_shown())
    {
        for (name, event) in events() {
            let settles =
                name.starts_with("settle") && stand.payment.record.state == State::NeedsReview;
            let mut after = stand.clone();
            let steps = after.steps(event);
            if !settles {
                assert_eq!(
                    (after.payment.record, steps),
                    (stand.payment.record.clone(), vec![]),
                    "{place}, {name}"
                );
            }
        }
    }
}
