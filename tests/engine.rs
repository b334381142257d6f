//! The engine by hand: a scripted WeChat, a journal in memory, a clock that is wound. No thread, no sleep.
//!
//! `world` plays everything round the engine; each test is one history.

#[path = "engine/world.rs"]
mod world;

#[path = "engine/answers.rs"]
mod answers;
#[path = "engine/cancels.rs"]
mod cancels;
#[path = "engine/closing.rs"]
mod closing;
#[path = "engine/credentials.rs"]
mod credentials;
#[path = "engine/game_v2.rs"]
mod game_v2;
#[path = "engine/items.rs"]
mod items;
#[path = "engine/journals.rs"]
mod journals;
#[path = "engine/operators.rs"]
mod operators;
#[path = "engine/pushes.rs"]
mod pushes;
#[path = "engine/redelivery.rs"]
mod redelivery;
#[path = "engine/refunds.rs"]
mod refunds;
#[path = "engine/restarts.rs"]
mod restarts;
#[path = "engine/secrets.rs"]
mod secrets;
#[path = "engine/tokens.rs"]
mod tokens;
