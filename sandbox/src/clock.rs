//! The sandbox's clock: the real one, moved forward by as much as the control API asked for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The furthest the clock can be moved: ten years, in seconds.
pub(crate) const MAX_ADVANCE_S: i64 = 10 * 366 * 86_400;

#[derive(Default)]
pub(crate) struct Clock {
    ahead_s: AtomicI64,
}

impl Clock {
    /// Unix time in the sandbox, in whole seconds.
    pub(crate) fn now_s(&self) -> i64 {
        real_s().saturating_add(self.ahead_s.load(Ordering::Relaxed))
    }

    /// Unix time in the sandbox, in milliseconds.
    pub(crate) fn now_ms(&self) -> i64 {
        let ahead_ms = self.ahead_s.load(Ordering::Relaxed).saturating_mul(1_000);
        real_ms().saturating_add(ahead_ms)
    }

    /// Moves the clock forward; answers how far ahead it is now, or nothing if that is too far.
    pub(crate) fn advance_s(&self, by_s: i64) -> Option<i64> {
        let forward = |ahead_s: i64| {
            let moved = ahead_s.checked_add(by_s)?;
            (by_s >= 0 && moved <= MAX_ADVANCE_S).then_some(moved)
        };
        let before = self
            .ahead_s
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, forward);
        before.ok().map(|ahead_s| ahead_s + by_s)
    }

    /// How far the clock is ahead of the real one.
    pub(crate) fn ahead_s(&self) -> i64 {
        self.ahead_s.load(Ordering::Relaxed)
    }

    /// Sets the clock back to the real one.
    pub(crate) fn reset(&self) {
        self.ahead_s.store(0, Ordering::Relaxed);
    }
}

/// Unix time as the machine tells it, in whole seconds.
pub(crate) fn real_s() -> i64 {
    real_ms() / 1_000
}

fn real_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
