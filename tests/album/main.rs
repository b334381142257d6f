//! The album's promises, through the public API: each row of the contract in docs/album.md names a test of these files.
#![cfg(feature = "album")]

#[cfg(unix)]
mod attacks;
mod closing;
mod consent;
mod contract;
mod gate;
mod images;
mod limits;
mod names;
mod paths;
#[cfg(target_os = "linux")]
mod races;
mod saving;
mod texts;
mod world;
