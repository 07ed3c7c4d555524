//! The servers that were asked so far: one connection each, what was learned about them, and what is kept on disk.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::dicomweb::cache::{Cache, DEFAULT_LIMIT};
use crate::dicomweb::{Client, ClientOptions, Server, ServerOptions, Transport, WebError, identity};
use crate::launch::{Credentials, cache_dir};

/// How servers are reached.
#[derive(Debug, Clone, Default)]
pub struct WebOptions {
    /// Certificates to believe beside those of the system.
    pub ca: Option<PathBuf>,
    /// Keep nothing that comes from servers on disk.
    pub keep_nothing: bool,
}

/// All of them.
#[derive(Default)]
pub struct Servers {
    options: WebOptions,
    known: Mutex<Vec<Known>>,
    cache: OnceLock<Option<Arc<Cache>>>,
}

struct Known {
    base: String,
    identity: String,
    client: Client,
    server: Arc<Server>,
}

/// A server to ask.
pub struct Reached {
    pub server: Arc<Server>,
    pub transport: Arc<dyn Transport>,
    /// What the user should know about it; empty from the second time on.
    pub warnings: Vec<String>,
}

impl Servers {
    pub fn new(options: WebOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// The way to a server for somebody. Whoever is known there already asks with the credentials given last.
    ///
    /// # Errors
    /// The address is none, or the certificates cannot be read.
    pub fn reach(&self, base: &str, credentials: &Credentials) -> Result<Reached, WebError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let identity = identity(credentials);
        let same = |one: &&Known| one.base == base && one.identity == identity;
        if let Some(one) = known.iter().find(same) {
            if !credentials.is_none() {
                one.client.set_credentials(credentials.clone());
            }
            let transport = Arc::new(one.client.clone());
            return Ok(Reached { server: Arc::clone(&one.server), transport, warnings: Vec::new() });
        }
        let options = ClientOptions {
            credentials: credentials.clone(),
            ca: self.options.ca.clone(),
            ..ClientOptions::new(base)
        };
        let client = Client::new(options)?;
        let warnings = client.warnings().to_vec();
        let transport: Arc<dyn Transport> = Arc::new(client.clone());
        let options = ServerOptions {
            cache: self.cache().cloned(),
            identity: identity.clone(),
            ..ServerOptions::default()
        };
        let server = Server::new(Arc::clone(&transport), options);
        known.push(Known { base: base.to_owned(), identity, client, server: Arc::clone(&server) });
        Ok(Reached { server, transport, warnings })
    }

    /// Where things are kept, opened when it is first needed.
    fn cache(&self) -> Option<&Arc<Cache>> {
        let open = || {
            let folder = cache_dir().filter(|_| !self.options.keep_nothing)?.join("dicomweb");
            let opened = Cache::open(&folder, DEFAULT_LIMIT);
            if let Err(error) = &opened {
                tracing::warn!("nothing from servers is kept: {error}: {}", folder.display());
            }
            opened.ok()
        };
        self.cache.get_or_init(open).as_ref()
    }

    /// Waits until what is to be kept is written.
    pub fn flush(&self) {
        if let Some(Some(cache)) = self.cache.get() {
            cache.flush();
        }
    }

    /// Whether what comes stays here.
    pub fn keeps(&self) -> bool {
        self.cache().is_some()
    }

    /// Bytes that came and bytes that are expected, of all servers, while anything is on its way.
    pub fn traffic(&self) -> Option<(u64, u64)> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let running = known.iter().any(|one| one.server.progress().running() > 0);
        let sum = |of: fn(&Known) -> u64| known.iter().map(of).sum();
        running.then(|| {
            (sum(|one| one.server.progress().received()), sum(|one| one.server.progress().expected()))
        })
    }
}
