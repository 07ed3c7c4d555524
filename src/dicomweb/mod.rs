//! Studies from DICOMweb servers: finding them, and reading them as if they lay here.
//!
//! What needs HTTP stands behind [`Transport`], so that everything that only understands answers can be tried
//! without a server. [`Client`] is the transport there is, with the feature `web`. Nothing here knows a window;
//! progress and the wish to stop go through [`Watch`].

#[cfg(feature = "web")]
mod address;
#[cfg(feature = "web")]
mod body;
#[cfg(feature = "web")]
mod client;
mod download;
mod error;
#[cfg(feature = "web")]
mod fault;
mod media;
mod multipart;
#[cfg(feature = "web")]
mod netrc;
#[cfg(feature = "web")]
mod request;
#[cfg(feature = "web")]
mod retry;
#[cfg(feature = "web")]
mod tls;
mod transport;

#[cfg(feature = "web")]
pub use client::{Client, ClientOptions, CredentialFile};
pub use download::{Downloaded, LARGEST_INSTANCE, download_instance};
pub use error::WebError;
pub use media::MediaType;
pub use multipart::{Part, Parts};
pub use transport::{Answer, Transport, Watch};
