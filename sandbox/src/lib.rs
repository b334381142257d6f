//! Plays WeChat's mini-game payment servers on loopback, faults included.
//!
//! A test starts it, points its client at it, and then makes things go wrong: answers that never come,
//! payments that are executed late, credentials that expire. Afterwards the ledger tells how often each
//! order was really charged.
//!
//! ```
//! use wxgame_sandbox::{Call, Config, Env, Fault, Act, ReplyKind, Sandbox};
//!
//! let sandbox = Sandbox::start(Config::default())?;
//! sandbox.top_up(Env::Sandbox, "oPlayer", "1", 100, 0)?;
//! sandbox.add_fault(Fault::once(Call::Pay, Act::Yes, ReplyKind::Reset))?;
//! // ... let the client under test pay at sandbox.http_url() ...
//! assert_eq!(sandbox.player(Env::Sandbox, "oPlayer", "1").balance, 100);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms, from the wire inwards:
//!
//! | room | what is in it |
//! |---|---|
//! | `sandbox` `server` `tls` `wire` | start and stop, listen, certificates, resets |
//! | `http` `reply` `query` | one request; what a fault makes of its answer |
//! | `midas` `params` [`sign`] `doctor` | a payment call, checked as WeChat would; why a signature is wrong |
//! | `game` `game_params` `game_doctor` | the same for a call of virtual payment 2.0 |
//! | `login` `session` `tokens` `sessions` `codes` `quota` | access tokens and sessions |
//! | `world` `ledger` `order` `player` `late` | all state under one lock; the coins |
//! | `refund` `purchase` | coins given back in parts; coins on their way from the client |
//! | `item` `sign_data` `item_order` `products` | items that are bought in the client |
//! | `push_event` `xml` `push_seal` [`seal`] | what a push says, and how it is signed and sealed |
//! | `pusher` `pushes` `push_config` `post` | the pushes that wait; sending them, again and again |
//! | `fault` `script` `random` | what goes wrong, and when |
//! | `control` `trade_control` `acts` `push_acts` | what a test can do |
//! | `view` `view_items` `push_view` `record` | what a test can see |

#![deny(unsafe_code)]

mod acts;
mod answer;
mod call;
mod clock;
mod codes;
mod config;
mod control;
mod doctor;
mod fault;
mod game;
mod game_doctor;
mod game_params;
mod http;
mod item;
mod item_order;
mod json;
mod late;
mod ledger;
mod login;
mod midas;
mod order;
mod params;
mod player;
mod post;
mod products;
mod purchase;
mod push_acts;
mod push_config;
mod push_event;
mod push_seal;
mod push_view;
mod pusher;
mod pushes;
mod query;
mod quota;
mod random;
mod record;
mod refund;
mod reply;
mod sandbox;
mod script;
pub mod seal;
mod server;
mod session;
mod sessions;
pub mod sign;
mod sign_data;
mod tls;
mod tokens;
mod trade_control;
mod view;
mod view_items;
mod wire;
mod world;
mod xml;

pub use call::{Call, Env};
pub use config::{
    App, Config, DuplicateCheck, FirstSignature, RepeatedRefund, Rules, TsClock, UsedGenName,
};
pub use fault::{Act, Fault, Later, Reply, ReplyKind, When, Which};
pub use item::{ClientError, ItemCall};
pub use json::Trouble;
pub use order::{Kind, State};
pub use player::Player;
pub use purchase::PurchaseState;
pub use push_view::{Attempt, PushList, PushRow, PushState, Verdict};
pub use record::{Request, Stats};
pub use sandbox::Sandbox;
pub use script::ScriptLine;
pub use tokens::TokenQuota;
pub use view::{Filter, Ledger, OrderRow, PlayerRow, PurchaseRow, RefundRow};
pub use view_items::ItemRow;
