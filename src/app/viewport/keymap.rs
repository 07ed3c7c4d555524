//! Which key does what. The defaults below, with a user's file laid over them.
//!
//! The file is TOML: `invert = "I"`, `flip-vertical = "Shift+H"`, `zoom-in = ["+", "="]`; an empty string
//! takes a binding away.

use std::collections::BTreeMap;
use std::path::Path;

use bevy::prelude::*;

/// Everything a key can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAction {
    ToolWindow,
    ToolPan,
    ToolZoom,
    ToolScroll,
    Invert,
    Rotate,
    FlipHorizontal,
    FlipVertical,
    Fit,
    ActualPixels,
    TrueSize,
    ZoomIn,
    ZoomOut,
    /// 1 to 9.
    Preset(u8),
    ObjectWindow,
    FullRange,
    Interpolation,
    NextTile,
    NextStep,
    PreviousStep,
    SameSize,
    PreviousTile,
    LinkViews,
    LinkWindows,
    Slab,
    SlabThicker,
    SlabThinner,
    Lens,
    KeepLens,
    NextFrame,
    PreviousFrame,
    FirstFrame,
    LastFrame,
    PageForward,
    PageBack,
    NextViewport,
    /// The active viewport for the whole area, and back.
    Maximize,
    /// Back from that.
    Restore,
    NextPage,
    PreviousPage,
    /// The picker of grids; rows and columns can be typed then.
    Layout,
    StudyPanel,
    /// The page of a report, beside the images.
    Report,
    NextGroup,
    PreviousGroup,
    CloseGroup,
    Play,
    PlayBackwards,
    PlayAll,
    Cine,
    CineMode,
    Slower,
    Faster,
    TrimStart,
    TrimEnd,
    Link,
    Reset,
    Undo,
    Redo,
    Open,
    OpenFolder,
    FindStudy,
    Retry,
    ToggleText,
    /// What was said about the image.
    Overlays,
    NextOverlay,
    OverlayPanel,
    SaveState,
    Tags,
    FindTags,
    Help,
    Quit,
}

impl KeyAction {
    /// Whether it does something to the application and nothing to an image.
    pub fn is_about_no_image(self) -> bool {
        matches!(
            self,
            Self::Open
                | Self::OpenFolder
                | Self::FindStudy
                | Self::StudyPanel
                | Self::Report
                | Self::NextGroup
                | Self::PreviousGroup
                | Self::CloseGroup
                | Self::Tags
                | Self::FindTags
                | Self::Help
                | Self::Quit
        )
    }
}

/// Name in key map files, default keys, and what the sheet says.
pub const BINDINGS: &[(KeyAction, &str, &[&str], &str)] = &[
    (KeyAction::ToolWindow, "tool-window", &["W"], "window/level tool"),
    (KeyAction::ToolPan, "tool-pan", &["P"], "pan tool"),
    (KeyAction::ToolZoom, "tool-zoom", &["Z"], "zoom tool"),
    (KeyAction::ToolScroll, "tool-scroll", &["S"], "scroll tool"),
    (KeyAction::Invert, "invert", &["I"], "invert"),
    (KeyAction::Rotate, "rotate", &["R"], "rotate clockwise"),
    (KeyAction::FlipHorizontal, "flip-horizontal", &["H"], "flip left and right"),
    (KeyAction::FlipVertical, "flip-vertical", &["Shift+H"], "flip top and bottom"),
    (KeyAction::Fit, "fit", &["F"], "fit to viewport"),
    (KeyAction::ActualPixels, "actual-pixels", &["X"], "one image pixel per screen pixel"),
    (KeyAction::TrueSize, "true-size", &["Shift+X"], "true size"),
    (KeyAction::ZoomIn, "zoom-in", &["+", "="], "zoom in"),
    (KeyAction::ZoomOut, "zoom-out", &["-"], "zoom out"),
    (KeyAction::ObjectWindow, "object-window", &["0"], "the object's own window, again for its next"),
    (KeyAction::Preset(1), "preset-1", &["1"], "preset 1"),
    (KeyAction::Preset(2), "preset-2", &["2"], "preset 2"),
    (KeyAction::Preset(3), "preset-3", &["3"], "preset 3"),
    (KeyAction::Preset(4), "preset-4", &["4"], "preset 4"),
    (KeyAction::Preset(5), "preset-5", &["5"], "preset 5"),
    (KeyAction::Preset(6), "preset-6", &["6"], "preset 6"),
    (KeyAction::Preset(7), "preset-7", &["7"], "preset 7"),
    (KeyAction::Preset(8), "preset-8", &["8"], "preset 8"),
    (KeyAction::Preset(9), "preset-9", &["9"], "preset 9"),
    (KeyAction::FullRange, "full-range", &["A"], "window over the full range of values"),
    (KeyAction::Interpolation, "interpolation", &["L"], "next interpolation"),
    (KeyAction::NextStep, "next-step", &["."], "next step of the hanging protocol"),
    (KeyAction::PreviousStep, "previous-step", &[","], "the step before"),
    (KeyAction::SameSize, "same-size", &["Shift+F"], "all views at one scale"),
    (KeyAction::NextTile, "next-tile", &["Q"], "actual pixels, piece by piece"),
    (KeyAction::PreviousTile, "previous-tile", &["Shift+Q"], "the piece before"),
    (KeyAction::LinkViews, "link-views", &["U"], "zoom and pan all views together"),
    (KeyAction::LinkWindows, "link-windows", &["Shift+U"], "window all views together"),
    (KeyAction::Slab, "slab", &["M"], "slab: off, MIP, mean, MinIP"),
    (KeyAction::SlabThicker, "slab-thicker", &["Alt+Up"], "thicker slab"),
    (KeyAction::SlabThinner, "slab-thinner", &["Alt+Down"], "thinner slab"),
    (KeyAction::Lens, "lens", &["E"], "magnifier while held"),
    (KeyAction::KeepLens, "keep-lens", &["Shift+E"], "magnifier on and off"),
    (KeyAction::NextFrame, "next-frame", &["Down", "Right", "]"], "next frame"),
    (KeyAction::PreviousFrame, "previous-frame", &["Up", "Left", "["], "previous frame"),
    (KeyAction::PageForward, "page-forward", &["PageDown"], "ten frames on"),
    (KeyAction::PageBack, "page-back", &["PageUp"], "ten frames back"),
    (KeyAction::FirstFrame, "first-frame", &["Home"], "first frame"),
    (KeyAction::LastFrame, "last-frame", &["End"], "last frame"),
    (KeyAction::NextViewport, "next-viewport", &["J"], "next viewport"),
    (KeyAction::Maximize, "maximize", &["Enter"], "one viewport alone, and back"),
    (KeyAction::Restore, "restore", &["Escape"], "back to all viewports"),
    (KeyAction::NextPage, "next-page", &["Shift+PageDown"], "next page of images"),
    (KeyAction::PreviousPage, "previous-page", &["Shift+PageUp"], "previous page of images"),
    (KeyAction::Layout, "layout", &["D"], "grid: type rows and columns, or 0"),
    (KeyAction::StudyPanel, "study-panel", &["B"], "panel of studies and series"),
    (KeyAction::Report, "report", &["Y"], "report beside the images"),
    (KeyAction::NextGroup, "next-group", &["Tab"], "what was opened next"),
    (KeyAction::PreviousGroup, "previous-group", &["Shift+Tab"], "what was opened before"),
    (KeyAction::CloseGroup, "close-group", &["Ctrl+W"], "close what was opened together"),
    (KeyAction::Play, "play", &["Space"], "play or pause"),
    (KeyAction::PlayBackwards, "play-backwards", &["Shift+Space"], "play backwards or pause"),
    (KeyAction::PlayAll, "play-all", &["Ctrl+Space"], "play or pause all viewports"),
    (KeyAction::Cine, "cine", &["C"], "the bar for playing"),
    (KeyAction::CineMode, "cine-mode", &["Shift+C"], "loop, sweep or once"),
    (KeyAction::Slower, "slower", &["<"], "play slower"),
    (KeyAction::Faster, "faster", &[">"], "play faster"),
    (KeyAction::TrimStart, "trim-start", &["{"], "play from this frame"),
    (KeyAction::TrimEnd, "trim-end", &["}"], "play up to this frame"),
    (KeyAction::Link, "link", &["K"], "link the stacks of all viewports"),
    (KeyAction::Reset, "reset", &["Backspace"], "reset the viewport"),
    (KeyAction::Undo, "undo", &["Ctrl+Z"], "undo"),
    (KeyAction::Redo, "redo", &["Ctrl+Shift+Z", "Ctrl+Y"], "redo"),
    (KeyAction::Open, "open", &["Ctrl+O", "O"], "open files"),
    (KeyAction::OpenFolder, "open-folder", &["Ctrl+Shift+O"], "open a folder"),
    (KeyAction::FindStudy, "find-study", &["Ctrl+K"], "find a study on a server"),
    (KeyAction::Retry, "retry", &["F5"], "try again what could not be loaded"),
    (KeyAction::ToggleText, "toggle-text", &["T"], "text on the images"),
    (KeyAction::Overlays, "overlays", &["G"], "what others said about the image"),
    (KeyAction::NextOverlay, "next-overlay", &["N"], "the next image or frame with an overlay"),
    (KeyAction::OverlayPanel, "overlay-panel", &["Shift+G"], "panel of overlays"),
    (KeyAction::SaveState, "save-state", &["Ctrl+S"], "save the looks as a presentation state"),
    (KeyAction::Tags, "tags", &["V"], "elements of the image"),
    (KeyAction::FindTags, "find-tags", &["Ctrl+F"], "look for an element"),
    (KeyAction::Help, "help", &["?", "F1"], "this sheet"),
    (KeyAction::Quit, "quit", &["Ctrl+Q"], "quit"),
];

/// A key with its modifiers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    /// As typed without modifiers: an upper-case letter, a digit, a sign, or a name such as `PageUp`.
    pub key: String,
    pub control: bool,
    pub shift: bool,
    pub alt: bool,
}

impl Chord {
    /// Reads `Ctrl+Shift+Z`, `?`, `PageUp`, `+`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut chord = Self { key: String::new(), control: false, shift: false, alt: false };
        let mut rest = text.trim();
        while let Some((modifier, after)) =
            rest.split_once('+').filter(|(m, a)| !m.is_empty() && !a.is_empty())
        {
            match modifier.trim().to_lowercase().as_str() {
                "ctrl" | "control" | "cmd" => chord.control = true,
                "shift" => chord.shift = true,
                "alt" => chord.alt = true,
                other => return Err(format!("unknown modifier {other} in the key {text}")),
            }
            rest = after.trim_start();
        }
        if rest.is_empty() {
            return Err("a key is missing".to_owned());
        }
        let one_sign = rest.chars().count() == 1;
        if !one_sign && !NAMED.iter().any(|name| name.eq_ignore_ascii_case(rest)) {
            return Err(format!("unknown key {rest}"));
        }
        chord.key = normal_key(rest);
        Ok(chord)
    }
}

const NAMED: &[&str] = &[
    "Up",
    "Down",
    "Left",
    "Right",
    "PageUp",
    "PageDown",
    "Home",
    "End",
    "Backspace",
    "Delete",
    "Insert",
    "Enter",
    "Escape",
    "Space",
    "Tab",
    "F1",
    "F2",
    "F3",
    "F4",
    "F5",
    "F6",
    "F7",
    "F8",
    "F9",
    "F10",
    "F11",
    "F12",
];

fn normal_key(key: &str) -> String {
    if key.chars().count() == 1 {
        return key.to_uppercase();
    }
    NAMED
        .iter()
        .find(|name| name.eq_ignore_ascii_case(key))
        .map_or_else(|| key.to_owned(), |name| (*name).to_owned())
}

/// The keys in force.
#[derive(Resource, Debug, Clone)]
pub struct KeyMap {
    bindings: BTreeMap<Chord, KeyAction>,
}

impl Default for KeyMap {
    fn default() -> Self {
        let mut bindings = BTreeMap::new();
        for (action, _, keys, _) in BINDINGS {
            for key in *keys {
                if let Ok(chord) = Chord::parse(key) {
                    bindings.insert(chord, *action);
                }
            }
        }
        Self { bindings }
    }
}

impl KeyMap {
    /// What a key does. A sign that needs Shift on this keyboard is found without naming Shift.
    pub fn action(&self, pressed: &Chord) -> Option<KeyAction> {
        let found = self.bindings.get(pressed).copied();
        let sign = !pressed.key.chars().all(char::is_alphanumeric);
        found.or_else(|| {
            let unshifted = Chord { shift: false, ..pressed.clone() };
            self.bindings.get(&unshifted).copied().filter(|_| sign)
        })
    }

    /// The keys of an action as text, for the sheet and for tooltips.
    pub fn keys_of(&self, action: KeyAction) -> Vec<String> {
        let text = |chord: &Chord| {
            let mut parts = Vec::new();
            parts.extend(chord.control.then_some("Ctrl"));
            parts.extend(chord.alt.then_some("Alt"));
            parts.extend(chord.shift.then_some("Shift"));
            parts.push(&chord.key);
            parts.join("+")
        };
        self.bindings.iter().filter(|(_, a)| **a == action).map(|(chord, _)| text(chord)).collect()
    }

    /// Lays a file over the bindings; returns what in it was not understood.
    pub fn read(&mut self, path: &Path) -> Result<Vec<String>, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("the key map could not be read, {error}: {}", path.display()))?;
        self.lay_over(&text)
            .map_err(|error| format!("the key map is not valid TOML, {error}: {}", path.display()))
    }

    fn lay_over(&mut self, text: &str) -> Result<Vec<String>, String> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.message().to_owned())?;
        let mut problems = Vec::new();
        for (name, value) in table {
            let Some((action, ..)) = BINDINGS.iter().find(|(_, n, ..)| *n == name) else {
                problems.push(format!("the key map names an unknown action: {name}"));
                continue;
            };
            let keys: Vec<String> = match value {
                toml::Value::String(key) => vec![key],
                toml::Value::Array(keys) => {
                    keys.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect()
                }
                _ => {
                    problems.push(format!("the key map gives no key for {name}"));
                    continue;
                }
            };
            self.bindings.retain(|_, bound| bound != action);
            for key in keys.iter().filter(|key| !key.is_empty()) {
                match Chord::parse(key) {
                    Ok(chord) => {
                        self.bindings.insert(chord, *action);
                    }
                    Err(error) => problems.push(format!("in the key map, {error}")),
                }
            }
        }
        Ok(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn action(map: &KeyMap, key: &str) -> Option<KeyAction> {
        Chord::parse(key).ok().and_then(|chord| map.action(&chord))
    }

    #[test]
    fn every_default_key_parses_and_none_is_bound_twice() {
        let keys: usize = BINDINGS.iter().map(|(_, _, keys, _)| keys.len()).sum();
        assert_eq!(KeyMap::default().bindings.len(), keys);
    }

    #[test]
    fn a_file_replaces_bindings_and_reports_what_it_does_not_know() {
        let mut map = KeyMap::default();
        let problems =
            map.lay_over("invert = \"Ctrl+I\"\nrotate = \"\"\nfly = \"F\"\nfit = \"Hyper+F\"").unwrap();
        assert_eq!(action(&map, "Ctrl+I"), Some(KeyAction::Invert));
        assert_eq!(action(&map, "I"), None);
        assert_eq!(action(&map, "R"), None);
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn shifted_signs_and_letters() {
        let map = KeyMap::default();
        assert_eq!(action(&map, "Shift+?"), Some(KeyAction::Help));
        assert_eq!(action(&map, "Shift+H"), Some(KeyAction::FlipVertical));
        assert_eq!(action(&map, "Shift+I"), None);
        assert_eq!(action(&map, "+"), Some(KeyAction::ZoomIn));
    }
}
