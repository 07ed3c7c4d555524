//! What others said about an image, as plain models: nothing here draws in a window or knows the GPU.

pub mod gsps;
