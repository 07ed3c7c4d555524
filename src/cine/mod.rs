//! Stacks of frames in time and in depth: how fast they play, which frame is due, in which order they lie and
//! where they lie in millimetres.
//!
//! Nothing here looks at a clock, decodes or draws: the time comes in as a number, and what is due goes out.

mod clock;
mod kind;
mod link;
mod pace;
mod planes;

pub use clock::{Clock, Mode};
pub use kind::StackKind;
pub use link::{Track, follow};
pub use pace::{DEFAULT_FPS, FASTEST, Pace, SLOWEST};
pub use planes::{Planes, frame_order};
