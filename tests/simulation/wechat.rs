//! WeChat as far as coins go: a purse, what it remembers of every number, and what it answers.
//!
//! It is a plain state machine. Whatever the published pages leave open is a [`Server`] field or a choice.

pub const HOUR_MS: i64 = 3_600_000;

/// The servers that the published pages leave possible. What is not settled yet is chosen when it first matters,
/// and stays so: one simulation then covers them all.
#[derive(Clone, Copy, Debug, Default, Hash)]
pub struct Server {
    /// It looks for the number before it looks into the purse.
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
    /// How many times the coins of each order are gone (or were given, for a present).
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
    pub bill_no: String,
    /// A digest of everything but `ts` and the signatures.
    pub parameters: u64,
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
            purse,
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
        match (request.call, self.memory(request, now_ms)) {
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
        match (request.call, self.memory(request, now_ms)) {
            (Call::Cancel, Memory::Live) => true,
            (Call::Cancel, Memory::Confirmed) => !self.confirmation_sticks && !other_way,
            (Call::Cancel | Call::Token, _) => false,
            _ if self.is_poor(request) => false,
            (_, Memory::RolledBack) => self.server.reusable.unwrap_or(other_way),
            (_, memory) => memory == Memory::Nothing,
        }
    }

    /// Everything that its next answers depend on.
    pub fn state(&self, now_ms: i64) -> (Server, i64, Vec<i64>, Vec<(Memory, i64)>) {
        let number = |number: &Number| (number.memory, number.executed_at_ms - now_ms);
        let numbers = self.numbers.iter().map(number).collect();
        (self.server, self.purse, self.net.clone(), numbers)
    }

    /// Executes a request and gives the errcode. Where there are two ways, `other_way` picks.
    pub fn execute(&mut self, request: &Request, other_way: bool, now_ms: i64) -> i32 {
        let memory = self.memory(request, now_ms);
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
        let number = &mut self.numbers[at];
        if number.parameters == 0 {
            number.parameters = request.parameters;
        }
        self.contradicted |= number.parameters != request.parameters;
        let fresh = match number.memory {
            Memory::Nothing => true,
            Memory::RolledBack => *self.server.reusable.get_or_insert(other_way),
            Memory::Live | Memory::Confirmed => false,
        };
        if fresh && !poor {
            number.memory = Memory::Live;
            number.executed_at_ms = now_ms;
            self.purse -= i64::from(request.call == Call::Pay);
            self.net[request.order] += 1;
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
                self.purse += 1;
                self.net[order] -= 1;
                0
            }
        }
    }

    fn is_poor(&self, request: &Request) -> bool {
        request.call == Call::Pay && self.purse < 1
    }

    /// What WeChat remembers of the request's number by now.
    fn memory(&self, request: &Request, now_ms: i64) -> Memory {
        let named = |number: &&Number| number.bill_no == request.bill_no;
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
