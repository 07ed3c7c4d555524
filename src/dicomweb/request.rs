//! One request as it goes on the receiving thread: its turn, its tries, its redirects, its body.

use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Certificate, Response, StatusCode, Url};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

use super::address::{Base, label, place};
use super::body::{Head, Outlet};
use super::retry::{Failed, Policy};
use super::{WebError, fault, retry, tls};
use crate::launch::Credentials;

const REDIRECTS: u32 = 5;
/// What is still read of a body nobody wants, so that the connection can be used again.
const LEFTOVERS: usize = 16 << 10;
const LEFTOVERS_WAIT: Duration = Duration::from_millis(200);

/// What all requests to one server share.
pub struct Shared {
    pub base: Base,
    pub credentials: RwLock<Credentials>,
    pub plain: reqwest::Client,
    /// Made when it is first needed: it reads the certificates of the system.
    pub safe: OnceLock<Result<reqwest::Client, WebError>>,
    pub extra: Vec<Certificate>,
    pub turns: Arc<Semaphore>,
    pub connect: Duration,
    pub silence: Duration,
    pub policy: Policy,
}

impl Shared {
    fn client(&self, url: &Url) -> Result<&reqwest::Client, WebError> {
        if url.scheme() == "http" {
            return Ok(&self.plain);
        }
        let made = self.safe.get_or_init(|| tls::safe(tls::builder(self.connect), &self.extra));
        made.as_ref().map_err(WebError::clone)
    }

    fn credentials(&self) -> Credentials {
        self.credentials.read().map(|held| held.clone()).unwrap_or_default()
    }
}

/// Asks, and sends what comes to the outlet.
pub async fn run(shared: Arc<Shared>, url: Url, accept: HeaderValue, outlet: Outlet) {
    match begin(&shared, &url, &accept).await {
        Ok((response, _turn)) => {
            let content_type = text(response.headers(), &CONTENT_TYPE);
            outlet.head(Head { content_type, length: response.content_length() });
            receive(response, &outlet, shared.silence).await;
        }
        Err(error) => outlet.end(Err(error)),
    }
}

/// Waits for a turn and asks until an answer is one or asking again would not help.
async fn begin(
    shared: &Shared,
    url: &Url,
    accept: &HeaderValue,
) -> Result<(Response, OwnedSemaphorePermit), WebError> {
    let mut made = 0;
    loop {
        let turn = Arc::clone(&shared.turns).acquire_owned().await.map_err(|_| WebError::Cancelled)?;
        let failed = match follow(shared, url.clone(), accept).await {
            Ok(response) => return Ok((response, turn)),
            Err(failed) => failed,
        };
        drop(turn);
        made += 1;
        let Some(wait) = shared.policy.wait(&failed, made) else {
            return Err(failed.error);
        };
        tracing::debug!("{}: {}; asking again", label(url), failed.error);
        sleep(wait).await;
    }
}

/// Asks once, and goes where the server sends it.
async fn follow(shared: &Shared, mut url: Url, accept: &HeaderValue) -> Result<Response, Failed> {
    for _ in 0..=REDIRECTS {
        let mut request = shared.client(&url)?.get(url.clone()).header(ACCEPT, accept.clone());
        let mut asked = false;
        // Nobody but the server itself ever sees them.
        if shared.base.owns(&url) {
            request = match shared.credentials() {
                Credentials::None => request,
                Credentials::Basic { user, password } => {
                    asked = true;
                    request.basic_auth(user, Some(password.reveal()))
                }
                Credentials::Bearer(token) => {
                    asked = true;
                    request.bearer_auth(token.reveal().trim())
                }
            };
        }
        let (connect, silence) = (shared.connect.as_secs(), shared.silence);
        let response = match timeout(silence, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) if error.is_builder() && asked => {
                let what = "the token holds letters that a request cannot carry".to_owned();
                return Err(WebError::Io(what).into());
            }
            Ok(Err(error)) => {
                return Err(fault::of_request(&error, &place(&url), connect, seconds(silence)).into());
            }
            Err(_) => return Err(WebError::Silence(seconds(silence)).into()),
        };
        let status = response.status();
        tracing::debug!("{} {}", status.as_u16(), label(&url));
        if status.is_success() {
            return Ok(response);
        }
        let location = text(response.headers(), &LOCATION);
        if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) || location.is_empty() {
            return Err(refused(&response, &url, asked));
        }
        url = shared.base.redirected(&url, &location)?;
    }
    Err(WebError::Nonsense("it leads from one address to the next without end".to_owned()).into())
}

/// What an answer means that is none.
fn refused(response: &Response, url: &Url, asked: bool) -> Failed {
    let status = response.status();
    let error = match status {
        StatusCode::UNAUTHORIZED => WebError::Unauthorized { asked },
        StatusCode::FORBIDDEN => WebError::Forbidden,
        StatusCode::NOT_FOUND | StatusCode::GONE => WebError::NotFound(label(url)),
        StatusCode::NOT_ACCEPTABLE | StatusCode::UNSUPPORTED_MEDIA_TYPE => WebError::NotAcceptable,
        other => WebError::Status {
            code: other.as_u16(),
            reason: other.canonical_reason().unwrap_or_default().to_owned(),
        },
    };
    let after = response.headers().get(RETRY_AFTER).and_then(|header| header.to_str().ok());
    Failed { error, after: after.and_then(retry::seconds) }
}

/// Sends a body on as it comes, and ends it when nothing comes for too long.
async fn receive(mut response: Response, outlet: &Outlet, silence: Duration) {
    loop {
        match timeout(silence, response.chunk()).await {
            Ok(Ok(Some(bytes))) => {
                if !outlet.bytes(bytes).await {
                    timeout(LEFTOVERS_WAIT, finish(response)).await.ok();
                    return;
                }
            }
            Ok(Ok(None)) => return outlet.end(Ok(())),
            Ok(Err(error)) => return outlet.end(Err(fault::of_body(&error))),
            Err(_) => return outlet.end(Err(WebError::Silence(seconds(silence)))),
        }
    }
}

async fn finish(mut response: Response) {
    let mut left = LEFTOVERS;
    while let Ok(Some(bytes)) = response.chunk().await {
        match left.checked_sub(bytes.len()) {
            Some(less) => left = less,
            None => return,
        }
    }
}

fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    value.unwrap_or_default()
}

/// Whole seconds for a message, at least one.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs().max(1)
}
