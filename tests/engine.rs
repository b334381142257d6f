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
#[path = "engine/cluster.rs"]
mod cluster;
#[path = "engine/cluster_deliveries.rs"]
mod cluster_deliveries;
#[path = "engine/cluster_heartbeats.rs"]
mod cluster_heartbeats;
#[path = "engine/cluster_items.rs"]
mod cluster_items;
#[path = "engine/cluster_leases.rs"]
mod cluster_leases;
#[path = "engine/cluster_operators.rs"]
mod cluster_operators;
#[path = "engine/cluster_refunds.rs"]
mod cluster_refunds;
#[path = "engine/cluster_sessions.rs"]
mod cluster_sessions;
#[path = "engine/cluster_watching.rs"]
mod cluster_watching;
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
