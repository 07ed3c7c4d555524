//! Links made wrong by the thousand: none may panic, take long or ask for more than a link may.

use lightbox::launch::{Launch, MOST_GROUPS, MOST_ITEMS, is_link};

const SEEDS: [&str; 8] = [
    "perspecta://open?path=%2Fdata%2Fa+b.dcm&path=C:\\b.dcm&frame=3&window=-600,1500&layout=2x4",
    "lightbox://open/é€😀/a.dcm?paths=a%2Cb.dcm|c.dcm,d&files=\"e f.dcm\"",
    "perspecta:open?group=a|b|c|d&group=e&open_group=1&protocol=mg-4up",
    "lightbox:///C:/data/a.dcm?groups=a|b;c%3Bd,e;%2Ff%7C%2Fg#fragment",
    "perspecta://open?dicomweb=https%3A%2F%2Fanna:pw@pacs:8042%2Frs%2Fstudies%2F1.2%2Fseries%2F1.3",
    "perspecta://open?dicomweb=http://[::1]:8042&study=1.2.840,1.5&series=1.3|1.4&token=abc&instance=1.6",
    "lightbox://open?base_url=http://pacs&study=1.2&group_series=1.3|1.4;1.5&auth=u%3Ap&open_group=0",
    "lightbox://open?_charset_=utf-8&form=1&file=file:///data/a%2520b.dcm&window=soft+tissue&x=y",
];

/// What links are made of, and what breaks them.
const PIECES: [&str; 24] = [
    "%",
    "%2",
    "%00",
    "%C3",
    "%7C",
    "%2C",
    "%3B",
    "+",
    "|",
    ",",
    ";",
    "&",
    "=",
    "?",
    "#",
    "/",
    "\\",
    ":",
    "@",
    "\"",
    "é",
    "😀",
    "path=",
    "999999999999999999999",
];

/// A small generator of numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("small")
    }

    fn mutant(&mut self) -> String {
        let mut text: Vec<char> = SEEDS[self.below(SEEDS.len())].chars().collect();
        for _ in 0..=self.below(6) {
            let at = self.below(text.len() + 1);
            let end = (at + self.below(12)).min(text.len());
            match self.below(4) {
                0 => drop(text.drain(at..end)),
                1 => drop(text.splice(at..at, PIECES[self.below(PIECES.len())].chars())),
                2 => drop(text.splice(at..end, PIECES[self.below(PIECES.len())].chars())),
                _ => {
                    let copied: Vec<char> = text[at..end].to_vec();
                    let to = self.below(text.len() + 1);
                    drop(text.splice(to..to, copied));
                }
            }
        }
        text.into_iter().collect()
    }
}

fn is_uid(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 64 && text.split('.').all(is_part)
}

/// What holds for every launch that is accepted.
fn check(link: &str, launch: &Launch) {
    let items = launch.groups.iter().map(Vec::len).sum::<usize>();
    assert!(items <= MOST_ITEMS && launch.groups.len() <= MOST_GROUPS, "{link}");
    assert!(launch.groups.iter().all(|group| !group.is_empty()), "{link}");
    let mut groups = launch.groups.len();
    if let Some(remote) = &launch.remote {
        assert_eq!(groups, 0, "{link}");
        groups = remote.groups.len();
        let uids = remote.studies.iter().chain(&remote.series).chain(&remote.instance);
        assert!(uids.chain(remote.groups.iter().flatten()).all(|uid| is_uid(uid)), "{link}");
        let rest = remote.base_url.split_once("://").expect("a scheme").1;
        assert!(
            !remote.studies.is_empty() && !remote.base_url.ends_with('/') && !rest.contains('@'),
            "{link}"
        );
    }
    assert!(launch.open_group < groups, "{link}");
    let paths = launch.groups.iter().flatten();
    assert!(paths.map(|path| path.to_str().expect("text")).all(|path| !path.contains('\0')), "{link}");
    assert!(launch.notes.iter().all(|note| !note.contains('\n')), "{link}");
}

#[test]
fn no_mutant_panics_or_asks_for_too_much() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..60_000 {
        let link = numbers.mutant();
        let _ = is_link(&link);
        match Launch::from_link(&link) {
            Ok(launch) => {
                check(&link, &launch);
                good += 1;
            }
            Err(error) => {
                let error = error.to_string();
                assert!(!error.is_empty() && error.len() < 1000, "{link}");
                assert!(!error.chars().any(char::is_control), "{link}: {error}");
                bad += 1;
            }
        }
    }
    // Both must be plenty, or the mutants prove nothing.
    assert!(good > 5000 && bad > 5000, "{good} accepted, {bad} refused");
}

#[test]
fn the_longest_links_are_no_trouble() {
    for piece in
        ["a,", "a|", "a;", "&path=a", "&k", "%2C", "1.2,", "&study=1.2", "&dicomweb=http://a", "/", "\"", "%"]
    {
        for start in
            ["lightbox://", "lightbox://open?paths=", "lightbox://open?groups=", "lightbox://open?study="]
        {
            let count = (65_536 - start.len()) / piece.len();
            let link = format!("{start}{}", piece.repeat(count));
            if let Ok(launch) = Launch::from_link(&link) {
                check(&link, &launch);
            }
        }
    }
}
