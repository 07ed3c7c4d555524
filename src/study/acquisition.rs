//! How an image was taken, as the lines readers want in its corners.
//!
//! The set is that of the Mammography Image profile of IHE; of other images whatever of it there is. Lines are plain
//! text: a value that is missing takes its unit and its separator with it.

use dicom_dictionary_std::tags;

use super::entry::Entry;
use crate::dicom::{DataSet, Tag, functional_group};

/// How much is written on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Detail {
    Full,
    #[default]
    Essential,
    None,
}

impl Detail {
    /// The next level, as one key goes through them.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Essential => Self::Full,
            Self::Full => Self::None,
            Self::None => Self::Essential,
        }
    }
}

/// Lines by what they are about. Each may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acquisition {
    /// Side and view with modifiers, kind of object, implant, partial view.
    pub view: Vec<String>,
    /// kVp, mAs, target and filter, thickness, force, dose.
    pub exposure: Vec<String>,
    /// When it was taken.
    pub time: Vec<String>,
    /// Who and where: institution, operator, manufacturer, station, detector, paddle.
    pub equipment: Vec<String>,
}

/// The lines of an image. `frame` counts from 0.
pub fn acquisition(data: &DataSet, entry: &Entry, frame: u32, detail: Detail) -> Acquisition {
    if detail == Detail::None {
        return Acquisition::default();
    }
    let mut lines =
        Acquisition { view: view(data, entry, frame), time: time(data, frame), ..Acquisition::default() };
    let exposure = Exposure::read(data, frame);
    lines.exposure = match detail {
        Detail::Full => exposure.full(data),
        _ => exposure.essential(),
    };
    if detail == Detail::Full {
        lines.equipment = equipment(data);
    }
    for group in [&mut lines.view, &mut lines.exposure, &mut lines.time, &mut lines.equipment] {
        group.retain(|line| !line.is_empty());
    }
    lines
}

fn view(data: &DataSet, entry: &Entry, frame: u32) -> Vec<String> {
    let mut lines = vec![entry.view_label()];
    let names: Vec<&str> = entry.modifiers.iter().map(|modifier| modifier.name()).collect();
    lines.push(names.join(", "));
    if entry.is_mammogram() && entry.kind != super::ImageKind::Presentation {
        lines.push(entry.kind.name().to_owned());
    }
    if entry.is_mammogram() && entry.frames > 1 {
        lines.push(format!("slice {} of {}", frame.saturating_add(1).min(entry.frames), entry.frames));
    }
    let yes = |tag| text(data, tag).eq_ignore_ascii_case("YES");
    if yes(tags::BREAST_IMPLANT_PRESENT) {
        lines.push("implant present".to_owned());
    }
    if yes(tags::PARTIAL_VIEW) {
        let meanings =
            data.items(tags::PARTIAL_VIEW_CODE_SEQUENCE).iter().map(|item| text(item, tags::CODE_MEANING));
        lines.push(
            labelled("partial view", &joined(meanings, ", ")).unwrap_or_else(|| "partial view".to_owned()),
        );
    }
    lines
}

/// The figures of an exposure, each with its unit; empty where it is not given.
struct Exposure {
    kvp: String,
    mas: String,
    target_filter: String,
    thickness: String,
    force: String,
    organ_dose: String,
    entrance_dose: String,
    angle: String,
}

impl Exposure {
    fn read(data: &DataSet, frame: u32) -> Self {
        // A tomosynthesis says it in an item for all of its projections.
        let places = [Some(data), data.item(tags::X_RAY3_D_ACQUISITION_SEQUENCE)];
        let number = |tag| {
            places.iter().flatten().find_map(|place| place.float(tag).filter(|value: &f64| value.is_finite()))
        };
        let word = |tag| places.iter().flatten().map(|place| text(place, tag)).find(|text| !text.is_empty());
        let with = |value: Option<f64>, unit: &str| {
            value.map(|v| format!("{} {unit}", short(v))).unwrap_or_default()
        };
        // Only the micro-value keeps fractions of a milliampere second.
        let mas = number(tags::EXPOSURE_INU_AS).map(|v| v / 1000.0).or_else(|| number(tags::EXPOSURE_INM_AS));
        let mas = mas
            .or_else(|| number(tags::EXPOSURE))
            .or_else(|| Some(number(tags::X_RAY_TUBE_CURRENT)? * number(tags::EXPOSURE_TIME)? / 1000.0));
        let target = material(&word(tags::ANODE_TARGET_MATERIAL).unwrap_or_default());
        let filter = material(&word(tags::FILTER_MATERIAL).unwrap_or_default());
        let entrance = number(tags::ENTRANCE_DOSE_INM_GY)
            .or_else(|| number(tags::ENTRANCE_DOSE).map(|decigray| decigray * 100.0));
        let positioner = functional_group(data, frame, tags::X_RAY_ACQUISITION_DOSE_SEQUENCE);
        let organ = number(tags::ORGAN_DOSE)
            .or_else(|| positioner.and_then(|item| item.float(tags::ORGAN_DOSE)))
            .map(|decigray| decigray * 100.0);
        Self {
            kvp: with(number(tags::KVP).filter(|v| *v > 0.0), "kVp"),
            mas: with(mas, "mAs"),
            target_filter: joined([target, filter], "/"),
            thickness: with(number(tags::BODY_PART_THICKNESS), "mm"),
            force: with(number(tags::COMPRESSION_FORCE), "N"),
            organ_dose: with(organ, "mGy"),
            entrance_dose: with(entrance, "mGy"),
            angle: number(tags::POSITIONER_PRIMARY_ANGLE)
                .map(|v| format!("{}\u{b0}", short(v)))
                .unwrap_or_default(),
        }
    }

    fn essential(&self) -> Vec<String> {
        vec![
            joined([self.kvp.clone(), self.mas.clone(), self.target_filter.clone()], "  "),
            joined([self.thickness.clone(), self.force.clone()], "  "),
        ]
    }

    fn full(&self, data: &DataSet) -> Vec<String> {
        let pair = |label, value: &String| labelled(label, value).unwrap_or_default();
        let relative = text(data, tags::RELATIVE_X_RAY_EXPOSURE);
        let arc = data
            .float(tags::TOMO_ANGLE)
            .filter(|angle| angle.is_finite())
            .map(|v| format!("{}\u{b0}", short(v)))
            .unwrap_or_default();
        let mut lines = self.essential();
        lines.extend([
            pair("organ dose", &self.organ_dose),
            pair("entrance dose", &self.entrance_dose),
            pair("relative exposure", &relative),
            pair("angle", &self.angle),
            pair("tomosynthesis arc", &arc),
        ]);
        lines
    }
}

fn time(data: &DataSet, frame: u32) -> Vec<String> {
    let content = functional_group(data, frame, tags::FRAME_CONTENT_SEQUENCE);
    let moment = content.map(|item| text(item, tags::FRAME_ACQUISITION_DATE_TIME)).unwrap_or_default();
    let moment = if moment.is_empty() { text(data, tags::ACQUISITION_DATE_TIME) } else { moment };
    let (date, clock) = match (moment.get(..8), moment.get(8..)) {
        (Some(date), Some(clock)) => (date.to_owned(), clock.to_owned()),
        _ => (
            first(data, &[tags::ACQUISITION_DATE, tags::CONTENT_DATE, tags::SERIES_DATE, tags::STUDY_DATE]),
            first(data, &[tags::ACQUISITION_TIME, tags::CONTENT_TIME]),
        ),
    };
    vec![joined([day(&date), minute(&clock)], " ")]
}

fn equipment(data: &DataSet) -> Vec<String> {
    let said = |tag| text(data, tag);
    let address = said(tags::INSTITUTION_ADDRESS).split_whitespace().collect::<Vec<_>>().join(" ");
    let operator = data.person_name(tags::OPERATORS_NAME).map(|name| person(&name)).unwrap_or_default();
    let label = |name, value: String| labelled(name, &value).unwrap_or_default();
    vec![
        said(tags::INSTITUTION_NAME),
        address,
        label("operator", operator),
        joined([said(tags::MANUFACTURER), said(tags::MANUFACTURER_MODEL_NAME)], " "),
        label("station", said(tags::STATION_NAME)),
        label("detector", said(tags::DETECTOR_ID)),
        label("unit", said(tags::DEVICE_SERIAL_NUMBER)),
        label("paddle", said(tags::PADDLE_DESCRIPTION)),
    ]
}

fn text(data: &DataSet, tag: Tag) -> String {
    data.string(tag).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn first(data: &DataSet, wanted: &[Tag]) -> String {
    wanted.iter().map(|tag| text(data, *tag)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// `label value`; `None` without a value.
fn labelled(label: &str, value: &str) -> Option<String> {
    (!value.is_empty()).then(|| format!("{label} {value}"))
}

/// What there is of several parts.
fn joined(parts: impl IntoIterator<Item = String>, between: &str) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(between)
}

/// Three figures that matter, without zeros behind them.
fn short(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    if places > 0 { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// The chemical sign of the metals tubes and filters are made of.
fn material(name: &str) -> String {
    match name.to_ascii_uppercase().as_str() {
        "MOLYBDENUM" => "Mo",
        "RHODIUM" => "Rh",
        "TUNGSTEN" => "W",
        "SILVER" => "Ag",
        "ALUMINUM" | "ALUMINIUM" => "Al",
        "COPPER" => "Cu",
        "TITANIUM" => "Ti",
        _ => name,
    }
    .to_owned()
}

/// `20240131` as `2024-01-31`, anything else as it is.
fn day(text: &str) -> String {
    let digits = text.replace(['.', '-'], "");
    match (digits.get(..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => text.to_owned(),
    }
}

/// `101530.25` as `10:15`.
fn minute(text: &str) -> String {
    let digits = text.replace(':', "");
    match (digits.get(..2), digits.get(2..4)) {
        (Some(hour), Some(minute)) => format!("{hour}:{minute}"),
        _ => String::new(),
    }
}

/// `Miller^Ann` as `Miller, Ann`.
fn person(name: &str) -> String {
    let writing = name.split('=').find(|part| !part.is_empty()).unwrap_or_default();
    let parts: Vec<&str> = writing.split('^').map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

#[cfg(test)]
#[path = "acquisition_tests.rs"]
mod tests;
