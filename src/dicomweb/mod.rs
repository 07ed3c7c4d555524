//! Studies from DICOMweb servers: finding them, and reading them as if they lay here.
//!
//! What needs HTTP stands behind [`Transport`], so that everything that only understands answers can be tried
//! without a server. [`Client`] is the transport there is, with the feature `web`. Nothing here knows a window;
//! progress and the wish to stop go through [`Watch`].

#[cfg(feature = "web")]
mod address;
mod arriving;
#[cfg(feature = "web")]
mod body;
pub mod cache;
#[cfg(feature = "web")]
mod client;
mod download;
mod error;
#[cfg(test)]
mod fake;
#[cfg(feature = "web")]
mod fault;
mod instance;
pub mod json;
mod media;
mod memory;
mod multipart;
#[cfg(feature = "web")]
mod netrc;
mod places;
mod query;
mod remote;
#[cfg(test)]
mod remote_tests;
#[cfg(feature = "web")]
mod request;
mod retrieve;
#[cfg(feature = "web")]
mod retry;
mod rows;
mod search;
mod server;
mod study;
#[cfg(feature = "web")]
mod tls;
mod transport;

#[cfg(feature = "web")]
pub use client::{Client, ClientOptions, CredentialFile};
pub use download::{Downloaded, LARGEST_INSTANCE, Object, download_instance, download_parts};
pub use error::WebError;
pub use media::MediaType;
pub use multipart::{Part, Parts};
pub use query::{StudyQuery, date_range};
pub use rows::{InstanceRow, Row, SeriesRow, StudyRow};
pub use search::{Pages, find_instances, find_series, find_studies, priors};
pub use server::{Progress, Server, ServerOptions, identity};
pub use study::{Problem, Report, Wanted, open};
pub use transport::{Answer, Transport, Watch};
