//! Names of members: decoded, and made harmless.
//!
//! A name is only ever looked up in its archive, but it is shown and typed as part of a path. So it has no
//! `..`, no root, no drive and no control characters, and its folders are parted by `/`.

/// A raw name and whether its archive says that it is UTF-8.
pub struct RawName {
    pub bytes: Vec<u8>,
}

/// The name to use; `None` for folders and for names of which nothing is left.
pub fn harmless(raw: &RawName) -> Option<String> {
    let text = decoded(&raw.bytes);
    if text.ends_with(['/', '\\']) {
        return None;
    }
    // Some writers part folders as their system does.
    let backslashes = !text.contains('/');
    let parts = text.split(|c| c == '/' || (backslashes && c == '\\'));
    let mut name = String::with_capacity(text.len());
    for part in parts.filter(|part| !matches!(part.trim(), "" | "." | "..")) {
        if !name.is_empty() {
            name.push('/');
        }
        name.extend(part.chars().map(|c| if c.is_control() || c == '\\' { '\u{FFFD}' } else { c }));
    }
    (!name.is_empty()).then_some(name)
}

/// UTF-8 where it is, whatever is declared; else the code page archives were born with.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| code_page_437(byte)).collect(),
    }
}

/// The upper half of IBM code page 437.
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

fn code_page_437(byte: u8) -> char {
    if byte.is_ascii() {
        return char::from(byte);
    }
    UPPER.chars().nth(usize::from(byte & 0x7F)).unwrap_or('\u{FFFD}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(bytes: &[u8]) -> Option<String> {
        harmless(&RawName { bytes: bytes.to_vec() })
    }

    #[test]
    fn names_lead_nowhere_else() {
        assert_eq!(name(b"a/b.dcm").as_deref(), Some("a/b.dcm"));
        assert_eq!(name(b"../../etc/passwd").as_deref(), Some("etc/passwd"));
        assert_eq!(name(b"/abs//x/./y").as_deref(), Some("abs/x/y"));
        assert_eq!(name(b"dir\\sub\\..\\f.dcm").as_deref(), Some("dir/sub/f.dcm"));
        assert_eq!(name(b"a/b\\c").as_deref(), Some("a/b\u{FFFD}c"));
        assert_eq!(name(b"new\nline\0").as_deref(), Some("new\u{FFFD}line\u{FFFD}"));
        for nothing in [&b"folder/"[..], b"..", b"", b"folder\\"] {
            assert_eq!(name(nothing), None);
        }
    }

    #[test]
    fn names_without_utf_8_are_of_the_old_code_page() {
        assert_eq!(UPPER.chars().count(), 128);
        assert_eq!(name(b"\x81ber.dcm").as_deref(), Some("über.dcm"));
        assert_eq!(name("über.dcm".as_bytes()).as_deref(), Some("über.dcm"));
        assert_eq!(name(b"\xE1").as_deref(), Some("ß"));
    }
}
