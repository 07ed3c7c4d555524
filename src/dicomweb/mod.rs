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
mod query;
#[cfg(feature = "web")]
mod request;
#[cfg(feature = "web")]
mod retry;
mod rows;
mod search;
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
pub use rows::{InstanceRow, Row, SeriesRow, StudyRow, is_uid};
pub use search::{Pages, find_instances, find_series, find_studies, priors};
pub use transport::{Answer, Transport, Watch};
