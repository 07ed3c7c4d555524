//! Studies from DICOMweb servers: finding them, and reading them as if they lay here.
//!
//! What needs HTTP stands behind [`Transport`], so that everything that only understands answers can be tried
//! without a server. Nothing here knows a window; progress and the wish to stop go through [`Watch`].

mod error;
mod transport;

pub use error::WebError;
pub use transport::{Answer, Transport, Watch};
