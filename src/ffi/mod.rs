//! The C ABI: `include/wxgame.h`, in its order. The only room with unsafe code.
//!
//! Every function reads alike: guard, check every pointer, clear the outputs, make safe values, call one safe
//! function, set the outputs. The doc comments are the header's: they are written for a C programmer.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]
// What the caller must promise is what the doc comments say, in words made for C.
#![allow(clippy::missing_safety_doc)]

#[cfg(feature = "album")]
pub mod album;
#[cfg(feature = "payment")]
pub mod bill_no;
pub mod boundary;
#[cfg(feature = "payment")]
pub mod client;
pub mod completion;
pub mod error;
#[cfg(feature = "payment")]
pub mod help;
#[cfg(feature = "payment")]
pub mod http;
#[cfg(feature = "payment")]
pub mod log;
#[cfg(feature = "payment")]
pub mod operator;
#[cfg(feature = "payment")]
pub mod options;
#[cfg(feature = "payment")]
pub mod order;
#[cfg(feature = "payment")]
pub mod push;
#[cfg(feature = "payment")]
pub mod sign;
#[cfg(feature = "payment")]
pub mod stats;
pub mod status;
#[cfg(feature = "payment")]
pub mod submit;
pub mod version;
pub mod view;
