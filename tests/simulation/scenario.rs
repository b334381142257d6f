//! What one simulation is about: the orders, the server, how much may go wrong, and what is broken on purpose.

use wxgame::store::{Generation, Kind};

use crate::wechat::{AMOUNT, Server};

/// One simulation.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: String,
    /// Through which of the two payment APIs.
    pub generation: Generation,
    /// The orders the host places. A refund gives a part of the first one back, if it likes to.
    pub orders: Vec<Kind>,
    /// The coins of such a part.
    pub part: i64,
    /// The first order was paid and acknowledged so many milliseconds before the history begins.
    pub paid_ago_ms: Option<i64>,
    /// How many of them the purse can pay.
    pub purse: i64,
    pub server: Server,
    pub bounds: Bounds,
    /// Everything that can happen next may happen next. Otherwise steps that commute keep one order.
    pub free: bool,
    /// In a leap the machine sleeps, and the monotonic clock stands; the wall clock goes on.
    pub sleeps: bool,
    pub broken: Option<Broken>,
}

impl Scenario {
    /// Every history within `bounds`, for every server.
    pub fn bounded(
        name: &str,
        generation: Generation,
        orders: &[Kind],
        purse: i64,
        bounds: Bounds,
    ) -> Self {
        Self {
            name: name.into(),
            generation,
            orders: orders.to_vec(),
            part: AMOUNT / 2,
            paid_ago_ms: None,
            purse,
            server: Server {
                number_first: None,
                reusable: None,
                confirms: generation == Generation::V1,
            },
            bounds,
            free: false,
            sleeps: false,
            broken: None,
        }
    }
}

/// How often in one history things may go another way than the calm one.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct Bounds {
    /// Requests that are not simply answered.
    pub fates: u8,
    /// Answers that are not about the order: session, token, quota, configuration.
    pub asides: u8,
    pub crashes: u8,
    pub closes: u8,
    pub top_ups: u8,
    /// Times the host asks for a cancel.
    pub cancels: u8,
    /// Times it wants a finished payment given back.
    pub refunds: u8,
    /// Leaps of the clock to 47 h or past 48 h.
    pub leaps: u8,
    /// Moments that pass while something is out.
    pub waits: u8,
    /// Commits that fail.
    pub faults: u8,
    /// Submissions that ask again about a known number, that of a part too.
    pub repeats: u8,
}

/// One thing made wrong on purpose, by this side of the engine: a rule taken away or an assumption broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// Requests leave before their write is durable.
    SentBeforeWritten,
    /// A final answer is shown before its write is durable.
    ShownBeforeWritten,
    /// Final answers do not reach the disk.
    NotSealed,
    /// Acknowledgements do not reach the disk.
    AckDropped,
    /// Old final answers are not handed out after a restart.
    NotRedelivered,
    /// Every completion comes twice.
    ToldTwice,
    /// 90012 is taken for a refusal.
    DuplicateIsRefusal,
    /// Unknown outcomes are taken for requests that were not sent.
    UnknownIsNotSent,
    /// Every retry goes out under a number of its own.
    NewNumberOnRetry,
    /// A retry asks for another amount.
    NewAmountOnRetry,
    /// The engine's clocks miss the leaps.
    ClockStands,
    /// No quiet time before a cancel.
    NoQuietTime,
    /// A payment that turned to cancel is read back as one that has not.
    PayAfterCancel,
    /// A1: somebody else uses the number.
    OtherLedger,
    /// A2: the last durable write is gone after a crash.
    WriteLost,
    /// A3: a request is executed whenever it likes.
    LateWithoutEnd,
    /// A4: numbers are forgotten after ten minutes.
    ForgetsSoon,
    /// A5: what is called *not sent* is on its way.
    NotSentLies,
    /// A6: a copy of every answered request is still on its way.
    DoubledOnTheWay,
    /// A6: WeChat's edge executes every request twice before it answers.
    DoubledAtTheEdge,
    /// Every attempt to give coins back goes out under a number of its own.
    NewRefundNumberOnRetry,
    /// Every process gives coins back under a number of its own.
    NewRefundNumberAfterRestart,
    /// 90012 to a cancel is taken for a refusal to give the coins back.
    DuplicateIsNotGivenBack,
    /// The journal takes a part without its amount.
    PartNotReserved,
    /// What a part has reserved is free again when its outcome is unknown.
    FreedOnUnknown,
    /// 90016 is taken for what it means in the classic API: still in process.
    SessionIsInProcess,
    /// A7: a cancel that was refused for good is executed later.
    MindChanged,
    /// The transport reports a second outcome when a late request is executed. This one breaks no promise.
    SecondOutcome,
}
