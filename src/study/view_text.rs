//! Views and sides in free text, believed only where the text leaves no choice.

use dicom_dictionary_std::tags;

use super::view::Modifier;
use crate::dicom::DataSet;

/// Words that name a view. Short ones that are words of their own (ML is a millilitre) count in a description only
/// together with a side.
const VIEWS: &[&str] = &["MLO", "CC", "XCCL", "XCCM", "XCC", "LMO", "SIO", "ISO", "ML", "LM", "FB"];
const AMBIGUOUS: &[&str] = &["ML", "LM", "FB", "ISO"];

/// What one or several texts said.
#[derive(Debug, Default)]
pub(super) struct Said {
    view: Once,
    side: Once,
    modifiers: Vec<Modifier>,
}

/// Something said once, or contradicted.
#[derive(Debug, Default, Clone, Copy)]
enum Once {
    #[default]
    Never,
    One(&'static str),
    Several,
}

impl Once {
    fn say(&mut self, what: &'static str) {
        *self = match *self {
            Self::Never => Self::One(what),
            Self::One(before) if before == what => Self::One(what),
            _ => Self::Several,
        };
    }

    fn get(self) -> Option<&'static str> {
        if let Self::One(what) = self { Some(what) } else { None }
    }
}

/// The first of the descriptions that names a view, and the first that names a side.
pub(super) fn of(data: &DataSet) -> Said {
    let places =
        [tags::SERIES_DESCRIPTION, tags::PROTOCOL_NAME, tags::IMAGE_COMMENTS, tags::STUDY_DESCRIPTION];
    let mut all = Said::default();
    for text in places.into_iter().filter_map(|tag| data.string(tag)) {
        let mut said = Said::default();
        said.read(&text);
        if said.side().is_none() && said.view().is_some_and(|view| AMBIGUOUS.contains(&view)) {
            said.view = Once::Never;
        }
        if matches!(all.view, Once::Never) {
            all.view = said.view;
        }
        if matches!(all.side, Once::Never) {
            all.side = said.side;
        }
    }
    all
}

/// The words of a text in capitals: runs of letters and digits.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_uppercase)
}

impl Said {
    pub fn view(&self) -> Option<&'static str> {
        self.view.get()
    }

    pub fn side(&self) -> Option<&'static str> {
        self.side.get()
    }

    pub fn modifiers(&self) -> impl Iterator<Item = Modifier> + '_ {
        self.modifiers.iter().copied()
    }

    /// Takes in the words of a text: `R CC`, `LMLO`, `Left MLO spot`, `CCID`.
    pub fn read(&mut self, text: &str) {
        for word in words(text).take(64) {
            let modifier = match word.as_str() {
                "L" | "LEFT" => {
                    self.side.say("L");
                    continue;
                }
                "R" | "RIGHT" => {
                    self.side.say("R");
                    continue;
                }
                "ID" => Some(Modifier::ImplantDisplaced),
                "SPOT" => Some(Modifier::Spot),
                "MAG" => Some(Modifier::Magnification),
                _ => None,
            };
            if let Some(modifier) = modifier {
                self.modifiers.push(modifier);
            } else {
                self.read_view(&word);
            }
        }
    }

    fn read_view(&mut self, word: &str) {
        let (word, displaced) = match word.strip_suffix("ID") {
            Some(rest) if named(rest).is_some() => (rest, true),
            _ => (word, false),
        };
        let Some((side, view)) = named(word) else { return };
        self.view.say(view);
        if let Some(side) = side {
            self.side.say(side);
        }
        if displaced {
            self.modifiers.push(Modifier::ImplantDisplaced);
        }
    }
}

/// `RMLO` as side and view, `MLO` as the view alone.
fn named(word: &str) -> Option<(Option<&'static str>, &'static str)> {
    let view = |word: &str| VIEWS.iter().copied().find(|view| *view == word);
    if let Some(view) = view(word) {
        return Some((None, view));
    }
    let side = if word.starts_with('L') { "L" } else { "R" };
    let rest = word.strip_prefix(side)?;
    view(rest).map(|view| (Some(side), view))
}
