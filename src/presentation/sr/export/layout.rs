//! Lines of limited width: where they break, and how wide they are with characters of double width.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Columns a text takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Text with blanks behind it up to a width.
pub(super) fn padded(text: &str, to: usize) -> String {
    let blanks = to.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(blanks))
}

/// Text in lines of a width at most; line ends in the text stay. Breaks at blanks, between characters of double
/// width, and within words that are longer than a line.
pub(super) fn wrap(text: &str, most: usize) -> Vec<String> {
    let most = most.max(8);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap_one(paragraph.trim_end(), most, &mut lines);
    }
    lines
}

fn wrap_one(text: &str, most: usize, lines: &mut Vec<String>) {
    if width(text) <= most {
        lines.push(text.to_owned());
        return;
    }
    let mut line = String::new();
    let mut used = 0;
    let mut end = |line: &mut String, used: &mut usize| {
        lines.push(line.trim_end().to_owned());
        line.clear();
        *used = 0;
    };
    for piece in pieces(text) {
        let wide = width(piece);
        let bare = width(piece.trim_end());
        if used > 0 && used + bare > most {
            end(&mut line, &mut used);
        }
        if bare <= most {
            line.push_str(piece);
            used += wide;
            continue;
        }
        for c in piece.chars() {
            let wide = c.width().unwrap_or(0);
            if used > 0 && used + wide > most {
                end(&mut line, &mut used);
            }
            line.push(c);
            used += wide;
        }
    }
    if !line.trim().is_empty() {
        end(&mut line, &mut used);
    }
}

/// Pieces a line may break between: words with the blanks behind them, and single characters of double width.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut before: Option<char> = None;
        let mut cut = rest.len();
        for (at, c) in rest.char_indices() {
            if let Some(before) = before {
                let after_word = before.is_whitespace() && !c.is_whitespace();
                if after_word || (breaks_around(before, c) && !closes(c)) {
                    cut = at;
                    break;
                }
            }
            before = Some(c);
        }
        let (piece, later) = rest.split_at(cut);
        rest = later;
        (!piece.is_empty()).then_some(piece)
    })
}

fn breaks_around(before: char, after: char) -> bool {
    let wide = |c: char| c.width() == Some(2);
    (wide(before) || wide(after)) && !after.is_whitespace() && after.width() != Some(0)
}

/// Punctuation that no line begins with.
fn closes(c: char) -> bool {
    matches!(
        c,
        '、' | '。'
            | '，'
            | '．'
            | '」'
            | '』'
            | '）'
            | '！'
            | '？'
            | '：'
            | '；'
            | '】'
            | '〉'
            | '》'
            | 'ー'
    ) || matches!(c, ')' | ',' | '.' | ';' | ':' | '!' | '?')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_blanks() {
        assert_eq!(wrap("one two three four", 10), ["one two", "three four"]);
        assert_eq!(wrap("one\n\ntwo", 10), ["one", "", "two"]);
        assert_eq!(wrap("abcdefghijklmnop", 10), ["abcdefghij", "klmnop"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn characters_of_double_width_count_twice_and_break_anywhere() {
        // Ten columns are five characters; a line never begins with a full stop.
        assert_eq!(wrap("右乳房上外側に腫瘤。", 10), ["右乳房上外", "側に腫瘤。"]);
        assert_eq!(wrap("あいうえお。かき", 10), ["あいうえ", "お。かき"]);
        assert!(wrap("日本語 and English 混在 text", 10).iter().all(|line| width(line) <= 10));
        assert_eq!(padded("腫瘤", 6), "腫瘤  ");
    }

    #[test]
    fn every_character_arrives() {
        let text = "A long sentence with 漢字かな交じり文 and words, brackets (so) and more; until the end.";
        for most in 8..40 {
            let joined: String = wrap(text, most).concat();
            let bare = |text: &str| text.replace(' ', "");
            assert_eq!(bare(&joined), bare(text), "width {most}");
        }
    }
}
