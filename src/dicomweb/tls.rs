//! Whom to believe: the certificates of the system, and one more that was named.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, ClientBuilder};

use super::WebError;

/// A file of certificates is a few kilobytes; a bundle of all there are is not much more than one of these.
const LARGEST: u64 = 4 << 20;

/// Reads the certificates of a PEM file.
pub fn certificates(path: &Path) -> Result<Vec<Certificate>, WebError> {
    let failed =
        |what: &str| WebError::Io(format!("cannot read the certificate: {what}: {}", path.display()));
    let meta = std::fs::metadata(path).map_err(|error| failed(&super::client::plain(&error)))?;
    if !meta.is_file() || meta.len() > LARGEST {
        return Err(failed("this is no file of certificates"));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(&super::client::plain(&error)))?;
    let found = Certificate::from_pem_bundle(&bytes).unwrap_or_default();
    if found.is_empty() { Err(failed("there is none in PEM form in it")) } else { Ok(found) }
}

/// A client for encrypted connections.
pub fn safe(builder: ClientBuilder, extra: &[Certificate]) -> Result<reqwest::Client, WebError> {
    let builder = if extra.is_empty() { builder } else { builder.tls_certs_merge(extra.iter().cloned()) };
    builder.build().map_err(|error| WebError::Tls(super::fault::innermost(&error)))
}

/// A client for plain connections: it believes nobody, and so does not read the certificates of the system, which
/// takes time and fails where there are none.
pub fn plain(builder: ClientBuilder) -> Result<reqwest::Client, WebError> {
    builder.tls_certs_only([]).build().map_err(|error| WebError::Connect(super::fault::innermost(&error)))
}

/// What both have in common.
pub fn builder(connect: Duration) -> ClientBuilder {
    // Installed once for the process; whoever was first is fine.
    rustls::crypto::ring::default_provider().install_default().ok();
    reqwest::Client::builder()
        .user_agent(concat!("Lightbox/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(connect)
        // Several transfers share one connection: one that is read slowly must not hold up the others.
        .http2_initial_stream_window_size(2 << 20)
        .http2_initial_connection_window_size(32 << 20)
}
