//! The order people give names: runs of digits count as numbers, so `img2` stands before `img10`.

use std::cmp::Ordering;
use std::path::Path;

/// Compares two names. Letters go without regard to case; names that differ in nothing else still differ.
pub fn compare(a: &str, b: &str) -> Ordering {
    compare_bytes(a.as_bytes(), b.as_bytes())
}

/// As [`compare`], for names that need not be text.
pub fn compare_bytes(a: &[u8], b: &[u8]) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (Some(&x), Some(&y)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        let order = if x.is_ascii_digit() && y.is_ascii_digit() {
            let (number, after) = digits(left);
            let (other, other_after) = digits(right);
            (left, right) = (after, other_after);
            // Without leading zeros the longer run is the larger number.
            number.len().cmp(&other.len()).then_with(|| number.cmp(other))
        } else {
            left = left.get(1..).unwrap_or_default();
            right = right.get(1..).unwrap_or_default();
            x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase())
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// Compares two paths name by name.
pub fn compare_paths(a: &Path, b: &Path) -> Ordering {
    let (mut left, mut right) = (a.components(), b.components());
    loop {
        match (left.next(), right.next()) {
            (Some(x), Some(y)) => {
                let order = compare_bytes(x.as_os_str().as_encoded_bytes(), y.as_os_str().as_encoded_bytes());
                if order.is_ne() {
                    return order;
                }
            }
            (x, y) => return x.is_some().cmp(&y.is_some()),
        }
    }
}

/// The number at the start, without leading zeros, and what follows it.
fn digits(name: &[u8]) -> (&[u8], &[u8]) {
    let end = name.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(name.len());
    let (number, after) = name.split_at(end);
    let zeros = number.iter().position(|&byte| byte != b'0').unwrap_or(number.len());
    (number.get(zeros..).unwrap_or_default(), after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_count_as_numbers() {
        let mut names =
            vec!["img10", "img2", "IMG1", "img", "img002", "a", "img10b", "img9999999999999999999999", "Z"];
        names.sort_by(|a, b| compare(a, b));
        let expected =
            ["a", "img", "IMG1", "img002", "img2", "img10", "img10b", "img9999999999999999999999", "Z"];
        assert_eq!(names, expected);
    }

    #[test]
    fn different_names_are_never_equal() {
        for (a, b) in [("a1", "a01"), ("A", "a"), ("x0", "x00")] {
            assert_ne!(compare(a, b), Ordering::Equal, "{a} {b}");
            assert_eq!(compare(a, b), compare(b, a).reverse());
        }
        assert_eq!(compare("same7", "same7"), Ordering::Equal);
    }

    #[test]
    fn paths_go_folder_by_folder() {
        let less = |a: &str, b: &str| assert!(compare_paths(Path::new(a), Path::new(b)).is_lt(), "{a} {b}");
        less("s2/i1", "s10/i1");
        less("s1/i9", "s1/i10");
        less("s1", "s1/i1");
        less("a/z", "a b/a");
    }
}
