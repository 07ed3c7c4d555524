//! When a request is worth repeating, and how long to wait before.

use std::time::Duration;

use super::WebError;

/// The longest wait a server may ask for; one that wants more gets no second request.
const LONGEST: Duration = Duration::from_secs(15);

/// What kept a request from succeeding, and when the server wants to be asked again.
pub struct Failed {
    pub error: WebError,
    pub after: Option<Duration>,
}

impl From<WebError> for Failed {
    fn from(error: WebError) -> Self {
        Self { error, after: None }
    }
}

/// How often, and how patiently.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Requests in all.
    pub tries: u32,
    /// The wait before the second; each further one is three times the one before.
    pub pause: Duration,
}

impl Policy {
    /// How long to wait after so many requests; `None` where another would not help.
    pub fn wait(&self, failed: &Failed, made: u32) -> Option<Duration> {
        if made >= self.tries || !failed.error.is_passing() {
            return None;
        }
        let own = self.pause.saturating_mul(3_u32.saturating_pow(made.saturating_sub(1))).min(LONGEST);
        match failed.after {
            Some(asked) if asked > LONGEST => None,
            Some(asked) => Some(own.max(asked)),
            None => Some(own),
        }
    }
}

/// What `Retry-After` says in seconds. Dates are rare and clocks differ; they count as nothing said.
pub fn seconds(header: &str) -> Option<Duration> {
    header.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_passes_is_tried_again_and_not_for_ever() {
        let policy = Policy { tries: 3, pause: Duration::from_millis(300) };
        let status = |code| Failed::from(WebError::Status { code, reason: String::new() });
        assert_eq!(policy.wait(&status(503), 1), Some(Duration::from_millis(300)));
        assert_eq!(policy.wait(&status(503), 2), Some(Duration::from_millis(900)));
        assert_eq!(policy.wait(&status(503), 3), None);
        assert_eq!(policy.wait(&status(501), 1), None);
        for error in [
            WebError::Unauthorized { asked: true },
            WebError::Forbidden,
            WebError::NotFound(String::new()),
            WebError::NotAcceptable,
            WebError::Cancelled,
            WebError::Tls(String::new()),
        ] {
            assert_eq!(policy.wait(&error.into(), 1), None);
        }
    }

    #[test]
    fn the_server_says_when_within_reason() {
        let policy = Policy { tries: 3, pause: Duration::from_millis(300) };
        let asked = |seconds| Failed { error: WebError::Cut, after: Some(Duration::from_secs(seconds)) };
        assert_eq!(policy.wait(&asked(0), 1), Some(Duration::from_millis(300)));
        assert_eq!(policy.wait(&asked(2), 1), Some(Duration::from_secs(2)));
        assert_eq!(policy.wait(&asked(3600), 1), None);
        assert_eq!(seconds(" 7 "), Some(Duration::from_secs(7)));
        assert_eq!(seconds("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(seconds("-1"), None);
    }
}
