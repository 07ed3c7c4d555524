//! Studies from DICOMweb servers: finding them, and reading them as if they lay here.
//!
//! What needs HTTP stands behind [`Transport`], so that everything that only understands answers can be tried
//! without a server. Nothing here knows a window; progress and the wish to stop go through [`Watch`].

mod places;
mod arriving;
pub mod cache;
mod error;
#[cfg(test)]
mod fake;
mod instance;
pub mod json;
mod media;
mod memory;
mod multipart;
mod remote;
#[cfg(test)]
mod remote_tests;
mod retrieve;
mod server;
mod study;
mod transport;

pub use error::WebError;
pub use multipart::{Part, Parts};
pub use server::{Progress, Server, ServerOptions, identity};
pub use study::{Problem, Report, Wanted, open};
pub use transport::{Answer, Transport, Watch};
