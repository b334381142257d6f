//! The host: what it has ordered, what it was told, and whether it was told rightly.

use wxgame::client::completion::{
    Completion, CompletionKind, FLAG_REDELIVERED, FLAG_SHUTDOWN, Outcome,
};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Kind, Record, State};

use crate::disk::Disk;
use crate::wechat::AMOUNT;
use crate::world::World;

/// One order in the host's own database.
pub struct Order {
    pub kind: Kind,
    /// Of a part, that of its refund.
    pub bill_no: String,
    pub amount: i64,
    /// The host has submitted it at least once.
    pub placed: bool,
    /// The final answer the host has acted on.
    pub told: Option<State>,
    /// That answer's acknowledgement is durable.
    pub acked: bool,
    /// The host has acknowledged it to the running process; a failed write then means: again after a restart.
    pub ack_given: bool,
    /// The host wants the finished payment back.
    pub refund: bool,
    /// It has asked for a cancel, finished or not.
    pub cancel_asked: bool,
    /// A part that cannot be given back: nothing was sent, nothing is kept.
    pub refused: bool,
    /// The final answer on the disk.
    pub sealed: Option<State>,
    /// This process owes the host the final answer on its own account.
    pub owed: bool,
    /// The engine could say nothing and will not come back to it: the host asks again.
    pub ask_again: bool,
    pub sends: u32,
    pub first_sent_ms: Option<i64>,
}

/// One submission of the running process.
struct Asked {
    id: u64,
    order: usize,
    answered: bool,
}

/// The host of all orders of one player.
pub struct Host {
    pub orders: Vec<Order>,
    asked: Vec<Asked>,
    last_submission: u64,
    /// Final answers to acknowledge: delivery ids.
    pub to_ack: Vec<u64>,
    /// The engine has asked for a session_key.
    pub session_wanted: bool,
}

impl Host {
    pub fn new(kinds: &[Kind], part: i64) -> Self {
        let orders = kinds.iter().enumerate().map(|(at, kind)| Order {
            kind: *kind,
            bill_no: format!("order-{at}"),
            amount: if *kind == Kind::Refund { part } else { AMOUNT },
            placed: false,
            told: None,
            acked: false,
            ack_given: false,
            refund: false,
            cancel_asked: false,
            refused: false,
            sealed: None,
            owed: false,
            ask_again: false,
            sends: 0,
            first_sent_ms: None,
        });
        Self {
            orders: orders.collect(),
            asked: Vec::new(),
            last_submission: 0,
            to_ack: Vec::new(),
            session_wanted: false,
        }
    }

    /// The order of a number; the first one stands for requests without a number.
    pub fn order_of(&self, bill_no: &str) -> usize {
        self.find(bill_no).unwrap_or_default()
    }

    pub fn find(&self, bill_no: &str) -> Option<usize> {
        let named = |order: &Order| order.bill_no == bill_no;
        self.orders.iter().position(named)
    }

    /// Which order a completion is about.
    fn order_told_of(&self, completion: &Completion) -> usize {
        let asked = self
            .asked
            .iter()
            .find(|asked| asked.id == completion.submission);
        match asked {
            Some(asked) => asked.order,
            None if completion.refund_bill_no.is_empty() => self.order_of(&completion.bill_no),
            None => self.order_of(&completion.refund_bill_no),
        }
    }

    /// Counts a new submission about an order.
    pub fn submit(&mut self, order: usize) -> u64 {
        self.last_submission += 1;
        self.asked.push(Asked {
            id: self.last_submission,
            order,
            answered: false,
        });
        self.last_submission
    }

    /// What a new process owes: every answer that is open or not acknowledged.
    pub fn process_started(&mut self, records: &[Record]) {
        for order in &mut self.orders {
            let known = |record: &&Record| record.bill_no == order.bill_no;
            order.owed = records.iter().any(|record| known(&record));
            order.ack_given = false;
        }
    }

    pub fn process_died(&mut self) {
        self.asked.clear();
        self.to_ack.clear();
        self.session_wanted = false;
    }

    pub fn ack_is_durable(&mut self, disk: &Disk, id: u64) {
        if let Some(record) = disk.delivered(id).filter(|record| record.state.is_final()) {
            let order = self.order_of(&record.bill_no);
            self.orders[order].acked = true;
        }
    }

    pub fn ack_is_given(&mut self, disk: &Disk, id: u64) {
        if let Some(record) = disk.delivered(id) {
            let order = self.order_of(&record.bill_no);
            self.orders[order].ack_given = true;
        }
    }

    /// The first submission of this process that has no completion yet.
    pub fn unanswered(&self) -> Option<u64> {
        let open = self.asked.iter().find(|asked| !asked.answered);
        open.map(|asked| asked.id)
    }
}

impl World {
    /// The host reads one completion.
    pub fn hear(&mut self, completion: Completion) {
        if completion.kind == Some(CompletionKind::SessionNeeded) {
            self.host.session_wanted = true;
            return;
        }
        let at = self.host.order_told_of(&completion);
        let resolved = completion.kind == Some(CompletionKind::Resolved);
        if resolved {
            if !std::mem::take(&mut self.host.orders[at].owed) {
                let bill_no = &completion.bill_no;
                self.violate("I6", format!("{bill_no} is resolved, but nobody waits"));
            }
        } else {
            self.tick_off(completion.submission);
        }
        match completion.outcome {
            Outcome::None => self.hear_refusal(at, &completion),
            Outcome::Unknown => self.hear_unknown(at, &completion),
            _ => self.hear_final(at, &completion),
        }
        let order = &self.host.orders[at];
        if resolved && order.told.is_none() && !order.refused {
            self.violate("I5", "a resolved payment without a final answer");
        }
    }

    fn tick_off(&mut self, submission: u64) {
        let asked = self.host.asked.iter_mut();
        match asked
            .into_iter()
            .find(|asked| asked.id == submission)
            .map(|asked| std::mem::replace(&mut asked.answered, true))
        {
            Some(false) => {}
            Some(true) => self.violate("I6", format!("submission {submission} completes twice")),
            None => self.violate("I6", format!("nobody submitted {submission}")),
        }
    }

    /// No answer about money: the submission contradicts the journal.
    fn hear_refusal(&mut self, at: usize, completion: &Completion) {
        if self.host.orders[at].kind == Kind::Refund {
            return self.hear_part_refused(at, completion);
        }
        let known = self.disk.find(&self.host.orders[at].bill_no).is_some();
        let right = match completion.error {
            Some(ErrorKind::NotFound) => !known,
            Some(ErrorKind::WrongState) => known || self.host.orders[at].kind == Kind::Present,
            _ => false,
        };
        if !right {
            self.violate("I5", format!("refused without reason: {completion:?}"));
        }
    }

    fn hear_unknown(&mut self, at: usize, completion: &Completion) {
        if completion.delivery_id != 0 {
            self.violate("I5", "an unknown payment asks to be acknowledged");
        }
        let order = &mut self.host.orders[at];
        let part = order.kind == Kind::Refund;
        let shutting_down = completion.flags & FLAG_SHUTDOWN != 0;
        match completion.error {
            _ if part && completion.payment.is_none() => order.ask_again |= !shutting_down,
            // The journal could not be read: the engine has dropped the question.
            Some(ErrorKind::Journal) => {
                order.owed = false;
                order.ask_again |= part || completion.kind != Some(CompletionKind::CancelPay);
            }
            _ if shutting_down => {}
            // A cancel_pay that was only being looked up is not about a payment yet.
            _ => order.owed |= completion.payment.is_some(),
        }
    }

    fn hear_final(&mut self, at: usize, completion: &Completion) {
        let Some(claimed) = claimed(completion) else {
            return self.violate("I5", format!("no such answer: {completion:?}"));
        };
        let order = &self.host.orders[at];
        let bill_no = order.bill_no.clone();
        if !self.names(order, completion) {
            return self.violate(
                "I5",
                format!("{bill_no} is told as another: {completion:?}"),
            );
        }
        let record = self.disk.find(&bill_no);
        let shutting_down = completion.flags & FLAG_SHUTDOWN != 0;
        let state = match record.map(|record| record.state) {
            Some(state) if claimed.contains(&state) => state,
            // Nothing of it ever reached the journal.
            None if claimed.contains(&State::NotSent) && order.sends == 0 => State::NotSent,
            on_disk => {
                let what = format!("{bill_no} is told {claimed:?}, the disk says {on_disk:?}");
                return self.violate("I5", what);
            }
        };
        if let Some(record) = record
            && completion.delivery_id != record.delivery_id()
            && !shutting_down
        {
            self.violate("I6", format!("{bill_no} cannot be acknowledged"));
        }
        if let Some(earlier) = self.host.orders[at].told
            && earlier != state
        {
            let what = format!("{bill_no} was told {earlier:?} and now {state:?}");
            self.violate("I7", what);
        }
        if completion.flags & FLAG_REDELIVERED != 0 && self.host.orders[at].acked {
            self.violate("I6", format!("{bill_no} comes again after its ack"));
        }
        self.host.orders[at].told = Some(state);
        if completion.delivery_id != 0 && !self.host.to_ack.contains(&completion.delivery_id) {
            self.host.to_ack.push(completion.delivery_id);
        }
    }
}

/// What the journal must say for a completion to be true. To a cancel_pay, *done* means that nothing is taken.
pub fn claimed(completion: &Completion) -> Option<&'static [State]> {
    let part = completion.payment == Some(Kind::Refund);
    let cancels = completion.kind == Some(CompletionKind::CancelPay) && !part;
    match (completion.outcome, cancels) {
        (Outcome::Done, false) | (Outcome::Rejected, true) => Some(&[State::Done]),
        (Outcome::Done, true) => Some(&[State::Rejected, State::NotSent]),
        (Outcome::Rejected, false) => Some(&[State::Rejected]),
        (Outcome::NotSent, false) => Some(&[State::NotSent]),
        (Outcome::NeedsReview, _) => Some(&[State::NeedsReview]),
        _ => None,
    }
}
