//! A DICOMweb server over HTTP: the [`Transport`] that really asks.
//!
//! Callers wait on their own threads; everything asynchronous happens on one small thread behind them. An answer
//! that was begun keeps its turn until its body was read or dropped.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use reqwest::header::HeaderValue;
use tokio::sync::{Semaphore, oneshot};

use super::address::{Base, place};
use super::request::{self, Shared};
use super::retry::Policy;
use super::{Answer, Transport, Watch, WebError, body, netrc, tls};
use crate::launch::Credentials;

/// Where credentials are looked up that nobody gave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CredentialFile {
    /// `$NETRC`, else `.netrc` in the home folder.
    #[default]
    System,
    At(PathBuf),
    /// Nowhere.
    None,
}

/// Which server, and how to treat it.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The service root, as `https://pacs.example/dicom-web`.
    pub base: String,
    /// These go before those of the credential file.
    pub credentials: Credentials,
    pub credential_file: CredentialFile,
    /// A file of certificates to believe beside those of the system.
    pub ca: Option<PathBuf>,
    /// How long a connection may take.
    pub connect: Duration,
    /// How long nothing may be heard.
    pub silence: Duration,
    /// Transfers at once.
    pub parallel: usize,
    /// Requests in all for something that may pass.
    pub tries: u32,
    /// The wait before the second request.
    pub pause: Duration,
}

impl ClientOptions {
    pub fn new(base: impl Into<String>) -> Self {
        Self {
            base: base.into(),
            credentials: Credentials::None,
            credential_file: CredentialFile::System,
            ca: None,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            parallel: 6,
            tries: 3,
            pause: Duration::from_millis(300),
        }
    }
}

/// A server. Clones are the same one; the thread behind it ends with the last of them.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    engine: Arc<Engine>,
    warnings: Vec<String>,
}

impl Client {
    /// Makes ready to ask; nothing is sent yet.
    ///
    /// # Errors
    /// The address is none, the certificates cannot be read, or there is no thread to be had.
    pub fn new(options: ClientOptions) -> Result<Self, WebError> {
        let (base, in_address) = Base::parse(&options.base)?;
        let mut warnings = Vec::new();
        if base.url.scheme() == "http" && !base.is_local() {
            warnings.push(format!(
                "nothing is encrypted on the way to this server, neither pictures nor names nor passwords: {}",
                place(&base.url)
            ));
        }
        let mut credentials = if options.credentials.is_none() { in_address } else { options.credentials };
        let file = match options.credential_file {
            CredentialFile::System => netrc::system_file(),
            CredentialFile::At(path) => Some(path),
            CredentialFile::None => None,
        };
        if let Some(file) = file.filter(|_| credentials.is_none()) {
            let found = netrc::look_up(&file, &place(&base.url), base.url.host_str().unwrap_or_default());
            warnings.extend(found.warning);
            credentials = found.credentials;
        }
        let extra = options.ca.as_deref().map(tls::certificates).transpose()?.unwrap_or_default();
        let builder = tls::builder(options.connect);
        // A proxy for the world knows nothing of this machine.
        let builder = if base.is_local() { builder.no_proxy() } else { builder };
        let shared = Shared {
            credentials: RwLock::new(credentials),
            plain: tls::plain(builder)?,
            safe: OnceLock::new(),
            extra,
            turns: Arc::new(Semaphore::new(options.parallel.max(1))),
            connect: options.connect,
            silence: options.silence,
            policy: Policy { tries: options.tries, pause: options.pause },
            base,
        };
        Ok(Self { shared: Arc::new(shared), engine: Arc::new(Engine::start()?), warnings })
    }

    /// Asks with these from now on.
    pub fn set_credentials(&self, credentials: Credentials) {
        *self.shared.credentials.write().unwrap_or_else(PoisonError::into_inner) = credentials;
    }

    /// The kind of credentials that are sent: `none`, `basic` or `bearer`.
    pub fn credentials_kind(&self) -> &'static str {
        self.shared.credentials.read().unwrap_or_else(PoisonError::into_inner).kind()
    }

    /// What the user should know about this server before trusting it.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl Transport for Client {
    fn base(&self) -> &str {
        &self.shared.base.root
    }

    fn get(&self, target: &str, accept: &str, watch: &Watch) -> Result<Answer, WebError> {
        if watch.cancel.is_cancelled() {
            return Err(WebError::Cancelled);
        }
        let url = self.shared.base.resolve(target)?;
        let accept = HeaderValue::from_str(accept)
            .map_err(|_| WebError::Nonsense("the request cannot be written".to_owned()))?;
        let (outlet, mut inlet) = body::channel(watch.clone());
        let task = self.engine.handle.spawn(request::run(Arc::clone(&self.shared), url, accept, outlet));
        inlet.drives(task.abort_handle(), Arc::clone(&self.engine));
        let head = inlet.head()?;
        Ok(Answer { content_type: head.content_type, length: head.length, body: Box::new(inlet) })
    }
}

/// The thread on which everything is received.
pub struct Engine {
    handle: tokio::runtime::Handle,
    /// Dropping it ends the thread.
    _stop: oneshot::Sender<()>,
}

impl Engine {
    fn start() -> Result<Self, WebError> {
        let failed = |error: io::Error| WebError::Io(format!("cannot start to ask: {}", plain(&error)));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(stopped).ok();
            // A name that is still being looked up is not waited for.
            runtime.shutdown_background();
        };
        std::thread::Builder::new().name("dicomweb".to_owned()).spawn(serve).map_err(failed)?;
        Ok(Self { handle, _stop: stop })
    }
}

/// An error of the system without its number.
pub fn plain(error: &io::Error) -> String {
    error.to_string().split(" (os error").next().unwrap_or_default().to_lowercase()
}
