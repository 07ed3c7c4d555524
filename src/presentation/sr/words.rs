//! Values of reports in words people read: dates, times, names, numbers, regions.

use std::fmt::Write as _;

use super::model::{Measured, Reference, Region, Region3d, Times};
use crate::dicom::uid;

/// `20260301` as `2026-03-01`; what is no date stays as it is.
pub fn date(value: &str) -> String {
    let digits = value.replace(['.', '-'], "");
    if digits.len() != 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return value.to_owned();
    }
    let (year, rest) = digits.split_at(4);
    let (month, day) = rest.split_at(2);
    format!("{year}-{month}-{day}")
}

/// `101530.250` as `10:15:30.25`; what is no time stays as it is.
pub fn time(value: &str) -> String {
    let bare = value.replace(':', "");
    let (whole, fraction) = bare.split_once('.').unwrap_or((&bare, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !matches!(whole.len(), 2 | 4 | 6) || !digits(whole) || !digits(fraction) {
        return value.to_owned();
    }
    let mut text = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && n % 2 == 0 {
            text.push(':');
        }
        text.push(digit);
    }
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    if whole.len() == 2 { format!("{text} h") } else { text }
}

/// `20260301101530.5+0100` as `2026-03-01 10:15:30.5 +01:00`; what is none of that stays as it is.
pub fn date_time(value: &str) -> String {
    let zone_at = value.rfind(['+', '-']).filter(|at| *at >= 4);
    let (moment, zone) = zone_at.map_or((value, ""), |at| value.split_at(at));
    let Some((day, clock)) = moment.split_at_checked(8) else {
        // A year, or a year and a month.
        return match (moment.get(..4), moment.get(4..)) {
            (Some(year), Some(month)) if month.len() == 2 => format!("{year}-{month}"),
            _ => value.to_owned(),
        };
    };
    let mut text = date(day);
    if !clock.is_empty() {
        text.push(' ');
        text.push_str(&time(clock));
    }
    if let Some((hours, minutes)) = zone.split_at_checked(3) {
        // Writing to a string cannot fail.
        write!(text, " {hours}:{minutes}").ok();
    }
    text
}

/// A person's name: family name, then given names; other writings after a middle dot.
pub fn person(value: &str) -> String {
    let group = |writing: &str| {
        let mut parts = writing.split('^').map(str::trim);
        let family = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        match (family.is_empty(), rest.is_empty()) {
            (true, _) => rest.join(" "),
            (false, true) => family.to_owned(),
            (false, false) => format!("{family}, {}", rest.join(" ")),
        }
    };
    let groups: Vec<String> = value.split('=').map(group).filter(|text| !text.is_empty()).collect();
    groups.join(" · ")
}

/// A measured value without its unit.
pub fn number(measured: &Measured) -> String {
    match (&measured.text, measured.fraction, measured.value) {
        (text, Some([above, below]), _) if text.is_empty() => format!("{above}/{below}"),
        (text, _, Some(value)) if text.is_empty() => value.to_string(),
        (text, ..) => text.clone(),
    }
}

/// A unit as it stands behind a number: its symbol where that is plain, and nothing for no unit.
pub fn unit(measured: &Measured) -> String {
    let Some(code) = &measured.unit else { return String::new() };
    // The symbols of UCUM are what is printed, but for annotations in braces, which are words.
    let symbol = code.value.as_str();
    if code.scheme != "UCUM" || symbol.is_empty() {
        return code.text().to_owned();
    }
    match symbol {
        "1" | "{ratio}" => String::new(),
        "um" => "µm".to_owned(),
        "mm2" => "mm²".to_owned(),
        "mm3" => "mm³".to_owned(),
        "cm2" => "cm²".to_owned(),
        "cm3" => "cm³".to_owned(),
        "deg" => "°".to_owned(),
        plain if plain.contains(['{', '[']) => code.text().to_owned(),
        plain => plain.to_owned(),
    }
}

/// `3`, `3 and 4`, `1 to 8`, `1, 3 and 7`.
pub fn list(numbers: &[u32]) -> String {
    let consecutive = numbers.windows(2).all(|pair| matches!(pair, [a, b] if a.checked_add(1) == Some(*b)));
    match numbers {
        [] => String::new(),
        [one] => one.to_string(),
        [first, .., last] if consecutive && numbers.len() > 2 => format!("{first} to {last}"),
        [rest @ .., last] => {
            let most: Vec<String> = rest.iter().take(MOST_NUMBERS).map(u32::to_string).collect();
            let more = rest.len().saturating_sub(MOST_NUMBERS);
            let more = if more > 0 { format!(", {more} more") } else { String::new() };
            format!("{}{more} and {last}", most.join(", "))
        }
    }
}

/// Numbers that are written out in a row.
const MOST_NUMBERS: usize = 40;

/// A class of objects in as few words as tell it from others: without _Storage_ and what the images are for.
fn kind(class: &str) -> String {
    let name = uid::sop_class_name(class);
    name.split(" Storage - For ").next().unwrap_or_default().to_owned()
}

/// An object: its kind, frames, segments, channels and state.
pub fn reference(reference: &Reference) -> String {
    let class = &reference.sop_class_uid;
    let mut text = if class.is_empty() { "object".to_owned() } else { kind(class) };
    let mut say = |word: &str, numbers: &[u32]| {
        if !numbers.is_empty() {
            let plural = if numbers.len() > 1 { "s" } else { "" };
            // Writing to a string cannot fail.
            write!(text, ", {word}{plural} {}", list(numbers)).ok();
        }
    };
    say("frame", &reference.frames);
    say("segment", &reference.segments);
    let pairs: Vec<String> = reference
        .channels
        .iter()
        .take(MOST_NUMBERS)
        .map(|[group, channel]| format!("{group}.{channel}"))
        .collect();
    if !pairs.is_empty() {
        let plural = if pairs.len() > 1 { "s" } else { "" };
        write!(text, ", channel{plural} {}", pairs.join(" ")).ok();
    }
    if reference.presentation_state.is_some() {
        text.push_str(", with presentation state");
    }
    if reference.real_world_map.is_some() {
        text.push_str(", with real-world values");
    }
    text
}

/// Points of a region that are written out.
const MOST_POINTS: usize = 4;

fn points<const N: usize>(points: &[[f32; N]]) -> String {
    let one = |point: &[f32; N]| point.map(|value| value.to_string()).join(", ");
    let some: Vec<String> =
        points.iter().take(MOST_POINTS).map(|point| format!("({})", one(point))).collect();
    let more = points.len().saturating_sub(MOST_POINTS);
    if more > 0 { format!("{} and {more} more", some.join(" ")) } else { some.join(" ") }
}

/// A region of an image.
pub fn region(region: &Region) -> String {
    format!("{} {}", region.shape.words(), points(&region.points)).trim_end().to_owned()
}

/// A region in space.
pub fn region_3d(region: &Region3d) -> String {
    let place = if region.points.is_empty() { "" } else { " mm" };
    format!("{} {}{place}", region.shape.words(), points(&region.points)).trim_end().to_owned()
}

/// Points or stretches in time.
pub fn times(times: &Times) -> String {
    let mut parts = vec![times.range.to_lowercase()];
    if !times.samples.is_empty() {
        parts.push(format!("samples {}", list(&times.samples)));
    }
    if !times.offsets.is_empty() {
        let some: Vec<String> = times.offsets.iter().take(MOST_NUMBERS).map(f64::to_string).collect();
        parts.push(format!("{} s", some.join(", ")));
    }
    if !times.moments.is_empty() {
        let some: Vec<String> = times.moments.iter().take(MOST_NUMBERS).map(|text| date_time(text)).collect();
        parts.push(some.join(", "));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presentation::sr::{Code, Shape};

    #[test]
    fn dates_and_times_are_readable_and_others_stay() {
        assert_eq!(date("20260301"), "2026-03-01");
        assert_eq!(date("2026.03.01"), "2026-03-01");
        assert_eq!(date("spring"), "spring");
        assert_eq!(time("101530.250000"), "10:15:30.25");
        assert_eq!(time("1015"), "10:15");
        assert_eq!(time("10"), "10 h");
        assert_eq!(time("noon"), "noon");
        assert_eq!(date_time("20260301101530.5+0100"), "2026-03-01 10:15:30.5 +01:00");
        assert_eq!(date_time("20260301"), "2026-03-01");
        assert_eq!(date_time("202603"), "2026-03");
        assert_eq!(date_time("2026"), "2026");
        assert_eq!(date_time("日本語です"), "日本語です");
    }

    #[test]
    fn names_come_family_first() {
        assert_eq!(person("Doe^Jane^^Dr."), "Doe, Jane Dr.");
        assert_eq!(person("Yamada^Tarou=山田^太郎"), "Yamada, Tarou · 山田, 太郎");
        assert_eq!(person("^^"), "");
    }

    #[test]
    fn numbers_and_units() {
        let unit_of = |value, scheme, meaning| {
            let unit = Some(Code::new(value, scheme, meaning));
            super::unit(&Measured { unit, ..Measured::default() })
        };
        assert_eq!(unit_of("mm", "UCUM", "millimeter"), "mm");
        assert_eq!(unit_of("[hnsf'U]", "UCUM", "Hounsfield Unit"), "Hounsfield Unit");
        assert_eq!(unit_of("1", "UCUM", "no units"), "");
        assert_eq!(unit_of("mm", "99X", "millimetre"), "millimetre");
        let third = Measured { fraction: Some([1, 3]), value: Some(1.0 / 3.0), ..Measured::default() };
        assert_eq!(number(&third), "1/3");
        assert_eq!(list(&[3]), "3");
        assert_eq!(list(&[3, 4]), "3 and 4");
        assert_eq!(list(&[1, 2, 3]), "1 to 3");
        assert_eq!(list(&[1, 3, 7]), "1, 3 and 7");
    }

    #[test]
    fn long_outlines_are_counted() {
        let long =
            Region { shape: Shape::Polyline, points: vec![[1.5, 2.0]; 9], origin: None, fiducial_uid: None };
        assert_eq!(region(&long), "polyline (1.5, 2) (1.5, 2) (1.5, 2) (1.5, 2) and 5 more");
    }
}
