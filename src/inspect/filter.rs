//! A live filter: words that a row must all have in it, however they are spelled.

use super::rows::{Kind, Row};
use super::words;

/// What somebody looks for. Words are parted by blanks; a row is found when every word is in its keyword, its
/// name, its tag, its value or what is noted beside that. Case does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    words: Vec<Word>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// In lower case.
    text: String,
    /// The word as part of a tag, written `ggggeeee` or `gggg,eeee`.
    tag: Option<String>,
}

impl Filter {
    pub fn new(text: &str) -> Self {
        let words = text.split_whitespace().map(|word| {
            let text = word.to_lowercase();
            let bare = text.trim_start_matches('(').trim_end_matches(')');
            // Two digits are in every tag: a tag is meant from three on, or where a comma says so.
            let tag_like = (bare.len() >= 3 || bare.contains(','))
                && bare.len() <= 9
                && bare.bytes().all(|b| b.is_ascii_hexdigit() || b == b',');
            Word { tag: tag_like.then(|| bare.to_owned()), text }
        });
        Self { words: words.collect() }
    }

    /// Nothing is looked for: every row will do.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Whether a row has all words in it.
    pub fn matches(&self, row: &Row) -> bool {
        self.words.iter().all(|word| word.is_in(row))
    }
}

impl Word {
    fn is_in(&self, row: &Row) -> bool {
        let found = contains(row.keyword, &self.text)
            || contains(&row.text, &self.text)
            || contains(&row.note, &self.text)
            || row.creator.as_deref().is_some_and(|creator| contains(creator, &self.text));
        if found || row.kind != Kind::Element {
            return found;
        }
        let Some(wanted) = &self.tag else {
            // What a row is called when it has no keyword.
            return row.keyword.is_empty() && contains(&words(&row.name()), &self.text);
        };
        tag_contains(row, wanted.as_bytes())
    }
}

/// Whether part of a tag was written: with a comma at the right place, or without one from the start of the
/// group or of the element.
fn tag_contains(row: &Row, wanted: &[u8]) -> bool {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let number = u32::from(row.tag.group()) << 16 | u32::from(row.tag.element());
    let mut digits = [0u8; 8];
    for (i, digit) in digits.iter_mut().enumerate() {
        let nibble = (number >> (28 - 4 * i)) & 0xF;
        *digit = DIGITS.get(nibble as usize).copied().unwrap_or(b'0');
    }
    let (group, element) = digits.split_at(4);
    match wanted.iter().position(|&b| b == b',') {
        Some(comma) => {
            let (before, after) = wanted.split_at(comma);
            group.ends_with(before) && element.starts_with(after.get(1..).unwrap_or_default())
        }
        None => digits.starts_with(wanted) || element.starts_with(wanted),
    }
}

/// Whether a text has a word, which is in lower case, in it.
fn contains(text: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return text.to_lowercase().contains(word);
    }
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some((&first, rest)) = word.split_first() else { return true };
    text.iter().enumerate().any(|(i, byte)| {
        byte.to_ascii_lowercase() == first
            && text.get(i + 1..i + 1 + rest.len()).is_some_and(|part| part.eq_ignore_ascii_case(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_case() {
        assert!(contains("PatientName", "name"));
        assert!(contains("STUDY", "tudy"));
        assert!(!contains("STUDY", "studyx"));
        assert!(contains("Jérôme ÄÖ", "äö"));
        assert!(contains("", ""));
        assert!(!contains("", "a"));
    }
}
