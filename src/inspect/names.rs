//! Names of things: keywords of tags, words out of keywords, UIDs in plain language.

use dicom_core::Tag;
use dicom_core::dictionary::{DataDictionary as _, DataDictionaryEntry};
use dicom_dictionary_std::StandardDataDictionary;

use crate::dicom::uid;

/// The keyword of an element of the standard (PS3.6); empty when it has none.
///
/// ```
/// use lightbox::{dicom::Tag, inspect::keyword};
/// assert_eq!(keyword(Tag(0x0010, 0x0010)), "PatientName");
/// assert_eq!(keyword(Tag(0x6002, 0x3000)), "OverlayData");
/// assert_eq!(keyword(Tag(0x0029, 0x1010)), "");
/// ```
pub fn keyword(tag: Tag) -> &'static str {
    if tag.element() == 0 {
        return match tag.group() {
            0 => "CommandGroupLength",
            2 => "FileMetaInformationGroupLength",
            _ => "GroupLength",
        };
    }
    StandardDataDictionary.by_tag(tag).map_or("", DataDictionaryEntry::alias)
}

/// The tag a keyword stands for; that of the first group where groups repeat.
pub(super) fn tag_of(keyword: &str) -> Option<Tag> {
    StandardDataDictionary.by_name(keyword).map(DataDictionaryEntry::tag)
}

/// A keyword as words: `SOPInstanceUID` as `SOP Instance UID`.
///
/// ```
/// assert_eq!(lightbox::inspect::words("PerFrameFunctionalGroupsSequence"), "Per Frame Functional Groups Sequence");
/// assert_eq!(lightbox::inspect::words("SOPInstanceUID"), "SOP Instance UID");
/// assert_eq!(lightbox::inspect::words("Beam1Angle"), "Beam 1 Angle");
/// ```
pub fn words(keyword: &str) -> String {
    let letters: Vec<char> = keyword.chars().collect();
    let mut words = String::with_capacity(keyword.len() + 8);
    for (i, &letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i)).copied();
        let after = letters.get(i + 1).copied();
        if let Some(before) = before {
            let starts = letter.is_uppercase()
                && (!before.is_uppercase() || after.is_some_and(char::is_lowercase))
                // The plural of an abbreviation is no word.
                && !(after == Some('s') && before.is_uppercase() && i + 2 == letters.len());
            let number = letter.is_ascii_digit() && !before.is_ascii_digit() && before.is_lowercase();
            if starts || number {
                words.push(' ');
            }
        }
        words.push(letter);
    }
    words
}

/// Registered UIDs that are neither transfer syntaxes nor SOP classes (PS3.6 table A-1).
const OTHERS: &[(&str, &str)] = &[
    ("1.2.840.10008.1.20.1", "Storage Commitment Push Model Instance"),
    ("1.2.840.10008.1.42", "Substance Approval Instance"),
    ("1.2.840.10008.1.5.1", "Hot Iron Palette"),
    ("1.2.840.10008.1.5.2", "PET Palette"),
    ("1.2.840.10008.1.5.3", "Hot Metal Blue Palette"),
    ("1.2.840.10008.1.5.4", "PET 20 Step Palette"),
    ("1.2.840.10008.1.5.5", "Spring Palette"),
    ("1.2.840.10008.1.5.6", "Summer Palette"),
    ("1.2.840.10008.1.5.7", "Fall Palette"),
    ("1.2.840.10008.1.5.8", "Winter Palette"),
    ("1.2.840.10008.2.6.1", "DICOM UID Registry"),
    ("1.2.840.10008.2.16.4", "DICOM Controlled Terminology"),
    ("1.2.840.10008.3.1.1.1", "DICOM Application Context"),
    ("1.2.840.10008.15.1.1", "Universal Coordinated Time"),
];

/// What a registered UID stands for: a transfer syntax, a SOP class or another entry of PS3.6 annex A.
///
/// ```
/// use lightbox::inspect::uid_name;
/// assert_eq!(uid_name("1.2.840.10008.1.2.1").as_deref(), Some("Explicit VR Little Endian"));
/// assert_eq!(uid_name("1.2.840.10008.5.1.4.1.1.2").as_deref(), Some("CT Image"));
/// assert_eq!(uid_name("1.2.3"), None);
/// ```
pub fn uid_name(uid: &str) -> Option<String> {
    // All of these are below the root of the standard, but for a few private syntaxes.
    if !uid.starts_with("1.2.840.1") {
        return None;
    }
    if let Some((_, name)) = OTHERS.iter().find(|(known, _)| *known == uid) {
        return Some((*name).to_owned());
    }
    let known = |name: String| (name != uid).then_some(name);
    known(uid::transfer_syntax_name(uid)).or_else(|| known(uid::sop_class_name(uid)))
}

/// A tag as people write it: `(0028,0010)`.
pub(super) fn tag_text(tag: Tag) -> String {
    format!("({:04X},{:04X})", tag.group(), tag.element())
}

/// A tag as people type it: `(0028,0010)`, `0028,0010` or `00280010`.
pub(super) fn parse_tag(text: &str) -> Option<Tag> {
    let inner = match text.strip_prefix('(') {
        Some(rest) => rest.strip_suffix(')')?,
        None => text,
    };
    let (group, element) = match inner.split_once(',') {
        Some((group, element)) => (group.trim(), element.trim()),
        None if inner.len() == 8 && inner.is_ascii() => inner.split_at(4),
        None => return None,
    };
    let number = |part: &str| {
        let digits = part.len() == 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| u16::from_str_radix(part, 16).ok()).flatten()
    };
    Some(Tag(number(group)?, number(element)?))
}

/// A tag or a keyword.
pub(super) fn parse_name(text: &str) -> Option<Tag> {
    parse_tag(text).or_else(|| tag_of(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_in_every_form() {
        for text in ["(0028,0010)", "0028,0010", "00280010", "Rows"] {
            assert_eq!(parse_name(text), Some(Tag(0x0028, 0x0010)), "{text}");
        }
        for wrong in ["", "(0028,0010", "0028,001", "+028,0010", "rows of", "0028,0010)", "é028,001"] {
            assert_eq!(parse_name(wrong), None, "{wrong}");
        }
        assert_eq!(parse_tag("7fe0,0010"), Some(Tag(0x7FE0, 0x0010)));
    }

    #[test]
    fn words_keep_abbreviations_together() {
        for (keyword, expected) in [
            ("KVP", "KVP"),
            ("PatientName", "Patient Name"),
            ("ReferencedSOPClassUID", "Referenced SOP Class UID"),
            ("PixelPaddingRangeLimit", "Pixel Padding Range Limit"),
            ("", ""),
        ] {
            assert_eq!(words(keyword), expected);
        }
    }
}
