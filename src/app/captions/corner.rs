//! The text in the corners of an image: who, what, when on top; how it is shown at the bottom.

use dicom_dictionary_std::tags;

use super::text::{date, number, person_name, time};
use crate::app::instance::InstanceData;
use crate::app::requests::TextLevel;
use crate::app::viewport::probe::Probe;
use crate::app::viewport::{Look, Stack, View, Windowing};
use crate::cine::StackKind;
use crate::dicom::DataSet;
use crate::display::{Interpolation, VoiOrigin};
use crate::study::{Detail, Entry, acquisition};

/// Lines of one corner, most important first.
pub type Lines = Vec<Line>;

/// A line and how prominent it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    pub large: bool,
    pub faint: bool,
}

fn line(text: impl Into<String>) -> Line {
    Line { text: text.into(), large: false, faint: false }
}

fn faint(text: impl Into<String>) -> Line {
    Line { faint: true, ..line(text) }
}

fn large(text: impl Into<String>) -> Line {
    Line { large: true, ..line(text) }
}

/// Drops the empty parts and joins the rest.
fn joined(parts: &[Option<String>]) -> String {
    let parts: Vec<_> = parts.iter().flatten().filter(|part| !part.is_empty()).cloned().collect();
    parts.join(" · ")
}

fn kept(lines: Lines) -> Lines {
    lines.into_iter().filter(|line| !line.text.is_empty()).collect()
}

/// Who: patient and study.
pub fn top_left(entry: &Entry, level: TextLevel) -> Lines {
    let name = line(entry.patient_name.as_deref().map(person_name).unwrap_or_default());
    let when = joined(&[entry.study_date.as_deref().map(date), entry.study_time.as_deref().map(time)]);
    let lines = match level {
        TextLevel::None => vec![],
        TextLevel::Essential => vec![name, faint(entry.study_date.as_deref().map(date).unwrap_or_default())],
        TextLevel::Full => vec![
            name,
            faint(joined(&[
                entry.patient_id.clone(),
                entry.sex.clone(),
                entry.birth_date.as_deref().map(|d| format!("born {}", date(d))),
            ])),
            faint(when),
            faint(entry.study_description.clone().unwrap_or_default()),
        ],
    };
    kept(lines)
}

/// What: view or series.
pub fn top_right(
    entry: &Entry,
    data: Option<&DataSet>,
    frame: u32,
    note: Option<&str>,
    level: TextLevel,
) -> Lines {
    if entry.is_mammogram() {
        return mammogram(entry, data, frame, note, level);
    }
    let side = entry.laterality.clone().unwrap_or_default();
    let view = entry.view_position.clone().unwrap_or_default();
    let title = if view.is_empty() { String::new() } else { format!("{side}{view}") };
    let series = joined(&[entry.modality.clone(), entry.series_number.map(|n| format!("series {n}"))]);
    let text = |tag| data.and_then(|data| data.string(tag));
    let lines = match level {
        TextLevel::None => vec![],
        TextLevel::Essential => vec![large(title)],
        TextLevel::Full => vec![
            large(title),
            faint(series),
            faint(entry.series_description.clone().unwrap_or_default()),
            faint(text(tags::INSTITUTION_NAME).unwrap_or_default()),
        ],
    };
    kept(lines)
}

/// What: side and view first, then whatever is out of the ordinary.
fn mammogram(
    entry: &Entry,
    data: Option<&DataSet>,
    frame: u32,
    note: Option<&str>,
    level: TextLevel,
) -> Lines {
    if level == TextLevel::None {
        return vec![];
    }
    let taken = data.map(|data| acquisition(data, entry, frame, detail(level))).unwrap_or_default();
    let mut lines = vec![large(entry.view_label())];
    // The slice is said with its height, beside the window.
    let told = |text: &String| *text == entry.view_label() || text.starts_with("slice ");
    lines.extend(taken.view.into_iter().filter(|text| !told(text)).map(line));
    let said = lines.iter().any(|line| note.is_some_and(|note| line.text.contains(note)));
    lines.extend(note.filter(|_| !said).map(line));
    if level == TextLevel::Full {
        lines.extend(taken.time.into_iter().map(faint));
        lines.extend(taken.equipment.into_iter().map(faint));
    }
    kept(lines)
}

/// How a mammogram was taken.
pub fn exposure(entry: &Entry, data: Option<&DataSet>, frame: u32, level: TextLevel) -> Lines {
    let (Some(data), true) = (data, entry.is_mammogram() && level == TextLevel::Full) else {
        return vec![];
    };
    kept(acquisition(data, entry, frame, detail(level)).exposure.into_iter().map(faint).collect())
}

fn detail(level: TextLevel) -> Detail {
    match level {
        TextLevel::Full => Detail::Full,
        TextLevel::Essential => Detail::Essential,
        TextLevel::None => Detail::None,
    }
}

/// How: frame, window, zoom. `position` is that of the frame in the picture, which lags behind the one wanted
/// while its data are on their way.
pub fn bottom_left(
    stack: &Stack,
    position: u32,
    look: Option<&Look>,
    windowing: &Windowing,
    view: &View,
    scale: f64,
    preview: bool,
    level: TextLevel,
) -> Lines {
    if level == TextLevel::None {
        return vec![];
    }
    let mut lines = vec![];
    if preview {
        lines.push(faint("preview · loading…"));
    }
    lines.push(line(place_text(stack, position)));
    if let Some(look) = look {
        lines.push(line(window_text(look)));
    }
    if level == TextLevel::Full {
        let mut zoom = format!("{} %", number((scale * 1000.0).round() / 10.0));
        if scale > 1.0 + 1e-6 {
            zoom.push_str(match view.interpolation {
                Interpolation::Nearest => " · nearest",
                Interpolation::Bilinear => "",
                Interpolation::Bicubic => " · bicubic",
            });
        }
        lines.push(faint(zoom));
        if windowing.inverted {
            lines.push(faint("inverted"));
        }
    }
    kept(lines)
}

/// Where in the stack: for slices of the breast also how high above the first of them.
fn place_text(stack: &Stack, position: u32) -> String {
    let count = format!("{} / {}", position + 1, stack.len());
    let Some((instance, frame)) = stack.at(position) else { return String::new() };
    match instance.entry.stack_kind {
        StackKind::Projections if stack.len() > 1 => format!("projection {count}"),
        StackKind::Projections => "projection".to_owned(),
        StackKind::Synthetic if stack.len() <= 1 => "synthetic 2D".to_owned(),
        _ if stack.len() <= 1 => String::new(),
        StackKind::Tomosynthesis => joined(&[
            Some(format!("slice {count}")),
            height(stack, instance, frame).map(|mm| format!("{mm:.1} mm")),
        ]),
        StackKind::Synthetic | StackKind::Plain => count,
    }
}

/// Millimetres between a frame and the first of its stack.
fn height(stack: &Stack, instance: &InstanceData, frame: u32) -> Option<f64> {
    let depth = |instance: &InstanceData, frame: u32| {
        if instance.frames() > 1 {
            return instance.planes()?.depths.get(frame as usize).copied();
        }
        instance.depths()?.1.first().copied()
    };
    let (first, start) = stack.at(0)?;
    Some((depth(instance, frame)? - depth(first, start)?).abs())
}

/// The window in force: numbers, kind, and where it comes from.
fn window_text(look: &Look) -> String {
    let voi = &look.applied.voi;
    let numbers = voi.center_width().map(|(center, width)| {
        let (center, width) = match look.origin {
            // A hand does not set fractions where the values are whole numbers.
            VoiOrigin::User if width > 20.0 => (center.round(), width.round()),
            _ => (center, width),
        };
        format!("W {}  L {}", number(width), number(center))
    });
    let kind = match voi.kind_name() {
        "linear" => None,
        kind => Some(kind.to_owned()),
    };
    joined(&[numbers, kind, Some(look.explanation.clone())])
}

/// Under the pointer.
pub fn bottom_right(probe: Option<&Probe>, level: TextLevel) -> Lines {
    let (Some(probe), true) = (probe, level != TextLevel::None) else {
        return vec![];
    };
    let at = format!("x {}  y {}", probe.column, probe.row);
    let stored: Vec<_> = probe.stored.iter().map(|v| number(*v)).collect();
    let value = match (probe.modality, stored.as_slice()) {
        (_, []) => "…".to_owned(),
        (Some(modality), [stored]) if number(modality) != *stored => {
            format!("{} {}  ({stored})", number(modality), probe.unit).replace("  (", " (")
        }
        (Some(modality), _) => format!("{} {}", number(modality), probe.unit),
        (None, values) => values.join("  "),
    };
    let value = value.trim().to_owned();
    let value = if probe.padding { format!("{value} · padding") } else { value };
    vec![line(value), faint(at)]
}

/// Name of what is shown, for the window's title.
pub fn title(instance: &InstanceData) -> String {
    let entry = &instance.entry;
    let name = entry.patient_name.as_deref().map(person_name);
    let text = joined(&[name, entry.study_date.as_deref().map(date), entry.study_description.clone()]);
    if text.is_empty() {
        entry.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_leave_no_separators() {
        let entry =
            Entry { patient_name: Some("Demo^Aurelia".into()), sex: Some("F".into()), ..Entry::default() };
        let lines = top_left(&entry, TextLevel::Full);
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Demo, Aurelia", "F"]);
        assert!(top_left(&entry, TextLevel::None).is_empty());
    }

    #[test]
    fn slices_of_the_breast_say_how_high_they_lie_and_projections_what_they_are() {
        use crate::app::instance::InstanceId;
        use crate::study::Geometry;
        use std::sync::Arc;
        let stack = |entries: Vec<Entry>| {
            let data = |(id, entry)| Arc::new(InstanceData::new(InstanceId(id), Arc::new(entry)));
            Stack::new((0..).zip(entries).map(data).collect::<Vec<_>>())
        };
        let slice = |mm: f64| {
            let orientation = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
            let geometry = Some(Geometry { position: [5.0, 5.0, mm], orientation });
            Entry { frames: 1, stack_kind: StackKind::Tomosynthesis, geometry, ..Entry::default() }
        };
        let slices = stack([40.0, 39.0, 17.5].map(slice).to_vec());
        assert_eq!(place_text(&slices, 0), "slice 1 / 3 · 0.0 mm");
        assert_eq!(place_text(&slices, 2), "slice 3 / 3 · 22.5 mm");
        let of = |stack_kind, frames| stack(vec![Entry { frames, stack_kind, ..Entry::default() }]);
        assert_eq!(place_text(&of(StackKind::Projections, 15), 2), "projection 3 / 15");
        assert_eq!(place_text(&of(StackKind::Tomosynthesis, 60), 22), "slice 23 / 60");
        assert_eq!(place_text(&of(StackKind::Synthetic, 1), 0), "synthetic 2D");
        assert_eq!(place_text(&of(StackKind::Plain, 7), 6), "7 / 7");
        assert_eq!(place_text(&of(StackKind::Plain, 1), 0), "");
    }

    #[test]
    fn a_probe_shows_both_values_only_where_they_differ() {
        let probe = Probe {
            column: 3,
            row: 4,
            stored: vec![1000.0],
            modality: Some(-24.0),
            unit: "HU".into(),
            padding: false,
        };
        assert_eq!(bottom_right(Some(&probe), TextLevel::Full)[0].text, "-24 HU (1000)");
        let plain = Probe { modality: Some(1000.0), unit: String::new(), ..probe };
        assert_eq!(bottom_right(Some(&plain), TextLevel::Full)[0].text, "1000");
    }
}
