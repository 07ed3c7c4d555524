//! What others said about images: objects that explain, mark or report, as plain models.

pub mod sr;
