//! The URL of a DICOMweb server, as people have it: a root, an endpoint, or one object's address.

use super::LinkError;
use super::encoding::{decode, shown};
use super::values::parse_uid;
use crate::launch::Secret;

/// Where a server's DICOMweb usually is when only the server was named.
const USUAL_ROOT: &str = "/dicom-web";

/// What a URL says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `https://host/dicom-web`, without a slash at its end.
    pub base_url: String,
    pub study: Option<String>,
    pub series: Option<String>,
    pub instance: Option<String>,
    pub user: Option<String>,
    pub password: Option<Secret>,
}

impl Server {
    /// # Errors
    /// It is no URL of a web server. The sentence never repeats the URL, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let wrong = |why: &str| LinkError::new(format!("the dicomweb URL {why}"));
        let text = text.trim();
        let (scheme, rest) = text
            .split_once("://")
            .filter(|(scheme, _)| ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
            .ok_or_else(|| wrong("must name a server and begin with http:// or https://"))?;
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (login, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        if !is_host(host) {
            return Err(wrong("must name a server: a host, and a port if need be"));
        }
        // An @ this far behind is more likely the end of a password with a slash in it than part of a path.
        if path.contains(|c: char| c.is_whitespace() || "\"<>\\^`{|}@".contains(c)) {
            return Err(wrong("holds characters that a URL has only in percent-encoding"));
        }
        let mut server = Self::default();
        if !login.is_empty() {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            server.user = Some(decode(user, false)?).filter(|user| !user.is_empty());
            server.password =
                Some(decode(password, false)?).filter(|password| !password.is_empty()).map(Secret::new);
        }
        let root = server.lift(path)?;
        let root = if root.is_empty() { USUAL_ROOT } else { root };
        let [scheme, host] = [scheme, host].map(str::to_ascii_lowercase);
        server.base_url = format!("{scheme}://{host}{root}");
        Ok(server)
    }

    /// Takes study, series and instance out of a path and answers with what is before them.
    fn lift<'a>(&mut self, path: &'a str) -> Result<&'a str, LinkError> {
        let path = path.trim_end_matches('/');
        let mut start = 0;
        let parts = path.split('/').map(|part| {
            let here = start;
            start += part.len() + 1;
            (here, part)
        });
        let mut parts = parts.skip_while(|(_, part)| !part.eq_ignore_ascii_case("studies"));
        let Some((at, _)) = parts.next() else { return Ok(path) };
        let mut kind = Some(Kind::Study);
        for (_, part) in parts.filter(|(_, part)| !part.is_empty()) {
            match kind.take() {
                Some(kind) => {
                    let uid = parse_uid(kind.name(), &decode(part, false)?)?;
                    let place = match kind {
                        Kind::Study => &mut self.study,
                        Kind::Series => &mut self.series,
                        Kind::Instance => &mut self.instance,
                    };
                    if place.replace(uid).is_some() {
                        return Err(LinkError::new(format!(
                            "the dicomweb URL names more than one {}",
                            kind.name()
                        )));
                    }
                }
                // What else may follow, such as metadata or frames, is another view of the same.
                None => kind = Kind::of(part),
            }
        }
        Ok(path.get(..at).unwrap_or_default().trim_end_matches('/'))
    }

    /// Whether what is sent can be read on its way to another machine.
    pub fn is_readable_by_others(base_url: &str) -> bool {
        let Some(rest) = base_url.strip_prefix("http://") else { return false };
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, _) = split_port(authority);
        let is_here = host == "localhost"
            || host.ends_with(".localhost")
            || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        !is_here
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Study,
    Series,
    Instance,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Study => "study",
            Self::Series => "series",
            Self::Instance => "instance",
        }
    }

    fn of(part: &str) -> Option<Self> {
        let words = [("studies", Self::Study), ("series", Self::Series), ("instances", Self::Instance)];
        words.into_iter().find(|(word, _)| part.eq_ignore_ascii_case(word)).map(|(_, kind)| kind)
    }
}

/// A host with or without a port: a name, an address, or an address of version 6 in brackets.
fn is_host(authority: &str) -> bool {
    let (host, port) = split_port(authority);
    let port_fits = port.is_none_or(|port| {
        port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0)
    });
    let host_fits = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok()),
        None => !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')),
    };
    host_fits && port_fits && authority.len() <= 260
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

/// Two texts that should be one, for a sentence that names both.
pub fn contradiction(name: &str, from_url: &str) -> LinkError {
    LinkError::new(format!(
        "the dicomweb URL names another {name} than {name}= does; name it once: {}",
        shown(from_url)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Credentials, Wishes, parse_server};

    fn base(text: &str) -> String {
        Server::parse(text).expect(text).base_url
    }

    #[test]
    fn a_root_gets_the_usual_path_and_nothing_else_changes() {
        assert_eq!(base("http://localhost:8042"), "http://localhost:8042/dicom-web");
        assert_eq!(base(" HTTPS://Pacs.Example/ "), "https://pacs.example/dicom-web");
        assert_eq!(base("https://pacs/rs//?limit=1#top"), "https://pacs/rs");
        assert_eq!(base("https://pacs/A/rs/studies/"), "https://pacs/A/rs");
        assert_eq!(base("https://pacs?x=/studies/1.2"), "https://pacs/dicom-web");
        assert_eq!(base("http://[::1]:8042/rs"), "http://[::1]:8042/rs");
        assert_eq!(base("http://my_pacs/mystudies/rs"), "http://my_pacs/mystudies/rs");
    }

    #[test]
    fn uids_are_lifted_out() {
        let found =
            Server::parse("http://pacs/rs/Studies/1.2/SERIES/1.3/instances/1.4/frames/2").expect("a URL");
        assert_eq!(found.base_url, "http://pacs/rs");
        let uids = (found.study, found.series, found.instance);
        assert_eq!(uids, (Some("1.2".into()), Some("1.3".into()), Some("1.4".into())));
        let found = Server::parse("http://pacs/studies/1.2/instances/1.4/").expect("a URL");
        assert_eq!(found.base_url, "http://pacs/dicom-web");
        assert_eq!((found.series, found.instance), (None, Some("1.4".into())));
        let found = Server::parse("http://pacs/rs/studies/1.2/metadata").expect("a URL");
        assert_eq!((found.study, found.series), (Some("1.2".into()), None));
        assert!(Server::parse("http://pacs/rs/studies/abc").is_err());
        assert!(Server::parse("http://pacs/rs/studies/1.2/studies/1.3").is_err());
    }

    #[test]
    fn a_login_is_lifted_out() {
        let found = Server::parse("https://anna:p%40ss:w%2Brd@pacs:8443/rs").expect("a URL");
        assert_eq!(found.base_url, "https://pacs:8443/rs");
        assert_eq!(found.user.as_deref(), Some("anna"));
        assert_eq!(found.password.as_ref().map(Secret::reveal), Some("p@ss:w+rd"));
    }

    #[test]
    fn a_server_alone_is_one_to_look_on() {
        let place = parse_server("https://anna:p%40ss@pacs/rs/studies/1.2").expect("a server");
        let anna = Credentials::Basic { user: "anna".to_owned(), password: Secret::new("p@ss") };
        assert_eq!((place.base_url.as_str(), place.credentials), ("https://pacs/rs", anna));
        assert_eq!(place.study.as_deref(), Some("1.2"));
        assert!(parse_server("https://anna@pacs").is_err(), "a user without a password");

        let searches = |url: &str, fill: fn(&mut Wishes)| {
            let mut wishes = Wishes::default();
            wishes.set_server(url).expect("a server");
            fill(&mut wishes);
            wishes.take_search().expect("a search or none").map(|search| search.base_url)
        };
        assert_eq!(searches("http://pacs", |_| {}).as_deref(), Some("http://pacs/dicom-web"));
        assert_eq!(searches("http://pacs/studies/1.2", |_| {}), None);
        assert_eq!(searches("http://pacs", |wishes| wishes.add_studies("1.2").expect("a study")), None);
        assert_eq!(searches("http://pacs", |wishes| wishes.add_series("1.2").expect("a series")), None);
        assert_eq!(searches("http://pacs", |wishes| wishes.add_typed(["a.dcm".into()])), None);
    }

    #[test]
    fn what_is_no_web_server_is_refused_without_being_repeated() {
        for wrong in [
            "",
            "pacs",
            "localhost:8042",
            "ftp://u:hunter2@pacs/",
            "http://",
            "http:///rs",
            "/studies/1.2",
            "http://u:hunter2@/rs",
            "http://pa cs/rs",
            "http://pacs:0/",
            "http://pacs:99999/",
            "http://pacs:/",
            "http://pacs:80:80/",
            "http://[::1/rs",
            "http://[hunter2]/",
            "http://pacs/r s",
            "http://pacs/a|b",
            "http://anna:1/hunter2@pacs/rs",
            "http://pa%63s/",
            "javascript:alert(1)",
            "http:\\\\pacs\\rs",
            "file:///etc/passwd",
        ] {
            let error = Server::parse(wrong).expect_err(wrong).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_this_machine_is_private_without_encryption() {
        for here in
            ["http://localhost:8042/rs", "http://127.0.0.2/rs", "http://[::1]:80/rs", "https://pacs/rs"]
        {
            assert!(!Server::is_readable_by_others(here), "{here}");
        }
        for other in ["http://pacs/rs", "http://10.0.0.1:80/rs", "http://localhost.example/rs"] {
            assert!(Server::is_readable_by_others(other), "{other}");
        }
    }
}
