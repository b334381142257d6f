//! WeChat as far as coins go: a purse, what it remembers of every number, and what it answers.
//!
//! It is a plain state machine. Whatever the published pages leave open is a [`Server`] field or a choice.

use std::hash::Hash;

pub const HOUR_MS: i64 = 3_600_000;
/// Coins of every pay and present.
pub const AMOUNT: i64 = 10;

/// The servers that the published pages leave possible. What is not settled yet is chosen when it first matters,
/// and stays so: one simulation then covers them all.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct Server {
    /// It looks for the number before it looks into the purse, or for the payment that a refund is of.
    pub number_first: Option<bool>,
    /// A number that was rolled back can be charged again.
    pub reusable: Option<bool>,
    /// It may answer a cancel with 90014, and then always does.
    pub confirms: bool,
}

/// What is remembered of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Memory {
    Nothing,
    Live,
    Confirmed,
    RolledBack,
}

struct Number {
    bill_no: String,
    memory: Memory,
    executed_at_ms: i64,
    parameters: u64,
}

/// The purse of one player, and every number.
pub struct WeChat {
    server: Server,
    pub purse: i64,
    /// Coins of each order that are gone; of a present or a part, coins that were given.
    pub net: Vec<i64>,
    numbers: Vec<Number>,
    remembers_ms: i64,
    /// 90014 once is 90014 for good.
    confirmation_sticks: bool,
    /// One number came with two sets of parameters.
    pub contradicted: bool,
}

/// One request as it reaches WeChat.
#[derive(Clone, Debug)]
pub struct Request {
    pub call: Call,
    /// Which order of the simulation it was made for.
    pub order: usize,
    /// The number of the pay or present.
    pub bill_no: String,
    /// Of a cancel of the virtual payment 2.0.
    pub refund: Option<Refund>,
    /// A digest of everything but `ts` and the signatures.
    pub parameters: u64,
}

impl Request {
    /// Whether it is another attempt at the same thing.
    pub fn is_again(&self, other: &Request) -> bool {
        let number = |request: &Request| {
            let refund = request.refund.as_ref();
            refund.map(|refund| refund.bill_no.clone())
        };
        self.call == other.call && self.bill_no == other.bill_no && number(self) == number(other)
    }
}

/// Coins to give back.
#[derive(Clone, Debug)]
pub struct Refund {
    pub bill_no: String,
    pub amount: i64,
    /// A part, which is an order of the simulation, and not the whole.
    pub part: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    Pay,
    Present,
    Cancel,
    Token,
}

impl WeChat {
    pub fn new(server: Server, purse: i64, orders: usize) -> Self {
        Self {
            server,
            purse: purse * AMOUNT,
            net: vec![0; orders],
            numbers: Vec::new(),
            remembers_ms: 48 * HOUR_MS,
            confirmation_sticks: true,
            contradicted: false,
        }
    }

    /// Breaks A4.
    pub fn remembering(mut self, ms: i64) -> Self {
        self.remembers_ms = ms;
        self
    }

    /// Breaks A7.
    pub fn changing_its_mind(mut self) -> Self {
        self.confirmation_sticks = false;
        self
    }

    /// Whether WeChat may do one of two things with this request.
    pub fn has_two_ways(&self, request: &Request, now_ms: i64) -> bool {
        if let Some(refund) = &request.refund {
            return self.server.number_first.is_none()
                && self.is_known(&refund.bill_no, now_ms)
                && !self.is_known(&request.bill_no, now_ms);
        }
        match (request.call, self.memory(&request.bill_no, now_ms)) {
            (Call::Cancel, Memory::Live) => self.server.confirms,
            (Call::Cancel, Memory::Confirmed) => !self.confirmation_sticks,
            (Call::Cancel | Call::Token, _) | (_, Memory::Nothing) => false,
            (_, Memory::RolledBack) if self.server.reusable != Some(false) => {
                self.server.reusable.is_none()
            }
            _ => self.is_poor(request) && self.server.number_first.is_none(),
        }
    }

    /// Whether a request would change anything but the answers to it.
    pub fn would_act(&self, request: &Request, other_way: bool, now_ms: i64) -> bool {
        if let Some(refund) = &request.refund {
            return !self.is_known(&refund.bill_no, now_ms)
                && self.is_known(&request.bill_no, now_ms);
        }
        match (request.call, self.memory(&request.bill_no, now_ms)) {
            (Call::Cancel, Memory::Live) => true,
            (Call::Cancel, Memory::Confirmed) => !self.confirmation_sticks && !other_way,
            (Call::Cancel | Call::Token, _) => false,
            _ if self.is_poor(request) => false,
            (_, Memory::RolledBack) => self.server.reusable.unwrap_or(other_way),
            (_, memory) => memory == Memory::Nothing,
        }
    }

    /// Everything that its next answers depend on.
    pub fn state(&self, now_ms: i64) -> impl Hash {
        let numbers = self.numbers.iter().map(|number| {
            let age_ms = number.executed_at_ms - now_ms;
            (number.bill_no.as_str(), number.memory, age_ms)
        });
        let numbers: Vec<_> = numbers.collect();
        (self.server, self.purse, self.net.clone(), numbers)
    }

    /// Executes a request and gives the errcode. Where there are two ways, `other_way` picks.
    pub fn execute(&mut self, request: &Request, other_way: bool, now_ms: i64) -> i32 {
        if let Some(refund) = &request.refund {
            return self.refund(request, refund, other_way, now_ms);
        }
        let memory = self.memory(&request.bill_no, now_ms);
        let at = self.number(&request.bill_no);
        self.numbers[at].memory = memory;
        match request.call {
            Call::Cancel => self.cancel(at, request.order, other_way),
            Call::Pay | Call::Present => self.pay(at, request, other_way, now_ms),
            Call::Token => 0,
        }
    }

    fn pay(&mut self, at: usize, request: &Request, other_way: bool, now_ms: i64) -> i32 {
        let poor = self.is_poor(request);
        self.note_parameters(at, request);
        let number = &mut self.numbers[at];
        let fresh = match number.memory {
            Memory::Nothing => true,
            Memory::RolledBack => *self.server.reusable.get_or_insert(other_way),
            Memory::Live | Memory::Confirmed => false,
        };
        if fresh && !poor {
            number.memory = Memory::Live;
            number.executed_at_ms = now_ms;
            if request.call == Call::Pay {
                self.purse -= AMOUNT;
            }
            self.net[request.order] += AMOUNT;
            0
        } else if poor && (fresh || !*self.server.number_first.get_or_insert(other_way)) {
            90013
        } else {
            90012
        }
    }

    fn cancel(&mut self, at: usize, order: usize, other_way: bool) -> i32 {
        let memory = &mut self.numbers[at].memory;
        match *memory {
            Memory::Nothing => 90000,
            Memory::RolledBack => 90015,
            Memory::Confirmed if self.confirmation_sticks || other_way => 90014,
            Memory::Live if other_way => {
                *memory = Memory::Confirmed;
                90014
            }
            Memory::Live | Memory::Confirmed => {
                *memory = Memory::RolledBack;
                self.purse += AMOUNT;
                self.net[order] -= AMOUNT;
                0
            }
        }
    }

    /// A cancel of the virtual payment 2.0. Another number is another refund, whatever has been given back by then:
    /// that this never is too much is for the engine to see to.
    fn refund(&mut self, request: &Request, refund: &Refund, other_way: bool, now_ms: i64) -> i32 {
        let paid = self.is_known(&request.bill_no, now_ms);
        let repeated = self.is_known(&refund.bill_no, now_ms);
        let at = self.number(&refund.bill_no);
        self.note_parameters(at, request);
        if repeated && (paid || *self.server.number_first.get_or_insert(other_way)) {
            return 90012;
        }
        if !paid {
            return 90000;
        }
        self.numbers[at].memory = Memory::Live;
        self.numbers[at].executed_at_ms = now_ms;
        self.purse += refund.amount;
        if refund.part {
            self.net[request.order] += refund.amount;
        } else {
            self.net[request.order] -= refund.amount;
            let paid = self.number(&request.bill_no);
            self.numbers[paid].memory = Memory::RolledBack;
        }
        0
    }

    fn note_parameters(&mut self, at: usize, request: &Request) {
        let number = &mut self.numbers[at];
        if number.parameters == 0 {
            number.parameters = request.parameters;
        }
        self.contradicted |= number.parameters != request.parameters;
    }

    /// Whether something of this number was executed and is still remembered.
    pub fn is_known(&self, bill_no: &str, now_ms: i64) -> bool {
        self.memory(bill_no, now_ms) != Memory::Nothing
    }

    fn is_poor(&self, request: &Request) -> bool {
        request.call == Call::Pay && self.purse < AMOUNT
    }

    /// What WeChat remembers of a number by now.
    fn memory(&self, bill_no: &str, now_ms: i64) -> Memory {
        let named = |number: &&Number| number.bill_no == bill_no;
        match self.numbers.iter().find(named) {
            Some(number) if now_ms < number.executed_at_ms + self.remembers_ms => number.memory,
            _ => Memory::Nothing,
        }
    }

    fn number(&mut self, bill_no: &str) -> usize {
        let known = self
            .numbers
            .iter()
            .position(|number| number.bill_no == bill_no);
        known.unwrap_or_else(|| {
            self.numbers.push(Number {
                bill_no: bill_no.to_owned(),
                memory: Memory::Nothing,
                executed_at_ms: 0,
                parameters: 0,
            });
            self.numbers.len() - 1
        })
    }
}
