//! DICOM values as people read them.

/// A person name: family name, then given names; other representations after a middle dot.
pub fn person_name(value: &str) -> String {
    let groups = value.split('=').map(|group| {
        let mut parts = group.split('^').map(str::trim);
        let family = parts.next().unwrap_or_default();
        let given: Vec<_> = parts.by_ref().take(2).filter(|part| !part.is_empty()).collect();
        match (family, given.is_empty()) {
            (family, true) => family.to_owned(),
            ("", false) => given.join(" "),
            (family, false) => format!("{family}, {}", given.join(" ")),
        }
    });
    groups.filter(|group| !group.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// A date as 2026-01-31; anything else as it is.
pub fn date(value: &str) -> String {
    let digits: Vec<char> = value.trim().chars().filter(|c| *c != '.').collect();
    if digits.len() < 8 || !digits.iter().take(8).all(char::is_ascii_digit) {
        return value.trim().to_owned();
    }
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default().iter().collect::<String>();
    format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8))
}

/// A time as 10:15; anything else as it is.
pub fn time(value: &str) -> String {
    let digits: String = value.trim().chars().filter(|c| *c != ':').take_while(|c| *c != '.').collect();
    match (digits.get(0..2), digits.get(2..4)) {
        (Some(h), Some(m)) if digits.chars().all(|c| c.is_ascii_digit()) => format!("{h}:{m}"),
        _ => value.trim().to_owned(),
    }
}

/// A number with as many digits as it deserves.
pub fn number(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value.fract() == 0.0 && magnitude < 1e12 {
        return format!("{value:.0}");
    }
    let digits = match magnitude {
        m if m >= 1000.0 => 0,
        m if m >= 100.0 => 1,
        m if m >= 1.0 => 2,
        m if m >= 1e-3 => 4,
        _ => return format!("{value:.3e}"),
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_dates_times() {
        assert_eq!(person_name("Demo^Aurelia^Maria"), "Demo, Aurelia Maria");
        assert_eq!(
            person_name("Yamada^Tarou=山田^太郎=やまだ^たろう"),
            "Yamada, Tarou · 山田, 太郎 · やまだ, たろう"
        );
        assert_eq!(person_name("^^"), "");
        assert_eq!(person_name("=^X"), "X");
        assert_eq!(date("20260131"), "2026-01-31");
        assert_eq!(date("2026.01.31"), "2026-01-31");
        assert_eq!(date("soon"), "soon");
        assert_eq!(date("é1234567"), "é1234567");
        assert_eq!(time("101559.123"), "10:15");
        assert_eq!(time("9"), "9");
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(3600.0), "3600");
        assert_eq!(number(0.5), "0.5000");
        assert_eq!(number(12.345), "12.35");
        assert_eq!(number(f64::NAN), "–");
    }
}
