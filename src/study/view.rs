//! Which mammography view an image shows, of which side, and in what special way: by code, else as text says.
//!
//! Codes come first (PS3.16 CID 4014 and 4015), whatever the scheme calls itself, since the same values are in use
//! under the names of several editions; then the attributes meant for it; then descriptions, and those only where
//! they name one view or one side and no other.

use std::fmt;

use dicom_dictionary_std::tags;

use super::view_text;
use crate::dicom::{DataSet, functional_group};

/// View codes (PS3.16 CID 4014): SNOMED CT, the older SNOMED RT codes, the short form, and the meaning.
const VIEWS: &[(&str, &[&str], &str, &str)] = &[
    ("399260004", &["R-10224"], "ML", "medio-lateral"),
    ("399368009", &["R-10226"], "MLO", "medio-lateral oblique"),
    ("399352003", &["R-10228"], "LM", "latero-medial"),
    ("399099002", &["R-10230"], "LMO", "latero-medial oblique"),
    ("399162004", &["R-10242"], "CC", "cranio-caudal"),
    ("399196006", &["R-10244"], "FB", "caudo-cranial (from below)"),
    ("399188001", &["R-102D0"], "SIO", "superolateral to inferomedial oblique"),
    ("441555000", &["R-40AAA"], "ISO", "inferomedial to superolateral oblique"),
    ("399265009", &["R-102CF"], "XCC", "cranio-caudal exaggerated"),
    ("399192008", &["R-1024A", "Y-X1770"], "XCCL", "cranio-caudal exaggerated laterally"),
    ("399101009", &["R-1024B", "Y-X1771"], "XCCM", "cranio-caudal exaggerated medially"),
    ("127457009", &["G-8310"], SPECIMEN, "tissue specimen from breast"),
];

/// The short form of tissue that has left the breast.
const SPECIMEN: &str = "specimen";

/// A factor no breast on the detector has: the breast lay on a stand.
const MAGNIFIED: f64 = 1.35;

macro_rules! modifiers {
    ($($name:ident $codes:expr, $short:literal, $long:literal;)*) => {
        /// What is special about a view (PS3.16 CID 4015).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Modifier { $(#[doc = $long] $name,)* }

        impl Modifier {
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// A word for beside the view.
            pub fn short(self) -> &'static str {
                match self { $(Self::$name => $short,)* }
            }

            /// In full.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $long,)* }
            }

            /// SNOMED CT, then SNOMED RT.
            fn codes(self) -> [&'static str; 2] {
                match self { $(Self::$name => $codes,)* }
            }
        }
    };
}

modifiers! {
    Cleavage ["399161006", "R-102D2"], "cleavage", "cleavage";
    AxillaryTail ["399011000", "R-102D1"], "AT", "axillary tail";
    AxillaryTissue ["442580003", "R-40AB2"], "AX", "axillary tissue";
    RolledLateral ["399197002", "R-102D3"], "RL", "rolled lateral";
    RolledMedial ["399226006", "R-102D4"], "RM", "rolled medial";
    RolledInferior ["414493004", "R-102CA"], "RI", "rolled inferior";
    RolledSuperior ["415670009", "R-102C9"], "RS", "rolled superior";
    ImplantDisplaced ["399209000", "R-102D5"], "ID", "implant displaced";
    Magnification ["399163009", "R-102D6"], "mag", "magnification";
    Spot ["399055006", "R-102D7"], "spot", "spot compression";
    Tangential ["399110001", "R-102C2"], "TAN", "tangential";
    NippleInProfile ["442581004", "R-40AB3"], "NP", "nipple in profile";
    AnteriorCompression ["441752004", "P2-00161"], "AC", "anterior compression";
    InframammaryFold ["442593008", "R-40ABE"], "IMF", "infra-mammary fold";
}

impl fmt::Display for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short())
    }
}

/// What is known of the view of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub view: Option<String>,
    pub laterality: Option<String>,
    pub modifiers: Vec<Modifier>,
}

/// Reads view, side and modifiers; descriptions are looked into only for mammograms.
pub(super) fn identify(data: &DataSet, is_mammogram: bool) -> Seen {
    let item = data.item(tags::VIEW_CODE_SEQUENCE);
    let position = word(data, tags::VIEW_POSITION);
    let mut said = view_text::Said::default();
    if is_mammogram {
        // Writers that have no place for a modifier put it behind the view: CCID, MLO SPOT.
        said.read(position.as_deref().unwrap_or_default());
    }
    let from_position = || {
        let position = position.as_deref()?;
        let known = VIEWS.iter().find(|(.., short, _)| short.eq_ignore_ascii_case(position));
        let known = known.map(|(.., short, _)| *short).or(said.view());
        Some(known.unwrap_or(position).to_owned())
    };
    let mut view = item.and_then(coded_view).map(str::to_owned).or_else(from_position);
    let mut laterality = side(data);
    let mut modifiers = coded_modifiers(data, item);
    modifiers.extend(said.modifiers());
    if is_mammogram {
        if view.is_none() || laterality.is_none() {
            let texts = view_text::of(data);
            view = view.or_else(|| texts.view().map(str::to_owned));
            laterality = laterality.or_else(|| texts.side().map(str::to_owned));
        }
        modifiers.extend(implied_modifiers(data));
    }
    modifiers.sort();
    modifiers.dedup();
    Seen { view, laterality, modifiers }
}

/// The short form of the view a code of a public scheme means: `399162004` and `R-10242` are CC.
pub fn view_by_code(value: &str) -> Option<&'static str> {
    let found = VIEWS
        .iter()
        .find(|(sct, srt, ..)| srt.iter().chain([sct]).any(|known| known.eq_ignore_ascii_case(value)));
    found.map(|(.., short, _)| *short)
}

/// The short form of the view an item codes.
fn coded_view(item: &DataSet) -> Option<&'static str> {
    let (code, meaning) = (code(item), word(item, tags::CODE_MEANING));
    let by_code = |code: &String| {
        VIEWS.iter().find(|(sct, srt, short, _)| {
            srt.iter().chain([sct, short]).any(|known| known.eq_ignore_ascii_case(code))
        })
    };
    let by_meaning = |meaning: &String| VIEWS.iter().find(|(.., name)| same_words(name, meaning));
    let found = code.as_ref().and_then(by_code).or_else(|| meaning.as_ref().and_then(by_meaning));
    found.map(|(.., short, _)| *short)
}

/// Modifiers lie within the item of the view; some writers put them beside it.
fn coded_modifiers(data: &DataSet, view: Option<&DataSet>) -> Vec<Modifier> {
    let places = view.into_iter().chain([data]);
    let items = places.flat_map(|place| place.items(tags::VIEW_MODIFIER_CODE_SEQUENCE));
    items
        .filter_map(|item| {
            let code = code(item);
            let meaning = word(item, tags::CODE_MEANING);
            Modifier::ALL.iter().copied().find(|modifier| {
                let coded =
                    |code: &String| modifier.codes().iter().any(|known| known.eq_ignore_ascii_case(code));
                let meant = |meaning: &String| same_words(modifier.name(), meaning);
                code.as_ref().is_some_and(coded) || meaning.as_ref().is_some_and(meant)
            })
        })
        .collect()
}

/// What the way of taking the image says where nobody coded it.
fn implied_modifiers(data: &DataSet) -> Vec<Modifier> {
    let factor = data.float(tags::ESTIMATED_RADIOGRAPHIC_MAGNIFICATION_FACTOR);
    let magnified = factor.is_some_and(|factor| (MAGNIFIED..10.0).contains(&factor));
    let paddle = word(data, tags::PADDLE_DESCRIPTION).unwrap_or_default();
    let spot = view_text::words(&paddle).any(|word| word == "SPOT");
    [(magnified, Modifier::Magnification), (spot, Modifier::Spot)]
        .into_iter()
        .filter_map(|(is_so, modifier)| is_so.then_some(modifier))
        .collect()
}

/// _Image Laterality_, else _Frame Laterality_, else _Laterality_ of the series.
fn side(data: &DataSet) -> Option<String> {
    let frame = || word(functional_group(data, 0, tags::FRAME_ANATOMY_SEQUENCE)?, tags::FRAME_LATERALITY);
    let said = word(data, tags::IMAGE_LATERALITY).or_else(frame).or_else(|| word(data, tags::LATERALITY))?;
    Some(match said.to_ascii_uppercase().as_str() {
        "L" | "LEFT" => "L".to_owned(),
        "R" | "RIGHT" => "R".to_owned(),
        "B" | "BOTH" | "BILATERAL" => "B".to_owned(),
        _ => said,
    })
}

/// A code value that means what the public schemes mean by it.
fn code(item: &DataSet) -> Option<String> {
    let scheme = word(item, tags::CODING_SCHEME_DESIGNATOR).unwrap_or_default().to_ascii_uppercase();
    let is_private = scheme.starts_with("99") && scheme != "99SDM";
    let value = || word(item, tags::CODE_VALUE).or_else(|| word(item, tags::LONG_CODE_VALUE));
    if is_private { None } else { value() }
}

fn word(data: &DataSet, tag: crate::dicom::Tag) -> Option<String> {
    data.string(tag).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The same letters, whatever stands between them.
fn same_words(a: &str, b: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    letters(a) == letters(b)
}

#[cfg(test)]
#[path = "view_tests.rs"]
mod tests;
