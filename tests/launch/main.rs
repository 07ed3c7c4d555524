//! Launch URLs and argument lists: a table of what each means, through the library and through the program.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

#[path = "../support/mod.rs"]
mod support;

mod dry_run;
mod links;
mod mutants;
