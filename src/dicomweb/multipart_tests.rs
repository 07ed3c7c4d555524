use std::io::{self, Read};

use super::*;

const TYPE: &str = "multipart/related; type=\"application/dicom\"; boundary=b--x";

/// Hands out a text in pieces of a few bytes.
struct Pieces<'a> {
    rest: &'a [u8],
    /// Where to break, and the size of pieces after it.
    first: usize,
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = if self.first > 0 { self.first } else { self.size };
        let count = size.min(into.len()).min(self.rest.len());
        self.first = self.first.saturating_sub(count);
        into[..count].copy_from_slice(&self.rest[..count]);
        self.rest = &self.rest[count..];
        Ok(count)
    }
}

fn read_all<R: Read>(body: R, content_type: &str) -> Result<Vec<(String, Vec<u8>)>, WebError> {
    let mut parts = Parts::new(body, content_type)?;
    let mut found = Vec::new();
    while let Some(part) = parts.next()? {
        let content_type = part.content_type.clone();
        found.push((content_type, part.read_to_vec(1 << 20)?));
    }
    // Once at its end it stays there.
    assert!(parts.next()?.is_none());
    Ok(found)
}

fn bodies(body: &[u8], content_type: &str) -> Result<Vec<Vec<u8>>, WebError> {
    read_all(body, content_type).map(|parts| parts.into_iter().map(|(_, body)| body).collect())
}

/// Three parts with everything in them that could be taken for a boundary and is none.
fn tricky() -> (Vec<u8>, Vec<Vec<u8>>) {
    let bodies = vec![
        b"\r\n--b--\r\n--b-\r\n\r\n\r--b--x\r\n\n--b--x\r\n --b--x\r\n\r\n--b--xy\r\n\r\n--b--x-\r\n\r\n--b--x--z".to_vec(),
        Vec::new(),
        b"\r\n--b--x \t?\r\n\r\n\r\n--b--\r\n\r\n--b--x\rend\r\n".to_vec(),
    ];
    let mut text = b"a preamble --b--x\r\nof two lines\r\n--b--x \t\r\n".to_vec();
    for (number, body) in bodies.iter().enumerate() {
        if number > 0 {
            text.extend(b"\r\n--b--x\r\n");
        }
        text.extend(b"Content-Type: application/dicom; transfer-syntax=1.2.3\r\nCONTENT-LENGTH: 7\r\n");
        text.extend(b"Content-Location:\r\n http://x/y\r\n\r\n");
        text.extend(body);
    }
    text.extend(b"\r\n--b--x--\r\nan epilogue\r\n--b--x\r\n\r\nis no part\r\n--b--x--");
    (text, bodies)
}

#[test]
fn a_stream_may_break_anywhere() {
    let (text, expected) = tricky();
    let whole = bodies(&text, TYPE).expect("parts");
    assert_eq!(whole, expected);
    for size in 1..=8 {
        let pieces = Pieces { rest: &text, first: 0, size };
        let found = read_all(pieces, TYPE).expect("parts");
        assert!(found.iter().map(|(_, body)| body).eq(&expected), "in pieces of {size}");
    }
    for first in 1..text.len() {
        let pieces = Pieces { rest: &text, first, size: usize::MAX };
        let found = read_all(pieces, TYPE).expect("parts");
        assert!(found.iter().map(|(_, body)| body).eq(&expected), "broken at {first}");
    }
}

#[test]
fn a_stream_that_ends_early_is_cut_wherever_it_ends() {
    let (text, expected) = tricky();
    let last = text.windows(10).position(|window| window == b"\r\n--b--x--").expect("an end");
    let last = last
        + text[last + 1..].windows(12).position(|window| window == b"\r\n--b--x--\r\n").expect("the end")
        + 1;
    for end in 1..text.len() {
        let found = bodies(&text[..end], TYPE);
        if end >= last + 10 {
            assert_eq!(found.as_ref(), Ok(&expected), "ended at {end}");
        } else if !text[..end].ends_with(b"\r\n--b--x--") {
            assert!(matches!(found, Err(WebError::Cut | WebError::Nonsense(_))), "ended at {end}: {found:?}");
        }
    }
}

#[test]
fn headers_of_parts_are_told() {
    let (text, _) = tricky();
    let mut parts = Parts::new(text.as_slice(), TYPE).expect("a multipart");
    let part = parts.next().expect("readable").expect("a part");
    assert_eq!(part.content_type, "application/dicom");
    assert_eq!(part.transfer_syntax.as_deref(), Some("1.2.3"));
    assert_eq!(part.content_location.as_deref(), Some("http://x/y"));
    assert_eq!(part.headers[1], ("content-length".to_owned(), "7".to_owned()));
}

#[test]
fn parts_that_are_not_read_are_passed_over() {
    let (text, expected) = tricky();
    let mut parts = Parts::new(text.as_slice(), TYPE).expect("a multipart");
    parts.next().expect("readable").expect("a part");
    parts.next().expect("readable").expect("a part");
    let third = parts.next().expect("readable").expect("a part");
    assert_eq!(third.read_to_vec(1000), Ok(expected[2].clone()));
    assert!(parts.next().expect("readable").is_none());
}

#[test]
fn a_part_without_headers_is_what_the_answer_says() {
    let outer = "multipart/related; type=\"application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1\"; boundary=q";
    let mut parts = Parts::new(b"--q\r\n\r\nab\r\n--q--".as_slice(), outer).expect("a multipart");
    let part = parts.next().expect("readable").expect("a part");
    assert_eq!(part.content_type, "application/octet-stream");
    assert_eq!(part.transfer_syntax.as_deref(), Some("1.2.840.10008.1.2.1"));
    assert_eq!(part.read_to_vec(10), Ok(b"ab".to_vec()));
}

#[test]
fn bare_line_feeds_are_understood_and_not_mixed() {
    let text = b"--q\nContent-Type: x/y\n\nab\r\n--q\r\nc\n--q\n\nd\n--q--\n";
    assert_eq!(
        bodies(text, "multipart/related; boundary=q"),
        Ok(vec![b"ab\r\n--q\r\nc".to_vec(), b"d".to_vec()])
    );
}

#[test]
fn odd_boundaries_are_taken_literally() {
    for boundary in ["a", "'()+_,-./:=?", "--", "x y", "-", "b\\b", "==abc=="] {
        let quoted = boundary.replace('\\', "\\\\");
        let text = format!("--{boundary}\r\n\r\nzz\r\n--{boundary}--\r\n");
        let found = bodies(text.as_bytes(), &format!("multipart/related; boundary=\"{quoted}\"; type=x/y"));
        assert_eq!(found, Ok(vec![b"zz".to_vec()]), "{boundary}");
    }
}

#[test]
fn one_object_is_its_only_part() {
    for content_type in ["application/dicom; transfer-syntax=1.2.3", "application/octet-stream"] {
        assert_eq!(bodies(b"abc\r\n--b--x", content_type), Ok(vec![b"abc\r\n--b--x".to_vec()]));
        assert_eq!(bodies(b"", content_type), Ok(vec![Vec::new()]));
    }
}

#[test]
fn what_holds_no_parts_is_refused() {
    for content_type in [
        "text/html; charset=utf-8",
        "",
        "application/json",
        "multipart/related",
        "multipart/related; boundary=\"\"",
    ] {
        assert!(matches!(bodies(b"<html>", content_type), Err(WebError::Nonsense(_))), "{content_type}");
    }
    assert!(matches!(bodies(b"", TYPE), Err(WebError::Nonsense(_))));
    assert!(matches!(bodies(b"<html>no part</html>", TYPE), Err(WebError::Nonsense(_))));
    assert_eq!(bodies(b"--b--x--\r\n", TYPE), Ok(Vec::new()));
    let preamble = vec![b'x'; 1 << 20];
    assert!(matches!(bodies(&preamble, TYPE), Err(WebError::Nonsense(_))));
}

#[test]
fn headers_and_bodies_are_bounded() {
    let many = format!("--q\r\n{}\r\nab\r\n--q--", "a: b\r\n".repeat(100));
    let long = format!("--q\r\na: {}\r\n\r\nab\r\n--q--", "b".repeat(20_000));
    let endless = format!("--q\r\n{}", "a".repeat(1 << 20));
    for text in [many, long, endless] {
        let found = bodies(text.as_bytes(), "multipart/related; boundary=q");
        assert!(matches!(found, Err(WebError::TooLarge(_))), "{found:?}");
    }
    let endless = b"--q\r\n\r\n".chain(io::repeat(7));
    let mut parts = Parts::new(endless, "multipart/related; boundary=q").expect("a multipart");
    let part = parts.next().expect("readable").expect("a part");
    assert!(matches!(part.read_to_vec(5 << 20), Err(WebError::TooLarge(_))));
    let endless = io::repeat(7);
    let mut parts = Parts::new(endless, "application/dicom").expect("a part");
    let part = parts.next().expect("readable").expect("a part");
    assert!(matches!(part.copy_to(&mut io::sink(), 5 << 20), Err(WebError::TooLarge(_))));
}

#[test]
fn errors_of_the_stream_and_of_the_sink_are_told_apart() {
    struct Broken(WebError);
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(self.0.clone().into())
        }
    }
    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is full"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for error in [WebError::Cancelled, WebError::Silence(3), WebError::Cut] {
        let body = b"--q\r\n\r\nabc".chain(Broken(error.clone()));
        let found = read_all(body, "multipart/related; boundary=q");
        assert_eq!(found, Err(error));
    }
    let mut parts = Parts::new(b"abc".as_slice(), "application/dicom").expect("a part");
    let part = parts.next().expect("readable").expect("a part");
    let written = part.copy_to(&mut Broken(WebError::Cut), 100);
    assert_eq!(written, Err(WebError::Io("the disk is full".to_owned())));
}
