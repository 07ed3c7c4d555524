//! Addresses inside a server: what may stand in one, and where a relative one leads (RFC 3986).

/// Whether text from a server may be a part of an address: what UIDs are made of, and what they are made of where
/// nobody keeps to the standard, but nothing that leads elsewhere.
pub(super) fn is_part(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=128).contains(&text.len()) && text.chars().all(allowed) && !matches!(text, "." | "..")
}

/// The places a value may be at, in order: where its URI leads by the standard, then where servers mean it to lead.
///
/// `request` is the address of the metadata, `instance` that of the object below `base`.
pub(super) fn places(uri: &str, base: &str, request: &str, instance: &str) -> Vec<String> {
    let uri = uri.trim();
    let mut places = Vec::new();
    let mut add = |place: Option<String>| {
        if let Some(place) = place.filter(|place| !places.contains(place)) {
            places.push(place);
        }
    };
    if scheme(uri).is_some() {
        if same_origin(uri, base) {
            add(http(uri));
        } else {
            // A server behind another one often knows itself only by its own name.
            let below = uri.find("/studies/").and_then(|at| uri.get(at..));
            add(below.map(|path| format!("{base}{path}")));
            add(http(uri));
        }
        return places;
    }
    add(resolve(uri, request));
    add(resolve(uri, &format!("{base}{instance}/")));
    add(resolve(uri, &format!("{base}{instance}")));
    add(resolve(uri.trim_start_matches('/'), &format!("{base}/")));
    places
}

fn scheme(uri: &str) -> Option<&str> {
    let (scheme, _) = uri.split_once(':')?;
    let mut chars = scheme.chars();
    let first = chars.next()?.is_ascii_alphabetic();
    (first && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).then_some(scheme)
}

fn http(uri: &str) -> Option<String> {
    let scheme = scheme(uri)?;
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    known.then(|| uri.to_owned())
}

/// `https://host:port` and the rest.
fn split(address: &str) -> Option<(&str, &str)> {
    let host = address.find("://")? + 3;
    let end = address.get(host..)?.find(['/', '?', '#']).map_or(address.len(), |at| host + at);
    Some(address.split_at(end))
}

fn same_origin(a: &str, b: &str) -> bool {
    match (split(a), split(b)) {
        (Some((a, _)), Some((b, _))) => a.eq_ignore_ascii_case(b),
        _ => false,
    }
}

/// A relative reference against an absolute address.
fn resolve(reference: &str, address: &str) -> Option<String> {
    let (origin, path) = split(address)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if let Some(rest) = reference.strip_prefix("//") {
        return Some(format!("{}://{rest}", scheme(address)?));
    }
    let (relative, query) = match reference.find(['?', '#']) {
        Some(at) => reference.split_at(at),
        None => (reference, ""),
    };
    let query = query.split('#').next().unwrap_or_default();
    if relative.is_empty() {
        return Some(format!("{origin}{path}{query}"));
    }
    let joined = if relative.starts_with('/') {
        relative.to_owned()
    } else {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{relative}")
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if joined.ends_with("/.") || joined.ends_with("/..") { "/" } else { "" };
    Some(format!("{origin}/{}{slash}{query}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_references_by_the_rfc() {
        // RFC 3986 5.4, those that can be met here.
        let cases = [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("g?y", "http://a/b/c/g?y"),
            ("g?y#s", "http://a/b/c/g?y"),
            ("", "http://a/b/c/d;p"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
        ];
        for (reference, expected) in cases {
            let found = resolve(reference, "http://a/b/c/d;p?q").unwrap();
            assert_eq!(found.trim_end_matches('/'), expected.trim_end_matches('/'), "{reference}");
        }
    }

    #[test]
    fn values_are_looked_for_where_they_may_be() {
        let base = "http://here:80/dicom-web";
        let (request, instance) =
            ("http://here:80/dicom-web/studies/1/metadata", "/studies/1/series/2/instances/3");
        let at = |uri: &str| places(uri, base, request, instance);
        assert_eq!(at("http://HERE:80/x/bulk")[..], ["http://HERE:80/x/bulk"]);
        assert_eq!(
            at("https://inside/dw/studies/1/bulk/7"),
            ["http://here:80/dicom-web/studies/1/bulk/7", "https://inside/dw/studies/1/bulk/7"]
        );
        assert_eq!(at("../1/bulk/7")[0], "http://here:80/dicom-web/studies/1/bulk/7");
        assert!(
            at("bulk/7")
                .contains(&"http://here:80/dicom-web/studies/1/series/2/instances/3/bulk/7".to_owned())
        );
        assert!(at("studies/1/bulk").contains(&"http://here:80/dicom-web/studies/1/bulk".to_owned()));
        assert!(at("file:///etc/passwd").is_empty());
        assert!(at("javascript:alert(1)").is_empty());
    }

    #[test]
    fn what_may_be_a_uid() {
        assert!(is_part("1.2.840.10008") && is_part("2.25.1") && is_part("A-7_b"));
        for text in ["", ".", "..", "1/2", "1?2", "1 2", "1%2f", "é", &"1".repeat(129)] {
            assert!(!is_part(text), "{text}");
        }
    }
}
