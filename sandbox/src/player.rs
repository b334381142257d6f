//! One player's coins in one zone.

use serde::{Deserialize, Serialize};

/// The most coins a player can have: what every JSON reader can hold exactly.
pub(crate) const MAX_COINS: i64 = 1 << 53;

/// The zone under which a player's coins of the recharge centre are kept; no zone of an app is empty.
pub(crate) const RECHARGE_CENTRE: &str = "";

/// One player's coins in one zone, by WeChat's names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// All coins, gifts included.
    pub balance: i64,
    /// The gift coins among them.
    pub gen_balance: i64,
    /// Coins ever bought.
    pub save_amt: i64,
    /// Coins ever obtained, bought or given.
    pub save_sum: i64,
    /// Coins ever spent, less those given back.
    pub cost_sum: i64,
    /// Coins ever given.
    pub present_sum: i64,
}

impl Player {
    /// Whether the player has bought coins at least once.
    pub fn first_save(&self) -> bool {
        self.save_amt > 0
    }

    /// Adds bought and given coins; false, and nothing added, when that is more than a purse holds.
    pub(crate) fn add(&mut self, bought: i64, given: i64) -> bool {
        let sum = bought
            .checked_add(given)
            .and_then(|coins| self.save_sum.checked_add(coins));
        let Some(save_sum) = sum.filter(|sum| *sum <= MAX_COINS) else {
            return false;
        };
        self.balance += bought + given;
        self.gen_balance += given;
        self.save_amt += bought;
        self.save_sum = save_sum;
        self.present_sum += given;
        true
    }

    /// Takes coins that are there, gifts first; answers how many of them were gifts.
    pub(crate) fn take(&mut self, amt: i64) -> i64 {
        let used_gen_amt = amt.min(self.gen_balance);
        self.balance -= amt;
        self.gen_balance -= used_gen_amt;
        self.cost_sum += amt;
        used_gen_amt
    }

    /// Undoes one `take`.
    pub(crate) fn give_back(&mut self, amt: i64, used_gen_amt: i64) {
        self.balance += amt;
        self.gen_balance += used_gen_amt;
        self.cost_sum -= amt;
    }
}
