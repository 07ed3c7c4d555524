//! Media types with parameters, as servers write them and not only as they should.

/// A media type: `multipart/related; type="application/dicom"; boundary=x`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaType {
    /// Type and subtype in lower case; empty where nothing was said.
    pub essence: String,
    /// Names in lower case, values without quotes, in the order written.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads what a header says. Never fails: what cannot be understood is left out.
    pub fn parse(text: &str) -> Self {
        let (essence, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut parameters = Vec::new();
        while !rest.trim_start_matches(is_filler).is_empty() {
            rest = rest.trim_start_matches(is_filler);
            let end = rest.find([';', '=']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            let Some(after) = after.strip_prefix('=') else {
                // A name without a value says nothing.
                rest = after;
                continue;
            };
            let (value, after) = value(after.trim_start());
            parameters.push((name.trim().to_ascii_lowercase(), value));
            rest = after;
        }
        Self { essence: essence.trim().to_ascii_lowercase(), parameters }
    }

    /// The first parameter of a name, which is to be in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The transfer syntax: a parameter of its own, or one within the quoted `type`, where some servers put it.
    pub fn transfer_syntax(&self) -> Option<String> {
        let own = self.parameter("transfer-syntax").map(str::to_owned);
        let inner = || Self::parse(self.parameter("type")?).parameter("transfer-syntax").map(str::to_owned);
        let uid = own.or_else(inner)?;
        let looks_like_one = !uid.is_empty() && uid.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        looks_like_one.then_some(uid)
    }

    pub fn is_multipart(&self) -> bool {
        self.essence.starts_with("multipart/")
    }

    /// Whether this is one DICOM object or a bare value, without parts.
    pub fn is_bare_data(&self) -> bool {
        matches!(self.essence.as_str(), "application/dicom" | "application/octet-stream")
    }
}

fn is_filler(letter: char) -> bool {
    letter == ';' || letter.is_whitespace()
}

/// The value at the start of a text, and what follows it.
///
/// A quote inside a quoted value ends it only where a semicolon or nothing follows: some writers put a quoted
/// parameter into a quoted type without escaping it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (value, after) = text.split_at(end);
        return (value.trim().to_owned(), after);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            '"' => {
                let after = quoted.get(at + 1..).unwrap_or_default();
                let next = after.trim_start();
                if next.is_empty() || next.starts_with(';') {
                    return (value, after);
                }
                value.push('"');
            }
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (what a header says, essence, boundary, transfer syntax)
    const TABLE: &[(&str, &str, Option<&str>, Option<&str>)] = &[
        ("", "", None, None),
        ("application/dicom", "application/dicom", None, None),
        ("Application/DICOM; Transfer-Syntax=1.2.3", "application/dicom", None, Some("1.2.3")),
        ("application/dicom;transfer-syntax=*", "application/dicom", None, None),
        ("multipart/related; boundary=abc", "multipart/related", Some("abc"), None),
        ("multipart/related;boundary=\"a b;c\"", "multipart/related", Some("a b;c"), None),
        ("Multipart/Related ; BOUNDARY = abc ; type=x/y", "multipart/related", Some("abc"), None),
        (
            "multipart/related; type=\"application/dicom\"; boundary=abc",
            "multipart/related",
            Some("abc"),
            None,
        ),
        (
            "multipart/related; type=\"application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\"; boundary=q-7",
            "multipart/related",
            Some("q-7"),
            Some("1.2.840.10008.1.2.1"),
        ),
        (
            "multipart/related; type=\"application/octet-stream; transfer-syntax=\"1.2\"\"; boundary=b",
            "multipart/related",
            Some("b"),
            Some("1.2"),
        ),
        (
            r#"multipart/related; type="application/octet-stream; transfer-syntax=\"1.2\""; boundary=b"#,
            "multipart/related",
            Some("b"),
            Some("1.2"),
        ),
        (r#"multipart/related; boundary="a\"b\\c""#, "multipart/related", Some(r#"a"b\c"#), None),
        ("multipart/related; boundary=\"never closed", "multipart/related", Some("never closed"), None),
        ("multipart/related;;; ; flag; boundary=x;", "multipart/related", Some("x"), None),
        ("multipart/related; boundary=x=y'()+_,-./:?", "multipart/related", Some("x=y'()+_,-./:?"), None),
        ("multipart/related; boundary=a; boundary=b", "multipart/related", Some("a"), None),
        ("multipart/related; boundary=", "multipart/related", Some(""), None),
    ];

    #[test]
    fn headers_are_read_as_they_are_written() {
        for (text, essence, boundary, syntax) in TABLE {
            let media = MediaType::parse(text);
            assert_eq!(media.essence, *essence, "{text}");
            assert_eq!(media.parameter("boundary"), *boundary, "{text}");
            assert_eq!(media.transfer_syntax().as_deref(), *syntax, "{text}");
        }
    }
}
