//! Reads Rust sources just well enough to see what they name: no strings, no comments, only words and marks.

use std::collections::BTreeSet;

/// The text without comments, strings and character literals.
pub fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = skippable(rest, code.chars().next_back());
        if skipped > 0 {
            code.push(' ');
            rest = &rest[skipped..];
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    code
}

/// Length of the comment or literal the text starts with; 0 where it starts with code.
fn skippable(text: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if text.starts_with('"') {
        return quoted(text);
    }
    if !in_word {
        let hashes = text.strip_prefix('r').map(|raw| raw.len() - raw.trim_start_matches('#').len());
        if let Some(hashes) = hashes.filter(|hashes| text[1 + hashes..].starts_with('"')) {
            let open = hashes + 2;
            let close = format!("\"{}", "#".repeat(hashes));
            return text[open..].find(&close).map_or(text.len(), |at| open + at + close.len());
        }
    }
    if text.starts_with('\'') { character(text) } else { 0 }
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        match pair {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 2;
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal, and not a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            text[3..].find('\'').map_or(0, |at| at + 4)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// Words and marks in order; `::` is one mark.
fn tokens(code: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, after) = rest.split_at(length);
        found.push(token);
        rest = after.trim_start();
    }
    found
}

/// Words that name a module or a crate: those before `::`, and all in a `use`.
pub fn names_used(code: &str) -> BTreeSet<&str> {
    let tokens = tokens(code);
    let mut names = BTreeSet::new();
    let mut importing = false;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "use" => {
                importing = true;
                continue;
            }
            ";" => importing = false,
            _ => {}
        }
        let is_word = token.starts_with(|c: char| c.is_alphabetic() || c == '_');
        if is_word && (importing || tokens.get(at + 1) == Some(&"::")) {
            names.insert(*token);
        }
    }
    names
}

/// Modules named right below the root of the crate, by `crate::name`, `crate::{name, ..}` or as many `super`
/// as lead there from a module of the given depth.
pub fn crate_imports(code: &str, depth: usize) -> BTreeSet<String> {
    let tokens = tokens(code);
    let mut names = BTreeSet::new();
    let mut at = 0;
    while at < tokens.len() {
        let after = match tokens[at] {
            "crate" => at + 1,
            "super" => {
                let mut supers = 1;
                while tokens[at..].get(supers * 2) == Some(&"super") && tokens[at + supers * 2 - 1] == "::" {
                    supers += 1;
                }
                let end = at + supers * 2 - 1;
                if supers < depth {
                    at = end;
                    continue;
                }
                end
            }
            _ => {
                at += 1;
                continue;
            }
        };
        at = after;
        if tokens.get(after) == Some(&"::") {
            names.extend(first_segments(&tokens[after + 1..]));
        }
    }
    names
}

/// The word a path goes on with, or the first words of all paths of a group in braces.
fn first_segments(tokens: &[&str]) -> Vec<String> {
    if tokens.first() != Some(&"{") {
        return tokens.first().map(|token| vec![(*token).to_owned()]).unwrap_or_default();
    }
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for pair in tokens.windows(2) {
        match pair[0] {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && matches!(pair[0], "{" | ",") {
            found.push(pair[1].to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code() {
        let text =
            "use a::b; // use c::d;\nlet x = \"e::f \\\" g::h\"; /* i::j /* k::l */ m::n */ 'o' r#\"p::q\"#";
        let names = code_only(text);
        assert_eq!(names_used(&names), BTreeSet::from(["a", "b"]));
        assert_eq!(code_only("fn f<'a>(x: &'a str) -> char { '\\'' }").matches('\'').count(), 2);
    }

    #[test]
    fn imports_from_the_root_are_found_in_every_form() {
        let code = "use crate::a::B; use crate::{c::D, e, f::{g, h}}; let x = crate::i::j();";
        let expected = ["a", "c", "e", "f", "i"].map(str::to_owned);
        assert_eq!(crate_imports(code, 2), BTreeSet::from(expected));
        assert_eq!(
            crate_imports("use super::super::up; use super::near;", 2),
            BTreeSet::from(["up".to_owned()])
        );
    }
}
