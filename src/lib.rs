//! Signs and executes WeChat mini-game payments: never twice, never lost.
//!
//! A game server hands us an order; we write it down, sign it, send it, and come back with one of four
//! answers: **done, rejected, not sent, unknown**. An *unknown* never rests until it has become one of the
//! others. The product is the C ABI in [`ffi`] (`include/wxgame.h`); everything else is a room behind it:
//!
//! | room | what it holds |
//! |---|---|
//! | [`client`] | the payment state machine (`flow`), the engine round it, queues, open and close |
//! | [`api`] | what one WeChat call is: bytes out, bytes in; what each errcode means |
//! | [`sign`] | `sig`, `mp_sig`, and `explain` |
//! | [`store`] | the journal: SQLite, PostgreSQL or memory |
//! | [`transport`] | sends one request once; *not sent* or *unknown* is decided here |
//! | [`credential`] | access_token and session_key |
//! | [`album`] | `wx.saveImageToPhotosAlbum` for a game outside WeChat |
//!
//! [`queue`], [`error`] and [`os`] serve all of them. Feature `payment` has the first six, `album` the last: each
//! builds alone.
//!
//! Data goes down, answers come up, and rooms never know their siblings. `sign`, `api`, `credential` and
//! `client::{flow, engine}` touch no network, file, clock or random source: time and chance are arguments.

#[cfg(feature = "album")]
pub mod album;
#[cfg(feature = "payment")]
pub mod api;
#[cfg(feature = "payment")]
pub mod client;
#[cfg(feature = "payment")]
pub mod credential;
pub mod error;
pub mod ffi;
pub mod os;
pub mod queue;
#[cfg(feature = "payment")]
pub mod sign;
#[cfg(feature = "payment")]
pub mod store;
#[cfg(feature = "payment")]
pub mod transport;
