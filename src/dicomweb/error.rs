//! What can go wrong between here and a server, said so that a reader knows what to do about it.
//!
//! No error ever holds a credential: addresses are named without user, password and query.

use std::fmt;
use std::io;

/// Why a request brought nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebError {
    /// The address is none, or not one of HTTP.
    Address(String),
    /// Nobody answers there: name, port, or network.
    Connect(String),
    /// The certificate or the encryption is not acceptable.
    Tls(String),
    /// 401: the server wants credentials, or others.
    Unauthorized { asked: bool },
    /// 403.
    Forbidden,
    /// 404 and 410.
    NotFound(String),
    /// 406 and 415: the server has it, but in no form that was asked for.
    NotAcceptable,
    /// Any other status that is no success.
    Status { code: u16, reason: String },
    /// Nothing was heard for so long that nothing will be; seconds.
    Silence(u64),
    /// The connection ended before the answer did.
    Cut,
    /// The answer is not what was asked for, or not what it says it is.
    Nonsense(String),
    /// The answer is larger than can be meant.
    TooLarge(String),
    /// The user ended it.
    Cancelled,
    /// Reading or writing here failed.
    Io(String),
}

impl WebError {
    /// Whether asking again may help.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Silence(_) | Self::Cut => true,
            Self::Status { code, .. } => matches!(code, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            _ => false,
        }
    }
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(what) => write!(f, "this is no address of a server: {what}"),
            Self::Connect(what) => write!(f, "the server cannot be reached: {what}"),
            Self::Tls(what) => write!(f, "the connection is not safe: {what}"),
            Self::Unauthorized { asked: false } => {
                f.write_str("the server asks for a user name and password")
            }
            Self::Unauthorized { asked: true } => {
                f.write_str("the server does not accept this user name and password or token")
            }
            Self::Forbidden => f.write_str("the server does not allow this user to see it"),
            Self::NotFound(what) => write!(f, "the server does not have it: {what}"),
            Self::NotAcceptable => f.write_str("the server cannot send it in a form that can be read here"),
            Self::Status { code, reason } if reason.is_empty() => write!(f, "the server answered {code}"),
            Self::Status { code, reason } => write!(f, "the server answered {code} {reason}"),
            Self::Silence(seconds) => write!(f, "the server said nothing for {seconds} seconds"),
            Self::Cut => f.write_str("the connection ended before the answer did"),
            Self::Nonsense(what) => write!(f, "the server's answer makes no sense: {what}"),
            Self::TooLarge(what) => write!(f, "the server's answer is too large: {what}"),
            Self::Cancelled => f.write_str("stopped"),
            Self::Io(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for WebError {}

/// How an error travels through [`io::Read`]. None becomes `Interrupted`, which readers take as a wish to try again.
impl From<WebError> for io::Error {
    fn from(error: WebError) -> Self {
        let kind = match &error {
            WebError::Silence(_) => io::ErrorKind::TimedOut,
            WebError::Cancelled => io::ErrorKind::ConnectionAborted,
            WebError::Cut => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

/// What a body that is read says in the end.
impl From<io::Error> for WebError {
    fn from(error: io::Error) -> Self {
        let inside = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>());
        if let Some(inside) = inside {
            return inside.clone();
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Self::Cut,
            _ => Self::Io(error.to_string()),
        }
    }
}
