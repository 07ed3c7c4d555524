//! What others said about images: objects that explain, mark or report, as plain models. Nothing here draws in a window
//! or knows the GPU.

pub mod gsps;
pub mod sr;
