//! Text of values: the character sets of _Specific Character Set_ (PS3.3 C.12.1.1.2, PS3.5 6.1).
//!
//! Single-byte sets, UTF-8, GB18030 and GBK decode in one go. Code extensions switch sets by escape
//! sequence and fall back to the initial state at delimiters; each run of one set is handed to the
//! matching table. Nothing here fails: what cannot be decoded becomes U+FFFD.

use dicom_core::VR;
use encoding_rs::{self as enc, Encoding};

/// A set that may be designated to the lower (G0) or upper (G1) half of the code table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    /// ASCII below, Latin-1 above: the fallback for anything undeclared.
    Ascii,
    Latin1,
    /// A single-byte table of which only the upper half is used.
    Single(&'static Encoding),
    /// JIS X 0201: romaji below, half-width katakana above.
    Jis0201,
    /// The katakana of JIS X 0201 in the lower half, where some writers put them.
    Katakana,
    Jis0208,
    Jis0212,
    KsX1001,
    Gb2312,
}

/// How the text of a data set is to be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nothing declared: ASCII, but UTF-8 and Latin-1 are tolerated.
    Undeclared,
    /// One multi-byte encoding without escapes.
    Whole(&'static Encoding),
    /// Single bytes, possibly with escapes: what G0 and G1 hold at first.
    Escapes { lower: Set, upper: Set },
}

/// The character sets in force for the text of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharacterSets {
    mode: Mode,
    unknown: Option<String>,
}

impl Default for CharacterSets {
    fn default() -> Self {
        Self { mode: Mode::Undeclared, unknown: None }
    }
}

impl CharacterSets {
    /// From the value of _Specific Character Set_ (0008,0005).
    ///
    /// ```
    /// use lightbox::dicom::{CharacterSets, VR};
    /// let greek = CharacterSets::parse("ISO_IR 126");
    /// assert_eq!(greek.decode(b"\xC4\xE9\xEF\xED\xF5\xF3\xE9\xEF\xF2", VR::PN), "Διονυσιος");
    /// ```
    pub fn parse(value: &str) -> Self {
        let mut names = value.split('\\').map(normalised);
        let first = names.next().unwrap_or_default();
        let mode = match mode_of(&first) {
            Some(Mode::Undeclared) | None => {
                // An empty or unknown first value with multi-byte seconds means ASCII and escapes.
                let second = names.find_map(|n| mode_of(&n));
                match second {
                    Some(Mode::Whole(e)) => Mode::Whole(e),
                    // Nothing else can be meant by upper bytes, even where the escape is missing.
                    Some(Mode::Escapes { upper, .. }) => Mode::Escapes { lower: Set::Ascii, upper },
                    _ => Mode::Undeclared,
                }
            }
            Some(mode) => mode,
        };
        let unknown = (mode_of(&first).is_none()).then(|| value.to_owned());
        Self { mode, unknown }
    }

    /// The declared value when its first set is not known.
    pub fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// Decodes bytes of a value; padding stays.
    pub fn decode(&self, bytes: &[u8], vr: VR) -> String {
        if bytes.is_ascii() && !bytes.contains(&0x1B) {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        match self.mode {
            Mode::Undeclared if bytes.contains(&0x1B) => decode_escapes(bytes, vr, Set::Ascii, Set::Latin1),
            Mode::Undeclared => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
            },
            Mode::Whole(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Mode::Escapes { lower, upper } => decode_escapes(bytes, vr, lower, upper),
        }
    }
}

/// Letters and digits only, upper case: declared names vary in blanks, underscores and dashes.
fn normalised(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

fn mode_of(name: &str) -> Option<Mode> {
    let upper = |set| Some(Mode::Escapes { lower: Set::Ascii, upper: set });
    let single = |encoding| upper(Set::Single(encoding));
    let registration = name
        .strip_prefix("ISO2022IR")
        .or_else(|| name.strip_prefix("ISOIR"))
        .or_else(|| name.strip_prefix("ISO2022"))
        .unwrap_or(name);
    match registration {
        "" => Some(Mode::Undeclared),
        "6" | "87" | "159" | "100" | "ISO88591" | "LATIN1" => upper(Set::Latin1),
        "101" | "ISO88592" | "LATIN2" => single(enc::ISO_8859_2),
        "109" | "ISO88593" => single(enc::ISO_8859_3),
        "110" | "ISO88594" => single(enc::ISO_8859_4),
        "144" | "ISO88595" => single(enc::ISO_8859_5),
        "127" | "ISO88596" => single(enc::ISO_8859_6),
        "126" | "ISO88597" => single(enc::ISO_8859_7),
        "138" | "ISO88598" => single(enc::ISO_8859_8),
        "148" | "ISO88599" => single(enc::WINDOWS_1254),
        "166" | "TIS620" => single(enc::WINDOWS_874),
        "203" | "ISO885915" => single(enc::ISO_8859_15),
        "13" => Some(Mode::Escapes { lower: Set::Jis0201, upper: Set::Jis0201 }),
        "149" => upper(Set::KsX1001),
        "58" => upper(Set::Gb2312),
        "192" | "UTF8" => Some(Mode::Whole(enc::UTF_8)),
        "GB18030" => Some(Mode::Whole(enc::GB18030)),
        "GBK" | "GB2312" => Some(Mode::Whole(enc::GBK)),
        "SHIFTJIS" | "SJIS" => Some(Mode::Whole(enc::SHIFT_JIS)),
        "EUCKR" | "KSC5601" => Some(Mode::Whole(enc::EUC_KR)),
        "WINDOWS1251" | "CP1251" => single(enc::WINDOWS_1251),
        "WINDOWS1252" | "CP1252" => single(enc::WINDOWS_1252),
        _ => None,
    }
}

/// Decodes text with code extensions (PS3.5 6.1.2.5).
fn decode_escapes(bytes: &[u8], vr: VR, initial_lower: Set, initial_upper: Set) -> String {
    let mut out = String::with_capacity(bytes.len());
    let (mut lower, mut upper) = (initial_lower, initial_upper);
    let mut rest = bytes;
    while let Some(&byte) = rest.first() {
        if byte == 0x1B {
            if let Some((length, half, set)) = escape(rest) {
                match half {
                    Half::Lower => lower = set,
                    Half::Upper => upper = set,
                }
                rest = rest.get(length..).unwrap_or_default();
            } else {
                out.push('\u{FFFD}');
                rest = rest.get(1..).unwrap_or_default();
            }
            continue;
        }
        let high = byte >= 0x80;
        let set = if high { upper } else { lower };
        let run = rest
            .iter()
            .position(|&b| b == 0x1B || (b >= 0x80) != high || is_control(b))
            .unwrap_or(rest.len());
        if run == 0 {
            // Control characters end a line and with it every designation.
            (lower, upper) = (initial_lower, initial_upper);
            out.push(char::from(byte));
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let run = if !high && !is_double(set) {
            // Delimiters count only where a byte is a character.
            match rest.iter().take(run).position(|&b| is_delimiter(b, vr)) {
                Some(0) => {
                    (lower, upper) = (initial_lower, initial_upper);
                    1
                }
                Some(position) => position,
                None => run,
            }
        } else {
            run
        };
        let (now, later) = rest.split_at(run);
        decode_run(now, set, &mut out);
        rest = later;
    }
    out
}

fn is_control(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r')
}

/// Whether a character parts values or components. Long texts are one value: a backslash is a letter there.
fn is_delimiter(byte: u8, vr: VR) -> bool {
    match byte {
        b'\\' => !matches!(vr, VR::LT | VR::ST | VR::UT | VR::UR),
        b'^' | b'=' => vr == VR::PN,
        _ => false,
    }
}

fn is_double(set: Set) -> bool {
    matches!(set, Set::Jis0208 | Set::Jis0212 | Set::KsX1001 | Set::Gb2312)
}

enum Half {
    Lower,
    Upper,
}

/// Length, half and set of the escape sequence at the start of `bytes`.
fn escape(bytes: &[u8]) -> Option<(usize, Half, Set)> {
    use Half::{Lower, Upper};
    let found = match bytes.get(1..)? {
        [b'(', b'B', ..] => (3, Lower, Set::Ascii),
        [b'(', b'J', ..] => (3, Lower, Set::Jis0201),
        [b'(', b'I', ..] => (3, Lower, Set::Katakana),
        [b')', b'I', ..] => (3, Upper, Set::Jis0201),
        [b'$', b'@' | b'B', ..] => (3, Lower, Set::Jis0208),
        [b'$', b'(', b'@' | b'B', ..] => (4, Lower, Set::Jis0208),
        [b'$', b'(', b'D', ..] => (4, Lower, Set::Jis0212),
        [b'$', b')', b'C', ..] => (4, Upper, Set::KsX1001),
        [b'$', b'(', b'C', ..] => (4, Lower, Set::KsX1001),
        [b'$', b')', b'A', ..] => (4, Upper, Set::Gb2312),
        [b'$', b'(', b'A', ..] => (4, Lower, Set::Gb2312),
        [b'$', b'A', ..] => (3, Lower, Set::Gb2312),
        [b'-', final_byte, ..] => {
            let set = match final_byte {
                b'A' => Set::Latin1,
                b'B' => Set::Single(enc::ISO_8859_2),
                b'C' => Set::Single(enc::ISO_8859_3),
                b'D' => Set::Single(enc::ISO_8859_4),
                b'F' => Set::Single(enc::ISO_8859_7),
                b'G' => Set::Single(enc::ISO_8859_6),
                b'H' => Set::Single(enc::ISO_8859_8),
                b'L' => Set::Single(enc::ISO_8859_5),
                b'M' => Set::Single(enc::WINDOWS_1254),
                b'T' => Set::Single(enc::WINDOWS_874),
                b'b' => Set::Single(enc::ISO_8859_15),
                _ => return None,
            };
            (3, Upper, set)
        }
        _ => return None,
    };
    Some(found)
}

/// Appends a run of bytes that all belong to one set.
fn decode_run(run: &[u8], set: Set, out: &mut String) {
    let through = |encoding: &'static Encoding, bytes: &[u8], out: &mut String| {
        out.push_str(&encoding.decode_without_bom_handling(bytes).0);
    };
    if (is_double(set) || set == Set::Katakana) && run.contains(&b' ') {
        // A blank is a blank in every set.
        for (at, part) in run.split(|&byte| byte == b' ').enumerate() {
            if at > 0 {
                out.push(' ');
            }
            decode_run(part, set, out);
        }
        return;
    }
    let raised = || run.iter().map(|&b| b | 0x80).collect::<Vec<u8>>();
    match set {
        Set::Ascii | Set::Latin1 => out.extend(run.iter().map(|&b| char::from(b))),
        Set::Single(encoding) => through(encoding, run, out),
        // Shift JIS holds JIS X 0201 unchanged and forgives kanji put where they do not belong.
        Set::Jis0201 => through(enc::SHIFT_JIS, run, out),
        Set::Katakana => through(enc::SHIFT_JIS, &raised(), out),
        // The tables are in EUC form: the same two bytes with the high bit set.
        Set::Jis0208 => through(enc::EUC_JP, &raised(), out),
        Set::Jis0212 => {
            let prefixed: Vec<u8> =
                run.chunks(2).flat_map(|pair| [&[0x8F], pair].concat()).map(|b| b | 0x80).collect();
            through(enc::EUC_JP, &prefixed, out);
        }
        Set::KsX1001 => through(enc::EUC_KR, &raised(), out),
        Set::Gb2312 => through(enc::GBK, &raised(), out),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
