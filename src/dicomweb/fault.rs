//! What the libraries below say went wrong, in words and kinds of our own. Addresses they name are left out:
//! a query may hold what is nobody's business.

use std::error::Error;
use std::io;

use rustls::CertificateError;

use super::WebError;

/// Why no answer came from `place`.
pub fn of_request(error: &reqwest::Error, place: &str, connect: u64, silence: u64) -> WebError {
    if let Some(error) = find::<rustls::Error>(error) {
        return WebError::Tls(format!("{}: {place}", tls(error)));
    }
    if error.is_connect() {
        if error.is_timeout() {
            return WebError::Connect(format!("nobody answers within {connect} seconds: {place}"));
        }
        let what = find::<io::Error>(error).map(io::Error::kind);
        return WebError::Connect(match what {
            Some(io::ErrorKind::ConnectionRefused) => format!("nobody listens there: {place}"),
            Some(io::ErrorKind::ConnectionReset) => format!("the connection was refused: {place}"),
            _ if error.is_dns() => format!("there is no machine of that name: {place}"),
            _ => format!("{}: {place}", innermost(error)),
        });
    }
    if error.is_timeout() {
        return WebError::Silence(silence);
    }
    of_body(error)
}

/// Why an answer did not go on.
pub fn of_body(error: &reqwest::Error) -> WebError {
    if error.is_builder() {
        return WebError::Nonsense("the request cannot be written".to_owned());
    }
    if let Some(hyper) = find::<hyper::Error>(error).filter(|hyper| hyper.is_parse()) {
        // It can be asked for by name only where hyper serves too.
        let too_large = hyper.to_string().contains("too large");
        let nonsense = || WebError::Nonsense("it is not HTTP".to_owned());
        return if too_large { WebError::TooLarge("its head".to_owned()) } else { nonsense() };
    }
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData) => {
            WebError::Nonsense("its body is not as HTTP has it".to_owned())
        }
        _ => WebError::Cut,
    }
}

/// The words of the error at the bottom of it all.
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(next) = below(last) {
        last = next;
    }
    let text = last.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// The last error of a type in a chain.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut found = error.downcast_ref();
    let mut last = error;
    while let Some(next) = below(last) {
        found = next.downcast_ref().or(found);
        last = next;
    }
    found
}

/// An error of input and output answers with what is below its content, not with the content.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inside) => Some(inside),
        None => error.source(),
    }
}

fn tls(error: &rustls::Error) -> String {
    use CertificateError as C;
    let what = match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            C::Expired | C::ExpiredContext { .. } => "the server's certificate has expired",
            C::NotValidYet | C::NotValidYetContext { .. } => "the server's certificate is not valid yet",
            C::Revoked => "the server's certificate was revoked",
            C::UnknownIssuer => {
                "nobody known here vouches for the server's certificate; --ca names a certificate to believe"
            }
            C::NotValidForName | C::NotValidForNameContext { .. } => {
                "the server's certificate is for another machine"
            }
            _ => return format!("the server's certificate is not acceptable ({wrong})"),
        },
        rustls::Error::InvalidMessage(_) => "the server does not speak TLS at this port",
        other => return other.to_string(),
    };
    what.to_owned()
}
