//! Versions.

use std::ffi::c_char;

/// The version of the C ABI. It grows when a function or struct is added; what exists keeps its meaning.
pub const WXG_ABI_VERSION: u32 = 1;

/// The library's version, such as `"0.1.0"`. Static, NUL-terminated, never NULL. Any thread; does not block.
/// A program compares it with `WXG_VERSION` to learn whether it runs with the library it was built for.
#[unsafe(no_mangle)]
pub extern "C" fn wxg_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

/// `WXG_ABI_VERSION` of the library that is running. Refuse to go on when it is smaller than the one you were
/// compiled with. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn wxg_abi_version() -> u32 {
    WXG_ABI_VERSION
}
