//! What is written on an image. Plain text from plain values: painting it is the interface's.

pub mod corner;
pub mod text;
