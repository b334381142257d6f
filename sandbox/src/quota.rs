//! A limit of so many per day or minute.

#[derive(Clone, Default)]
pub(crate) struct Quota {
    window: i64,
    used: u32,
}

impl Quota {
    /// Uses one up; false when none is left in this window.
    pub(crate) fn take(&mut self, limit: u32, window_s: i64, now_s: i64) -> bool {
        let window = now_s.div_euclid(window_s);
        if self.window != window {
            self.window = window;
            self.used = 0;
        }
        let left = self.used < limit;
        self.used += u32::from(left);
        left
    }
}

pub(crate) const MINUTE_S: i64 = 60;
pub(crate) const DAY_S: i64 = 86_400;
