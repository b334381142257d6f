//! What a signed call needs beside the order: the access_token of the app and the session_key of the player.
//!
//! Both are plain state machines: the engine sends the requests, time and randomness are arguments.

pub mod session;
pub mod token;
pub mod vault;
