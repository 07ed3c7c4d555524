//! The door through which everything is asked for.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::WebError;
use crate::study::CancelToken;

/// Asks one server. Waits for the answer; called from several threads at once.
pub trait Transport: Send + Sync {
    /// The service root, without a slash at the end and without credentials.
    fn base(&self) -> &str;

    /// One GET, with what is needed of credentials, redirects, retries and time-outs. `target` follows the
    /// root (`/studies/1.2.3/metadata?x=y`), or is an address of its own.
    fn get(&self, target: &str, accept: &str, watch: &Watch) -> Result<Answer, WebError>;
}

/// An answer whose head has arrived: a success; its body comes as it is read.
pub struct Answer {
    /// As the server wrote it; empty where it said nothing.
    pub content_type: String,
    /// The length of the body, where the server says it. Not to be believed.
    pub length: Option<u64>,
    /// Ends with an error where the server falls silent, the user stops it or the connection ends; the
    /// [`WebError`] is inside, and [`WebError::from`] takes it out again.
    pub body: Box<dyn Read + Send>,
}

/// What somebody who waits sees, and how they end it. Clones are the same watch.
#[derive(Clone, Default)]
pub struct Watch {
    pub cancel: CancelToken,
    received: Arc<AtomicU64>,
}

impl Watch {
    /// Ended by a token that others hold too.
    pub fn ended_by(cancel: CancelToken) -> Self {
        Self { cancel, ..Self::default() }
    }

    /// Bytes of bodies received so far.
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// For a transport: so many bytes more.
    pub fn add(&self, bytes: u64) {
        self.received.fetch_add(bytes, Ordering::Relaxed);
    }
}
