//! One payment, as the disk knows it.

use crate::error::Error;

/// The most bytes of [`Record::host_data`].
pub const HOST_DATA_MAX: usize = 256;

/// Before the number of an item that nobody ordered here: a push told of it.
pub(crate) const PUSHED_ITEM: &str = "item:";

/// Below are the ids of records: 2^48 of them, a million a second for nine years.
const REPLACED_SHIFT: u32 = 48;

/// What a record stands for. The numbers are those of the completions' kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Takes coins; can be cancelled.
    Pay = 1,
    /// Gives coins; cannot be cancelled.
    Present = 2,
    /// Gives a part of a finished pay back, under a number of its own; virtual payment 2.0.
    Refund = 4,
    /// An item that the player pays with money in the game client: ordered here, or told of by a push.
    Item = 15,
    /// What a push told that is no item: coins that arrived, money that went back, a gift pack.
    Push = 17,
}

/// Which of WeChat's two payment APIs a record was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `/cgi-bin/midas/*`
    V1 = 1,
    /// `/wxa/game/*`
    V2 = 2,
}

/// Where a payment stands, as the disk knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// A pay or present is about to leave, or has left and is not accounted for.
    Sending = 1,
    /// Turned to cancel: no pay is sent any more, the cancel is.
    Cancelling = 2,
    /// WeChat took (gave) the coins, once.
    Done = 3,
    /// The coins are not taken and never will be by this number.
    Rejected = 4,
    /// Nothing of it ever left.
    NotSent = 5,
    /// A person has to look: the library can neither finish nor deny it.
    NeedsReview = 6,
    /// An item order that the player may pay at any time.
    AwaitingPayment = 7,
}

impl State {
    /// A final state never changes again, but for a refund of a finished payment, a person's decision, and an item
    /// that is paid after all.
    pub fn is_final(self) -> bool {
        !matches!(
            self,
            State::Sending | State::Cancelling | State::AwaitingPayment
        )
    }
}

/// Why a payment stands where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reason {
    /// Nothing to add.
    #[default]
    None = 0,
    /// The player has too few coins (90013).
    BalanceTooLow = 1,
    /// No valid session_key until the deadline.
    Session = 2,
    /// No valid access_token, or the quota was used up, until the deadline.
    Credential = 3,
    /// The request was refused as wrong: key, offer_id, zone_id, a parameter.
    Configuration = 4,
    /// Cancelled, by the host or because its outcome stayed unknown for too long.
    Cancelled = 5,
    /// The number had been used by somebody else (90012 with no attempt of ours open).
    Duplicate = 6,
    /// WeChat could not be reached until the deadline.
    Network = 7,
    /// 47 hours passed without an answer.
    Expired = 8,
    /// WeChat does not know the order that was to be refunded.
    RefundUnknown = 9,
    /// The deadline passed before anything could be sent.
    Deadline = 10,
    /// The journal could not be written.
    Journal = 11,
    /// A person looked at what needed review and decided.
    Settled = 12,
    /// The player has not paid the item order.
    NotPaid = 13,
    /// WeChat knows no such order, or not yet.
    OrderUnknown = 14,
    /// WeChat tells of another player, item or quantity than was ordered under this number.
    Mismatch = 15,
}

/// Why a part of a payment cannot be given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unrefundable {
    /// The journal has no record of the payment.
    Unknown,
    /// It is not a pay, or not done.
    NotDone,
    /// The host has not acknowledged it.
    NotAcked,
    /// Less than that is left of it.
    MoreThanLeft {
        /// Coins.
        left: i64,
    },
}

/// One payment as the disk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The journal's own number of this record; 0 before it is stored.
    pub id: u64,
    /// The caller's number, kept for every retry. Of a refund: the refund's own. What only a push told of has a word
    /// and `:` in front, which no caller's number has.
    pub bill_no: String,
    /// Pay or present.
    pub kind: Kind,
    /// Which API it is sent through.
    pub generation: Generation,
    /// Payment application id.
    pub offer_id: String,
    /// Platform, `android` unless told otherwise; in virtual payment 2.0 only of an item order, and may be empty.
    pub pf: String,
    /// The player.
    pub openid: String,
    /// The zone, text even where it looks like a number.
    pub zone_id: String,
    /// Coins to take or give, or how many of an item; greater than 0.
    pub amount: i64,
    /// Item name, empty when absent. Of an item order: its productId.
    pub pay_item: String,
    /// Note for the account's log, empty when absent. Of an item order: its attach.
    pub app_remark: String,
    /// Price of one item in fen; 0 where there is none.
    pub goods_price: i64,
    /// Of a refund: the number of the pay. Empty for all else.
    pub pay_bill_no: String,
    /// Of a pay: coins that refunds have given back, or may have. Kept by the journal, with each refund.
    pub refunded: i64,
    /// The player's public address, empty when absent.
    pub user_ip: String,
    /// The host's tag of the first submission.
    pub user_tag: u64,
    /// The host's own bytes, kept for it and never sent; at most [`HOST_DATA_MAX`].
    pub host_data: Vec<u8>,
    /// Where it stands.
    pub state: State,
    /// Why it stands there.
    pub reason: Reason,
    /// True while a finished payment is being given back.
    pub refund: bool,
    /// True once the host has acknowledged the final answer.
    pub acked: bool,
    /// How many final answers another one has replaced: refunds, and decisions of a person.
    pub replaced: u16,
    /// WeChat's last errcode, 0 when there is none.
    pub errcode: i32,
    /// WeChat's last errmsg.
    pub errmsg: String,
    /// Balance after the payment, where WeChat told it.
    pub balance: Option<i64>,
    /// How many gift coins the payment used, where WeChat told it.
    pub used_gen_amt: Option<i64>,
    /// Name of the push that told of it, empty without one.
    pub push_event: String,
    /// What that push said, as it said it.
    pub payload: String,
    /// When it was submitted, Unix milliseconds.
    pub created_at_ms: i64,
    /// After this nobody may be charged for the first time, Unix milliseconds.
    pub deadline_at_ms: i64,
    /// When the first attempt was about to leave, Unix milliseconds; 0 = never.
    pub first_sent_at_ms: i64,
    /// When this record was last written, Unix milliseconds.
    pub updated_at_ms: i64,
    /// Told by a journal that servers share, never stored: another server has it, or had it and its lease may have
    /// ended; or it is not over and nobody has it yet.
    pub elsewhere: bool,
}

impl Record {
    /// A record of this number, about to be sent for the first time; everything else is empty or 0.
    pub fn new(kind: Kind, generation: Generation, bill_no: &str) -> Self {
        Self {
            id: 0,
            bill_no: bill_no.to_owned(),
            kind,
            generation,
            offer_id: String::new(),
            pf: String::new(),
            openid: String::new(),
            zone_id: String::new(),
            amount: 0,
            pay_item: String::new(),
            app_remark: String::new(),
            goods_price: 0,
            pay_bill_no: String::new(),
            refunded: 0,
            user_ip: String::new(),
            user_tag: 0,
            host_data: Vec::new(),
            state: State::Sending,
            reason: Reason::None,
            refund: false,
            acked: false,
            replaced: 0,
            errcode: 0,
            errmsg: String::new(),
            balance: None,
            used_gen_amt: None,
            push_event: String::new(),
            payload: String::new(),
            created_at_ms: 0,
            deadline_at_ms: 0,
            first_sent_at_ms: 0,
            updated_at_ms: 0,
            elsewhere: false,
        }
    }

    /// Whether `other` asks for the same payment: the same money call in every field that WeChat books. Which API it
    /// goes through, and for which platform, is decided when a number is first used and stays.
    pub fn same_payment(&self, other: &Record) -> bool {
        self.kind == other.kind
            && self.offer_id == other.offer_id
            && self.openid == other.openid
            && self.zone_id == other.zone_id
            && self.amount == other.amount
            && self.pay_item == other.pay_item
            && self.app_remark == other.app_remark
            && self.goods_price == other.goods_price
            && self.pay_bill_no == other.pay_bill_no
    }

    /// Whether it is an item that was ordered here; of all others only a push told.
    pub(crate) fn is_ordered(&self) -> bool {
        self.kind == Kind::Item && !self.bill_no.starts_with(PUSHED_ITEM)
    }

    /// The number under which the same item stands if it came the other way: ordered, or told of by a push.
    pub(crate) fn other_number(&self) -> Option<String> {
        match (self.kind, self.bill_no.strip_prefix(PUSHED_ITEM)) {
            (Kind::Item, Some(number)) => Some(number.to_owned()),
            (Kind::Item, None) => Some(format!("{PUSHED_ITEM}{}", self.bill_no)),
            _ => None,
        }
    }

    /// Its number as WeChat and the host know it.
    pub fn number(&self) -> &str {
        self.bill_no
            .split_once(':')
            .map_or(self.bill_no.as_str(), |(_, number)| number)
    }

    /// Names this final answer of it to the host: an ack of an earlier one is no ack of this. 0 before it is stored.
    pub fn delivery_id(&self) -> u64 {
        match self.id {
            0 => 0,
            id => id | u64::from(self.replaced) << REPLACED_SHIFT,
        }
    }

    /// Names the final answers that this one has replaced.
    pub(crate) fn earlier_delivery_ids(&self) -> impl Iterator<Item = u64> {
        (0..self.replaced).map(|replaced| self.id | u64::from(replaced) << REPLACED_SHIFT)
    }

    /// The record and the number of replaced answers that a delivery id names.
    pub(crate) fn of_delivery(delivery_id: u64) -> (u64, u16) {
        let replaced = (delivery_id >> REPLACED_SHIFT) as u16;
        (delivery_id & ((1 << REPLACED_SHIFT) - 1), replaced)
    }

    /// Whether nothing more will come of it: final, acknowledged, and no person has to look at it any more.
    /// What a person has settled is done or rejected ([`Reason::Settled`]).
    pub fn is_closed(&self) -> bool {
        self.acked && matches!(self.state, State::Done | State::Rejected | State::NotSent)
    }

    /// Whether something is still to come of it: it is open, or its final answer is not acknowledged.
    pub(crate) fn is_unfinished(&self) -> bool {
        !self.acked || !self.state.is_final()
    }

    /// Why no journal takes it, if none does.
    pub(crate) fn refused(&self) -> Option<Error> {
        if self.amount <= 0 {
            return Some(Error::invalid(
                "amount",
                "the journal takes amounts greater than 0",
            ));
        }
        if self.host_data.len() > HOST_DATA_MAX {
            return Some(Error::invalid(
                "host_data",
                "the journal takes at most 256 bytes",
            ));
        }
        None
    }

    /// Whether it waits for an answer of WeChat's or of a person's. An item order waits for the player.
    pub fn is_unresolved(&self) -> bool {
        matches!(
            self.state,
            State::Sending | State::Cancelling | State::NeedsReview
        )
    }

    /// Whether another server drives it: nothing of it is sent or decided here.
    pub(crate) fn is_driven_elsewhere(&self) -> bool {
        self.elsewhere && matches!(self.state, State::Sending | State::Cancelling)
    }

    /// Whether no coins come back by it: a refund that has ended so frees what it had reserved of its payment.
    pub(crate) fn gave_nothing_back(&self) -> bool {
        matches!(self.state, State::Rejected | State::NotSent)
    }

    /// Why `refund` cannot be taken from this payment, if it cannot.
    pub(crate) fn refuses(&self, refund: &Record) -> Option<Unrefundable> {
        let left = self.amount - self.refunded;
        match () {
            () if self.kind != Kind::Pay || self.state != State::Done => {
                Some(Unrefundable::NotDone)
            }
            () if !self.acked => Some(Unrefundable::NotAcked),
            () if refund.amount > left => Some(Unrefundable::MoreThanLeft { left }),
            () => None,
        }
    }

    /// The name of the first field in which [`Record::same_payment`] finds a difference.
    pub fn differs_in(&self, other: &Record) -> &'static str {
        let item = self.kind == Kind::Item;
        match () {
            () if self.kind != other.kind => "call (pay, present, refund or item order)",
            () if self.pay_bill_no != other.pay_bill_no => "bill_no of the payment",
            () if self.openid != other.openid => "openid",
            () if self.zone_id != other.zone_id => "zone_id",
            () if self.amount != other.amount && item => "buy_quantity",
            () if self.amount != other.amount => "amount",
            () if self.pay_item != other.pay_item && item => "product_id",
            () if self.pay_item != other.pay_item => "pay_item",
            () if self.app_remark != other.app_remark && item => "attach",
            () if self.app_remark != other.app_remark => "app_remark",
            () if self.goods_price != other.goods_price => "goods_price",
            () => "offer_id",
        }
    }
}
