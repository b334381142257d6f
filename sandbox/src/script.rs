//! The script of faults while it is played: the first line that fits a request, and has turns left, happens.

use crate::call::{Call, Env};
use crate::fault::{Act, Fault, Later, Reply};
use crate::json::Trouble;
use crate::random::Random;
use serde::Serialize;

/// How many lines the script can have.
pub(crate) const MAX_FAULTS: usize = 10_000;

/// The request that a fault may fit.
pub(crate) struct Subject<'a> {
    pub(crate) call: Call,
    pub(crate) env: Option<Env>,
    pub(crate) bill_no: Option<&'a str>,
    /// The payment that a refund with a number of its own is about.
    pub(crate) pay_bill_no: Option<&'a str>,
    pub(crate) openid: Option<&'a str>,
}

/// What happens to one request.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    pub(crate) act: Act,
    pub(crate) later: Option<Later>,
    pub(crate) reply: Reply,
}

/// One line of the script and how far it has been played.
#[derive(Clone, Debug, Serialize)]
pub struct ScriptLine {
    /// The fault as it was given.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests fitted so far, those that passed unharmed included.
    pub matched: u64,
    /// How often it has happened.
    pub played: u64,
    /// How often it will still happen; nothing when it is for ever.
    pub remaining: Option<u64>,
}

pub(crate) struct Script {
    lines: Vec<ScriptLine>,
    random: Random,
}

impl Script {
    pub(crate) fn new(faults: &[Fault], seed: u64) -> Script {
        let mut script = Script {
            lines: Vec::new(),
            random: Random::new(seed),
        };
        script.lines.extend(faults.iter().cloned().map(line));
        script
    }

    /// Appends faults; lines that are played out make room when it is needed.
    pub(crate) fn append(&mut self, faults: Vec<Fault>) -> Result<usize, Trouble> {
        if self.lines.len() + faults.len() > MAX_FAULTS {
            self.lines.retain(|line| line.remaining != Some(0));
        }
        if self.lines.len() + faults.len() > MAX_FAULTS {
            let message = format!("the script is full: it holds {MAX_FAULTS} faults");
            return Err(Trouble::new("", message));
        }
        self.lines.extend(faults.into_iter().map(line));
        Ok(self.lines.len())
    }

    pub(crate) fn lines(&self) -> &[ScriptLine] {
        &self.lines
    }

    pub(crate) fn clear(&mut self) {
        self.lines.clear();
    }

    /// What happens to this request, if anything.
    pub(crate) fn pick(&mut self, subject: &Subject<'_>) -> Option<Play> {
        for line in &mut self.lines {
            if line.remaining == Some(0) || !fits(&line.fault, subject) {
                continue;
            }
            line.matched += 1;
            if line.matched <= line.fault.skip || !self.random.chance(line.fault.probability) {
                continue;
            }
            line.played += 1;
            line.remaining = line.remaining.map(|left| left - 1);
            return Some(Play {
                act: line.fault.act,
                later: line.fault.later,
                reply: line.fault.reply.clone(),
            });
        }
        None
    }
}

fn line(fault: Fault) -> ScriptLine {
    ScriptLine {
        matched: 0,
        played: 0,
        remaining: (fault.times > 0).then_some(fault.times),
        fault,
    }
}

fn fits(fault: &Fault, subject: &Subject<'_>) -> bool {
    let same = |wanted: &Option<String>, is: Option<&str>| {
        wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
    };
    fault.call.covers(subject.call)
        && fault.env.is_none_or(|env| subject.env == Some(env))
        && (same(&fault.bill_no, subject.bill_no) || same(&fault.bill_no, subject.pay_bill_no))
        && same(&fault.openid, subject.openid)
}
