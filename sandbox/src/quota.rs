//! A limit of so many per day or minute.

/// Days change at midnight in Beijing.
const UTC_8_S: i64 = 8 * 3600;
const MINUTE_S: i64 = 60;
const DAY_S: i64 = 86_400;

#[derive(Clone, Copy)]
enum Window {
    /// Begins with the first use, so that no test is cut by the turn of a minute.
    Minute,
    Day,
}

/// How much was used in the present window.
#[derive(Clone)]
pub(crate) struct Quota {
    window: Window,
    since_s: i64,
    used: u32,
}

impl Quota {
    pub(crate) fn per_minute() -> Quota {
        Quota::of(Window::Minute)
    }

    pub(crate) fn per_day() -> Quota {
        Quota::of(Window::Day)
    }

    fn of(window: Window) -> Quota {
        Quota {
            window,
            since_s: 0,
            used: 0,
        }
    }

    /// Uses one up; false when none is left in this window.
    pub(crate) fn take(&mut self, limit: u32, now_s: i64) -> bool {
        let used = self.used(now_s);
        if used >= limit {
            return false;
        }
        if used == 0 {
            self.since_s = now_s;
        }
        self.used = used + 1;
        true
    }

    /// How many were used in this window.
    pub(crate) fn used(&self, now_s: i64) -> u32 {
        let over = match self.window {
            Window::Minute => now_s - self.since_s >= MINUTE_S,
            Window::Day => day(now_s) != day(self.since_s),
        };
        if over { 0 } else { self.used }
    }

    /// So many were used in this window, whatever happened before.
    pub(crate) fn set(&mut self, used: u32, now_s: i64) {
        self.since_s = now_s;
        self.used = used;
    }
}

fn day(time_s: i64) -> i64 {
    (time_s + UTC_8_S).div_euclid(DAY_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_begins_with_its_first_use() {
        let mut quota = Quota::per_minute();
        let taken: Vec<_> = [1000, 1059, 1059, 1060, 1061, 1119, 1120]
            .map(|now_s| quota.take(2, now_s))
            .into();
        assert_eq!(taken, [true, true, false, true, true, false, true]);
        assert_eq!((quota.used(1120), quota.used(1180)), (1, 0));
    }

    #[test]
    fn a_day_ends_at_midnight_in_beijing() {
        let mut quota = Quota::per_day();
        let midnight_s = 20_000 * DAY_S - UTC_8_S;
        let taken: Vec<_> = [
            midnight_s - 2,
            midnight_s - 1,
            midnight_s,
            midnight_s + 80_000,
        ]
        .map(|now_s| quota.take(1, now_s))
        .into();
        assert_eq!(taken, [true, false, true, false]);
    }
}
