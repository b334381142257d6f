//! The C ABI: `include/wxgame.h`, in its order. The only room with unsafe code.
//!
//! Every function reads alike: guard, check every pointer, clear the outputs, make safe values, call one safe
//! function, set the outputs. The doc comments are the header's: they are written for a C programmer.
#![allow(unsafe_code)]
#![allow(non_camel_case_types)]
// What the caller must promise is what the doc comments say, in words made for C.
#![allow(clippy::missing_safety_doc)]

pub mod boundary;
pub mod client;
pub mod completion;
pub mod error;
pub mod help;
pub mod http;
pub mod log;
pub mod operator;
pub mod options;
pub mod order;
pub mod push;
pub mod sign;
pub mod stats;
pub mod status;
pub mod submit;
pub mod version;
pub mod view;
