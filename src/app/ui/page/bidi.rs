//! In which order the pieces of a line stand where scripts run from right to left.
//!
//! The fonts' shaping joins letters and turns every word of such a script, as far as one font goes; it knows nothing
//! of lines, so words would stand in the order in which they are read from the left. This brings the pieces of each
//! line into the order in which they stand, after the Unicode algorithm, and mirrors brackets. Words stay as they are.

use std::ops::Range;

use unicode_bidi::{BidiInfo, Level};

/// Whether a text has letters of a script that runs from right to left, or marks that say so.
pub fn runs_left(text: &str) -> bool {
    !text.is_ascii() && text.chars().any(is_of_such_a_script)
}

fn is_of_such_a_script(c: char) -> bool {
    matches!(u32::from(c),
        0x0590..=0x08FF | 0x200F | 0x202B | 0x202E | 0x2067
        | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x1_0800..=0x1_0FFF | 0x1_E800..=0x1_EFFF)
}

/// The bytes of each line of a text in a width, by what its words measure. Line ends in the text stay.
pub fn rows(text: &str, width: f32, mut measure: impl FnMut(&str) -> f32) -> Vec<Range<usize>> {
    let mut rows = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        let (mut from, mut at, mut used) = (start, start, 0.0);
        for word in paragraph.split_inclusive(' ') {
            let bare = measure(word.trim_end());
            if used > 0.0 && used + bare > width {
                rows.push(from..at);
                (from, used) = (at, 0.0);
            }
            at += word.len();
            used += measure(word);
            if bare > width {
                // Longer than a line: where about it has to end.
                let letters = word.chars().count().max(1);
                let most = ((letters as f32 * width / bare) as usize).max(1);
                let ends = word.char_indices().skip(most).step_by(most).map(|(end, _)| at - word.len() + end);
                for end in ends {
                    rows.push(from..end);
                    from = end;
                }
                used = measure(text.get(from..at).unwrap_or_default());
            }
        }
        rows.push(from..at);
        start += paragraph.len() + 1;
    }
    rows
}

/// A piece of a line: its bytes in the text, and what stands there instead of a bracket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub range: Range<usize>,
    pub mirrored: Option<char>,
}

/// A line as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From left to right.
    pub pieces: Vec<Piece>,
    /// It begins at the right.
    pub from_right: bool,
}

/// Lines as they stand, of a text and the bytes of each line in it, in order.
pub fn lines(text: &str, lines: &[Range<usize>]) -> Vec<Line> {
    let info = BidiInfo::new(text, None);
    lines
        .iter()
        .map(|line| {
            let paragraph = info.paragraphs.iter().find(|paragraph| paragraph.range.contains(&line.start));
            let Some(paragraph) = paragraph.filter(|_| !line.is_empty()) else {
                return Line { pieces: Vec::new(), from_right: false };
            };
            let end = line.end.min(paragraph.range.end);
            let (levels, runs) = info.visual_runs(paragraph, line.start..end);
            let mut pieces = Vec::new();
            for run in runs {
                let level = levels.get(run.start).copied().unwrap_or_else(Level::ltr);
                if level.is_rtl() {
                    turned(text, run, &mut pieces);
                } else {
                    straight(text, run, &mut pieces);
                }
            }
            Line { pieces, from_right: paragraph.level.is_rtl() }
        })
        .collect()
}

/// A run from left to right. Digits and signs of a script that runs to the left stand one by one: shaping would turn
/// a number, and twelve is not twenty-one.
fn straight(text: &str, run: Range<usize>, pieces: &mut Vec<Piece>) {
    let mut from = run.start;
    let mut push = |range: Range<usize>| {
        if !range.is_empty() {
            pieces.push(Piece { range, mirrored: None });
        }
    };
    for (at, c) in text.get(run.clone()).unwrap_or_default().char_indices() {
        let at = run.start + at;
        if is_of_such_a_script(c) {
            push(from..at);
            from = at + c.len_utf8();
            push(at..from);
        }
    }
    push(from..run.end);
}

/// A run from right to left: its words in turned order, each whole, and what is between them sign by sign.
fn turned(text: &str, run: Range<usize>, pieces: &mut Vec<Piece>) {
    let first = pieces.len();
    let part = text.get(run.clone()).unwrap_or_default();
    for (at, c) in part.char_indices() {
        let range = run.start + at..run.start + at + c.len_utf8();
        let word = turns_by_itself(c);
        let joins = pieces.get_mut(first..).and_then(|pieces| pieces.last_mut()).filter(|last| {
            let before = text.get(last.range.clone()).and_then(|piece| piece.chars().next());
            word && before.is_some_and(turns_by_itself)
        });
        match joins {
            Some(last) => last.range.end = range.end,
            None => pieces.push(Piece { range, mirrored: mirrored(c) }),
        }
    }
    if let Some(turned) = pieces.get_mut(first..) {
        turned.reverse();
    }
}

/// Letters of such a script and the marks on them: shaping turns these.
fn turns_by_itself(c: char) -> bool {
    matches!(u32::from(c), 0x0300..=0x036F | 0x0590..=0x065F | 0x066E..=0x06EF | 0x06FA..=0x08FF
        | 0x200C..=0x200D | 0xFB1D..=0xFDFF | 0xFE70..=0xFEFF | 0x1_0800..=0x1_0FFF | 0x1_E800..=0x1_EFFF)
}

fn mirrored(c: char) -> Option<char> {
    const PAIRS: [(char, char); 7] =
        [('(', ')'), ('[', ']'), ('{', '}'), ('<', '>'), ('«', '»'), ('‹', '›'), ('≤', '≥')];
    PAIRS.iter().find_map(|(open, close)| match c {
        c if c == *open => Some(*close),
        c if c == *close => Some(*open),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands from left to right, with the words that shaping turns in braces.
    fn set(text: &str) -> (String, bool) {
        let whole = 0..text.len();
        let line = lines(text, &[whole]).remove(0);
        let words = line.pieces.iter().map(|piece| {
            let word = &text[piece.range.clone()];
            match piece.mirrored {
                Some(sign) => sign.to_string(),
                None if word.chars().all(turns_by_itself) => format!("{{{word}}}"),
                None => word.to_owned(),
            }
        });
        (words.collect(), line.from_right)
    }

    #[test]
    fn words_stand_from_right_to_left_and_numbers_do_not_turn() {
        assert_eq!(set("plain words"), ("plain words".to_owned(), false));
        // Read first, stands last.
        assert_eq!(set("שלום עולם"), ("{עולם} {שלום}".to_owned(), true));
        assert_eq!(set("גודל 12.5 mm"), ("mm 12.5 {גודל}".to_owned(), true));
        assert_eq!(set("מסה (שפירה)"), ("({שפירה}) {מסה}".to_owned(), true));
        assert_eq!(set("كتلة ١٢ ملم"), ("{ملم} ١٢ {كتلة}".to_owned(), true));
    }

    #[test]
    fn numbers_are_never_handed_to_shaping_as_a_whole() {
        // Twelve and a half, in digits and with a separator of the script.
        for text in ["كتلة ١٢٫٥ ملم", "١٢٫٥", "حجم: ١٢٫٥٪ و ۳٫۱۴"] {
            let line = lines(text, std::slice::from_ref(&(0..text.len()))).remove(0);
            let pieces: Vec<&str> = line.pieces.iter().map(|piece| &text[piece.range.clone()]).collect();
            for piece in &pieces {
                let numeric = piece.chars().any(|c| matches!(c, '٠'..='٬' | '۰'..='۹'));
                assert!(!numeric || piece.chars().count() == 1, "{piece} of {text}");
            }
            let digits: String = pieces.concat().chars().filter(|c| matches!(c, '٠'..='٩' | '٫')).collect();
            assert!(digits.contains("١٢٫٥"), "{digits}");
        }
    }

    #[test]
    fn words_of_the_other_direction_are_turned_within_a_line() {
        assert_eq!(set("Name: כהן דוד, M"), ("Name: {דוד} {כהן}, M".to_owned(), false));
        assert!(runs_left("כהן") && runs_left("كتلة") && !runs_left("日本語 ä"));
    }

    #[test]
    fn lines_end_between_words_or_where_they_must() {
        let of = |text: &str, width: f32| {
            let rows = rows(text, width, |word| word.chars().count() as f32);
            rows.into_iter().map(|row| text[row].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(of("אחת שתים שלוש", 9.0), ["אחת שתים ", "שלוש"]);
        assert_eq!(of("אחת\n\nשתים", 9.0), ["אחת", "", "שתים"]);
        assert_eq!(of("אאאאאאאאאא ב", 4.0), ["אאאא", "אאאא", "אא ב"]);
        assert_eq!(of("", 4.0), [""]);
    }

    #[test]
    fn lines_turn_one_by_one() {
        let text = "אחת שתים שלוש";
        let cut = text.find('ש').and_then(|at| text[at + 2..].find(' ').map(|more| at + 2 + more + 1));
        let cut = cut.expect("two blanks");
        let two = lines(text, &[0..cut, cut..text.len()]);
        assert_eq!(two.len(), 2);
        let words = |line: &Line| {
            let pieces = line.pieces.iter().map(|piece| text[piece.range.clone()].to_owned());
            pieces.filter(|piece| piece != " ").collect::<Vec<_>>()
        };
        assert_eq!(words(&two[0]), ["שתים", "אחת"]);
        assert_eq!(words(&two[1]), ["שלוש"]);
    }
}
