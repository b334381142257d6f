//! WeChat as far as coins go: a purse, what it remembers of every number, and what it answers.
//!
//! It is a plain state machine. Whatever the published pages leave open is a [`Server`] field or a choice.

pub const HOUR_MS: i64 = 3_600_000;

/// The servers that the published pages leave possible.
#[derive(Clone, Copy, Debug, Default)]
pub struct Server {
    /// It looks for the number before it looks into the purse.
    pub number_first: bool,
    /// A number that was rolled back can be charged again.
    pub reusable: bool,
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

    /// Whether a cancel of this number has two possible answers.
    pub fn may_confirm(&self, bill_no: &str) -> bool {
        self.server.confirms
            && self.numbers.iter().any(|number| {
                number.bill_no == bill_no
                    && (number.memory == Memory::Live
                        || (number.memory == Memory::Confirmed && !self.confirmation_sticks))
            })
    }

    /// Everything that its next answers depend on.
    pub fn state(&self, now_ms: i64) -> (i64, Vec<i64>, Vec<(Memory, i64)>) {
        let number = |number: &Number| (number.memory, number.executed_at_ms - now_ms);
        let numbers = self.numbers.iter().map(number).collect();
        (self.purse, self.net.clone(), numbers)
    }

    /// Whether a request would change anything but the answers to it.
    pub fn would_act(&self, request: &Request, now_ms: i64) -> bool {
        let named = |number: &&Number| number.bill_no == request.bill_no;
        let known = self.numbers.iter().find(named).filter(|number| {
            number.memory != Memory::Nothing && now_ms < number.executed_at_ms + self.remembers_ms
        });
        match (request.call, known.map(|number| number.memory)) {
            (Call::Cancel, memory) => {
                memory == Some(Memory::Live)
                    || (memory == Some(Memory::Confirmed) && !self.confirmation_sticks)
            }
            (Call::Pay, _) if self.purse < 1 => false,
            (_, None) => true,
            (_, Some(memory)) => memory == Memory::RolledBack && self.server.reusable,
        }
    }

    /// Executes a request and gives the errcode. `confirm` picks 90014 where a cancel has two answers.
    pub fn execute(&mut self, request: &Request, confirm: bool, now_ms: i64) -> i32 {
        let at = self.number(&request.bill_no);
        if self.numbers[at].memory != Memory::Nothing
            && now_ms >= self.numbers[at].executed_at_ms + self.remembers_ms
        {
            self.numbers[at].memory = Memory::Nothing;
        }
        match request.call {
            Call::Cancel => self.cancel(at, request.order, confirm),
            Call::Pay | Call::Present => self.pay(at, request, now_ms),
            Call::Token => 0,
        }
    }

    fn pay(&mut self, at: usize, request: &Request, now_ms: i64) -> i32 {
        let takes = i64::from(request.call == Call::Pay);
        let number = &mut self.numbers[at];
        if number.memory == Memory::Nothing && number.parameters == 0 {
            number.parameters = request.parameters;
        }
        self.contradicted |= number.parameters != request.parameters;
        let fresh = number.memory == Memory::Nothing
            || (number.memory == Memory::RolledBack && self.server.reusable);
        let poor = self.purse < takes;
        if fresh && !poor {
            number.memory = Memory::Live;
            number.executed_at_ms = now_ms;
            self.purse -= takes;
            self.net[request.order] += 1;
            0
        } else if poor && (fresh || !self.server.number_first) {
            90013
        } else {
            90012
        }
    }

    fn cancel(&mut self, at: usize, order: usize, confirm: bool) -> i32 {
        let memory = &mut self.numbers[at].memory;
        match *memory {
            Memory::Nothing => 90000,
            Memory::RolledBack => 90015,
            Memory::Confirmed if self.confirmation_sticks || confirm => 90014,
            Memory::Live if confirm => {
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
