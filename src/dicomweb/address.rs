//! Where a server is, and which addresses belong to it.

use std::net::IpAddr;

use reqwest::Url;

use super::WebError;
use crate::launch::{Credentials, Secret};

/// The root of a service.
pub struct Base {
    /// Without a slash at the end, without credentials, query and fragment.
    pub root: String,
    pub url: Url,
}

impl Base {
    /// Takes an address apart. Credentials in it are answered beside it and kept out of everything else.
    pub fn parse(text: &str) -> Result<(Self, Credentials), WebError> {
        let mut url = Url::parse(text.trim()).map_err(|_| not_one(text))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(not_one(text));
        }
        let credentials = match (url.username(), url.password()) {
            ("", None) => Credentials::None,
            (user, password) => Credentials::Basic {
                user: decoded(user),
                password: Secret::new(decoded(password.unwrap_or_default())),
            },
        };
        // Neither fails for an address with a host.
        url.set_username("").ok();
        url.set_password(None).ok();
        url.set_query(None);
        url.set_fragment(None);
        let root = url.as_str().trim_end_matches('/').to_owned();
        let url = Url::parse(&root).map_err(|_| not_one(text))?;
        Ok((Self { root, url }, credentials))
    }

    /// The address of what follows the root, or of what has an address of its own.
    ///
    /// Servers behind a proxy that adds the encryption do not know of it and name themselves without; what they
    /// name is asked for where they were found.
    pub fn resolve(&self, target: &str) -> Result<Url, WebError> {
        if target.is_empty() || target.starts_with('/') {
            return Url::parse(&format!("{}{target}", self.root)).map_err(|_| not_one(target));
        }
        let mut url = Url::parse(target).map_err(|_| not_one(target))?;
        if self.url.scheme() == "https" && url.scheme() == "http" && url.host_str() == self.url.host_str() {
            url.set_scheme("https").ok();
            url.set_port(self.url.port()).ok();
        }
        self.allow(&self.url, &url)?;
        Ok(without_user(url))
    }

    /// Where a redirect leads.
    pub fn redirected(&self, from: &Url, location: &str) -> Result<Url, WebError> {
        let url = from
            .join(location)
            .map_err(|_| WebError::Nonsense("it leads to an address that is none".to_owned()))?;
        self.allow(from, &url)?;
        Ok(without_user(url))
    }

    fn allow(&self, from: &Url, to: &Url) -> Result<(), WebError> {
        if !matches!(to.scheme(), "http" | "https") || to.host_str().is_none_or(str::is_empty) {
            return Err(WebError::Nonsense(format!("it leads to what is no address of HTTP: {}", label(to))));
        }
        // Pictures of a patient stay encrypted where they were.
        if to.scheme() == "http" && (from.scheme() == "https" || self.url.scheme() == "https") {
            return Err(WebError::Tls(format!(
                "the server leads to where nothing is encrypted: {}",
                label(to)
            )));
        }
        Ok(())
    }

    /// Whether credentials for this server may be sent there: same scheme, host and port.
    pub fn owns(&self, url: &Url) -> bool {
        url.origin() == self.url.origin()
    }

    /// Whether requests leave this machine.
    pub fn is_local(&self) -> bool {
        is_loopback(&self.url)
    }
}

/// Scheme, host, port and path: what may stand in a message.
pub fn label(url: &Url) -> String {
    let host = place(url);
    format!("{}://{host}{}", url.scheme(), url.path())
}

/// Host and port.
pub fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
        Ok(address) => address.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

fn without_user(mut url: Url) -> Url {
    url.set_username("").ok();
    url.set_password(None).ok();
    url.set_fragment(None);
    url
}

/// The text may hold a password: only what is before a query and behind a user is repeated.
fn not_one(text: &str) -> WebError {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let text = text.rsplit('@').next().unwrap_or_default();
    let text: String = text.chars().filter(|letter| !letter.is_control()).take(200).collect();
    WebError::Address(if text.is_empty() { "it is empty".to_owned() } else { text })
}

/// `%41` as `A`, for user names in addresses.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let value = hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'%');
        bytes.push(value.unwrap_or(*first));
        rest = if value.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(text: &str) -> Base {
        Base::parse(text).expect("an address").0
    }

    #[test]
    fn roots_lose_their_slash_and_their_secrets() {
        let (base, credentials) =
            Base::parse(" https://anna:p%40ss@pacs.example:8443/dicom-web//?token=x#y ").expect("an address");
        assert_eq!(base.root, "https://pacs.example:8443/dicom-web");
        let expected = Credentials::Basic { user: "anna".to_owned(), password: Secret::new("p@ss") };
        assert_eq!(credentials, expected);
        assert_eq!(self::base("http://h").root, "http://h");
    }

    #[test]
    fn what_is_no_address_is_refused_without_its_password() {
        for text in ["", "pacs", "ftp://pacs/x", "http://", "anna:hunter2@pacs/studies?token=hunter2"] {
            let error = Base::parse(text).map(|_| ()).expect_err(text).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn addresses_are_resolved_against_the_root() {
        let plain = base("http://pacs:8042/dicom-web/");
        assert_eq!(
            plain.resolve("/studies?a=b").expect("one").as_str(),
            "http://pacs:8042/dicom-web/studies?a=b"
        );
        let other = plain.resolve("https://x:y@cdn.example/bulk/1").expect("one");
        assert_eq!(other.as_str(), "https://cdn.example/bulk/1");
        assert!(!plain.owns(&other));
        assert!(!plain.owns(&plain.resolve("http://pacs:8043/dicom-web/1").expect("one")));
        assert!(plain.owns(&plain.resolve("http://pacs:8042/other").expect("one")));
        assert!(plain.resolve("file:///etc/passwd").is_err());
    }

    #[test]
    fn what_is_encrypted_stays_so() {
        let safe = base("https://pacs.example/dicom-web");
        let named_wrongly = safe.resolve("http://pacs.example:8042/dicom-web/bulk").expect("one");
        assert_eq!(named_wrongly.as_str(), "https://pacs.example/dicom-web/bulk");
        assert!(matches!(safe.resolve("http://cdn.example/x"), Err(WebError::Tls(_))));
        let redirected = safe.redirected(&safe.url, "http://pacs.example/dicom-web/x");
        assert!(matches!(redirected, Err(WebError::Tls(_))));
        let relative = safe.redirected(&safe.url, "../other?x").expect("one");
        assert_eq!(relative.as_str(), "https://pacs.example/other?x");
    }

    #[test]
    fn loopback_is_known_by_any_name() {
        for (address, local) in [
            ("http://localhost:1", true),
            ("http://pacs.localhost", true),
            ("http://127.0.0.9/x", true),
            ("http://[::1]:80", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(base(address).is_local(), local, "{address}");
        }
    }
}
