//! Log records: pulled by the host, never printed, never holding a secret.

use std::collections::VecDeque;
use std::sync::Mutex;

/// How much is logged. Each level includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something a person must mend.
    Error = 1,
    /// Something that may need a person.
    Warn = 2,
    /// What happened.
    Info = 3,
    /// Each step.
    Debug = 4,
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// How grave.
    pub level: Level,
    /// Unix milliseconds.
    pub time_ms: i64,
    /// What happened. No body, key, token or whole openid.
    pub message: String,
}

/// As many records as are kept while nobody drains them.
pub const CAPACITY: usize = 1024;

/// A bounded ring: when it is full the oldest record goes, and the number gone is itself a record.
pub struct Log {
    level: Option<Level>,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    records: VecDeque<LogRecord>,
    unreported: u64,
    lost: u64,
}

impl Log {
    /// A log of this level; `None` is off.
    pub fn new(level: Option<Level>) -> Self {
        Self {
            level,
            ring: Mutex::default(),
        }
    }

    /// Whether a record of this level would be kept.
    pub fn takes(&self, level: Level) -> bool {
        self.level.is_some_and(|most| level <= most)
    }

    /// Keeps `record` if its level asks for it.
    pub fn push(&self, record: LogRecord) {
        if !self.takes(record.level) {
            return;
        }
        let mut ring = self.lock();
        if ring.records.len() == CAPACITY {
            ring.records.pop_front();
            ring.unreported += 1;
            ring.lost += 1;
        }
        ring.records.push_back(record);
    }

    /// The oldest record; after an overflow first one that says how many are gone.
    pub fn pop(&self) -> Option<LogRecord> {
        let mut ring = self.lock();
        if ring.unreported > 0 {
            let dropped = std::mem::take(&mut ring.unreported);
            let time_ms = ring.records.front().map_or(0, |oldest| oldest.time_ms);
            return Some(LogRecord {
                level: Level::Warn,
                time_ms,
                message: format!("{dropped} log records were dropped: drain the log more often"),
            });
        }
        ring.records.pop_front()
    }

    /// How many records were dropped since the client was opened.
    pub fn dropped(&self) -> u64 {
        self.lock().lost
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Ring> {
        self.ring
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// An openid that can be told from others but not used: its first six characters, of a short one half.
pub fn mask_openid(openid: &str) -> String {
    let shown: String = openid
        .chars()
        .take(6.min(openid.chars().count() / 2))
        .collect();
    format!("{shown}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: usize) -> LogRecord {
        LogRecord {
            level: Level::Warn,
            time_ms: 0,
            message: n.to_string(),
        }
    }

    #[test]
    fn no_openid_is_shown_whole() {
        assert_eq!(mask_openid("odkx20ENSNa2w5y3g_qOkOvBNM1g"), "odkx20…");
        assert_eq!(mask_openid("oABC"), "oA…");
        assert_eq!(mask_openid(""), "…");
    }

    #[test]
    fn a_full_log_drops_the_oldest_and_says_how_many() {
        let log = Log::new(Some(Level::Warn));
        (0..CAPACITY + 3).for_each(|n| log.push(record(n)));
        assert!(
            log.pop()
                .expect("the drop is a record")
                .message
                .starts_with("3 log records")
        );
        assert_eq!(log.pop().expect("the oldest kept one").message, "3");
        assert_eq!(log.dropped(), 3);
    }

    #[test]
    fn a_log_that_is_off_keeps_nothing() {
        let log = Log::new(None);
        log.push(record(1));
        assert!(log.pop().is_none());
    }
}
