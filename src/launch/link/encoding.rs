//! Percent-encoding, quotes and `file:` URLs: what happens to a text on its way into a link.

use super::LinkError;

/// Undoes percent-encoding. A plus is a plus, except in what a form has written.
///
/// # Errors
/// A percent sign without two hexadecimal digits, bytes that are no UTF-8, or control characters.
pub fn decode(raw: &str, form: bool) -> Result<String, LinkError> {
    let bytes = decode_bytes(raw, form)
        .ok_or_else(|| LinkError::new("invalid percent-encoding in the launch URL; a % is written %25"))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| LinkError::new("the launch URL is not in UTF-8 once its percent-encoding is undone"))?;
    if text.chars().any(char::is_control) {
        return Err(LinkError::new("the launch URL holds control characters"));
    }
    Ok(text)
}

fn decode_bytes(raw: &str, form: bool) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut decoded = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if form => b' ',
            plain => plain,
        });
    }
    Some(decoded)
}

/// Without one pair of quotes around it, as shells and registries leave them.
pub fn unquote(text: &str) -> &str {
    let inside = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('"').or_else(|| inside('\'')).unwrap_or(text)
}

/// The path a value means: quotes and the form of a `file:` URL undone, and the slash in front of a drive.
pub fn path(value: &str) -> String {
    let value = unquote(value);
    file_path(value.trim_start()).unwrap_or_else(|| without_drive_slash(value).to_owned())
}

/// The path of a `file:` URL. Its own percent-encoding is undone as far as it is valid, since it may have been
/// undone already.
pub fn file_path(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") || !rest.starts_with('/') {
        return None;
    }
    let path = match rest.strip_prefix("//") {
        // Without a host, or with the name of this machine.
        Some(local) if local.starts_with('/') => local,
        Some(hosted) => match hosted.split_once('/') {
            Some((host, _)) if host.eq_ignore_ascii_case("localhost") => hosted.get(host.len()..)?,
            // Another machine's share.
            _ => rest,
        },
        None => rest,
    };
    let path = without_drive_slash(path);
    Some(decode(path, false).unwrap_or_else(|_| path.to_owned()))
}

/// `C:/dir` of `/C:/dir`: a URL puts a slash before its path, and Windows paths have none.
fn without_drive_slash(path: &str) -> &str {
    match path.strip_prefix('/') {
        Some(rest) if has_drive(rest) => rest,
        _ => path,
    }
}

/// Whether a path begins with the letter of a drive.
pub fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic())
}

/// A text from a link as part of a sentence: on one line, and short.
pub fn shown(text: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plus_is_a_plus_unless_a_form_wrote_it() {
        assert_eq!(decode("a+b%20c%2B", false).expect("text"), "a+b c+");
        assert_eq!(decode("a+b%20c%2B", true).expect("text"), "a b c+");
    }

    #[test]
    fn broken_encoding_is_an_error() {
        for wrong in ["%", "%2", "a%zz", "%+1", "%C3", "%FF%FE", "a%00b", "%0A", "\u{7f}", "%é1"] {
            assert!(decode(wrong, false).is_err(), "{wrong}");
        }
        assert_eq!(decode("%E2%82%ac", false).expect("text"), "€");
    }

    #[test]
    fn paths_lose_what_urls_and_shells_put_around_them() {
        for (value, expected) in [
            ("/data/a b.dcm", "/data/a b.dcm"),
            ("\"/data/a b.dcm\"", "/data/a b.dcm"),
            ("'a.dcm'", "a.dcm"),
            ("\"a.dcm", "\"a.dcm"),
            ("/C:/data/a.dcm", "C:/data/a.dcm"),
            (r"/c:\data\a.dcm", r"c:\data\a.dcm"),
            (r"\\server\share\a.dcm", r"\\server\share\a.dcm"),
            ("file:///data/a%20b.dcm", "/data/a b.dcm"),
            ("FILE:///data/100%.dcm", "/data/100%.dcm"),
            ("file://localhost/data/a.dcm", "/data/a.dcm"),
            ("file:/data/a.dcm", "/data/a.dcm"),
            ("file:///C:/data/a.dcm", "C:/data/a.dcm"),
            ("file://server/share/a.dcm", "//server/share/a.dcm"),
            ("file:a.dcm", "file:a.dcm"),
            ("/1:/a", "/1:/a"),
        ] {
            assert_eq!(path(value), expected, "{value}");
        }
    }

    #[test]
    fn what_is_shown_is_short_and_on_one_line() {
        assert_eq!(shown("a\nb"), "a\\nb");
        assert_eq!(shown(&"é".repeat(100)).chars().count(), 81);
    }
}
