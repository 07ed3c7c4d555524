//! Decoding in the background: one list of wanted frames, a few threads, one channel back.
//!
//! The list is replaced as a whole whenever what is wanted changes, which makes cancelling the natural
//! case: a job that is no longer wanted is simply not in the new list. Running jobs finish and their
//! result is kept or dropped by whoever receives it.

mod decoded;
mod fetching;
mod queue;
mod worker;

pub use queue::{Job, Loader, Priority};
pub use worker::Loaded;
#[cfg(test)]
pub use worker::LoadedFrame;
