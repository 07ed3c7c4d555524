//! Reports on their way out: text for a terminal or a mail, a page of HTML, JSON for programs.

mod html;
mod json;
mod layout;
mod text;

pub use html::{write_html, write_html_pages};
pub use json::{write_json, write_json_list};
pub use text::write_text;

use std::borrow::Cow;

/// Text without characters that a terminal or a page would obey. Line ends and tabs stay, and so do the marks that
/// tell which way text runs: right-to-left text needs them.
fn harmless(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if !text.contains(obeyed) {
        return Cow::Borrowed(text);
    }
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = |c: char| match u32::from(c) {
        _ if !obeyed(c) => c,
        code @ 0..=0x1F => char::from_u32(0x2400 + code).unwrap_or('\u{FFFD}'),
        0x7F => '\u{2421}',
        _ => '\u{FFFD}',
    };
    Cow::Owned(lines.chars().map(shown).collect())
}
