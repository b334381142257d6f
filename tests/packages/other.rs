//! A Rust library that has nothing to do with wxgame, in the same program.

/// 1: a panic is caught, as it must be where two standard libraries are linked together.
#[unsafe(no_mangle)]
pub extern "C" fn other_catches() -> i32 {
    i32::from(std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1))).is_err())
}
