//! The tag panel's content: the elements of what the active viewport shows, narrowed by a filter.
//!
//! Headers are read and listed on a thread, and what was there stays until the next is ready, so that
//! scrolling through a series neither waits nor flickers. Another frame of the same object is followed at
//! once. How it looks is the interface's matter.

use std::sync::Arc;

use bevy::prelude::*;
use crossbeam_channel::Receiver;

use super::AppSystems;
use super::instance::InstanceData;
use super::viewport::{Active, Stack, Viewport};
use super::wake::Waker;
use crate::dicom::{DicomFile, VR};
use crate::inspect::{self, Expansion, Filter, Path, Row, Rows};

/// Bytes of a value that are copied at most.
const COPY_LIMIT: u64 = 16 << 20;
/// Bytes of a value that are shown at most when the pointer rests on it.
const HOVER_LIMIT: u64 = 4 << 10;

/// What the tag panel shows and how.
#[derive(Resource, Default)]
pub struct Inspector {
    open: bool,
    /// The filter's field shall get the keyboard.
    pub focus_filter: bool,
    /// List the groups of all frames and not only of the one on screen.
    pub all_frames: bool,
    filter_text: String,
    filter: Filter,
    expansion: Expansion,
    contents: Option<Contents>,
    pending: Option<Pending>,
    /// Indices of the rows to be seen.
    visible: Vec<usize>,
    selected: Option<Path>,
    /// What was copied last, for the panel to say.
    pub copied: Option<String>,
    /// Characters that the built-in font may lack, until somebody looked for them.
    pub foreign: Vec<char>,
}

/// What is listed.
struct Contents {
    instance: Arc<InstanceData>,
    listed: Result<Listed, String>,
}

impl Contents {
    fn foreign(&self) -> Vec<char> {
        let texts = self.listed.iter().flat_map(|listed| listed.rows.iter()).map(|row| &row.text);
        let mut foreign: Vec<_> = texts
            .filter(|text| !text.is_ascii())
            .flat_map(|text| text.chars())
            .filter(|c| !c.is_ascii())
            .collect();
        foreign.sort_unstable();
        foreign.dedup();
        foreign
    }
}

struct Listed {
    file: Arc<DicomFile>,
    rows: Rows,
}

/// A listing under way.
struct Pending(Receiver<Contents>);

/// What a row can be copied as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAs {
    Value,
    Tag,
    Keyword,
    Path,
    TagPath,
    Line,
}

impl Inspector {
    pub fn is_open(&self) -> bool {
        self.open
    }

    pub fn toggle(&mut self) {
        self.open = !self.open;
        self.copied = None;
        if !self.open {
            self.contents = None;
            self.pending = None;
            self.visible.clear();
        }
    }

    /// Opens the panel, if it is not, with the keyboard in its filter.
    pub fn find(&mut self) {
        if !self.open {
            self.toggle();
        }
        self.focus_filter = true;
    }

    /// The rows of the object and which of them are to be seen.
    pub fn rows(&self) -> Option<(&Rows, &[usize])> {
        Some((&self.listed()?.rows, &self.visible))
    }

    fn listed(&self) -> Option<&Listed> {
        self.contents.as_ref()?.listed.as_ref().ok()
    }

    /// The object listed.
    pub fn instance(&self) -> Option<&Arc<InstanceData>> {
        self.contents.as_ref().map(|contents| &contents.instance)
    }

    /// Why nothing is listed.
    pub fn error(&self) -> Option<&str> {
        self.contents.as_ref()?.listed.as_ref().err().map(String::as_str)
    }

    pub fn is_reading(&self) -> bool {
        self.pending.is_some()
    }

    pub fn filter_text(&self) -> &str {
        &self.filter_text
    }

    pub fn set_filter(&mut self, text: String) {
        if self.filter_text != text {
            self.filter = Filter::new(&text);
            self.filter_text = text;
            self.see();
        }
    }

    pub fn toggle_row(&mut self, index: usize) {
        if let Some(Contents { listed: Ok(listed), .. }) = &self.contents {
            self.expansion.toggle(&listed.rows, index);
            self.see();
        }
    }

    pub fn expand_all(&mut self, expand: bool) {
        match expand {
            true => self.expansion.expand_all(),
            false => self.expansion.collapse_all(),
        }
        self.see();
    }

    pub fn is_selected(&self, index: usize) -> bool {
        // Most rows are told apart from the selected one without building their path.
        let Some((selected, listed)) = self.selected.as_ref().zip(self.listed()) else {
            return false;
        };
        let tag = listed.rows.get(index).map(|row| row.tag);
        tag == selected.tag() && listed.rows.path(index) == *selected
    }

    /// The text of a row in one of its forms; remembers the row as the selected one.
    pub fn copy(&mut self, index: usize, what: CopyAs) -> Option<String> {
        let listed = self.listed()?;
        let row = listed.rows.get(index)?;
        let path = listed.rows.path(index);
        let keyword = if row.keyword.is_empty() { row.name() } else { row.keyword.to_owned() };
        let text = match what {
            CopyAs::Value => inspect::full_value(&listed.file, &path, COPY_LIMIT).ok()?.text,
            CopyAs::Tag => row.tag_text(),
            CopyAs::Keyword => keyword.clone(),
            CopyAs::Path => path.keywords(),
            CopyAs::TagPath => path.to_string(),
            CopyAs::Line => line(row, &keyword),
        };
        let said = match what {
            CopyAs::Value => format!("value of {keyword}"),
            _ => text.clone(),
        };
        self.selected = Some(path);
        self.copied = Some(said);
        Some(text)
    }

    /// The value of a row as far as it is worth showing, and whether that is all of it.
    pub fn value(&self, index: usize) -> Option<(String, bool)> {
        let listed = self.listed()?;
        let full = inspect::full_value(&listed.file, &listed.rows.path(index), HOVER_LIMIT).ok()?;
        Some((full.text, full.complete))
    }

    fn see(&mut self) {
        self.visible = match &self.contents {
            Some(Contents { listed: Ok(listed), .. }) => {
                inspect::visible(&listed.rows, &self.expansion, &self.filter)
            }
            _ => Vec::new(),
        };
    }

    /// The frame whose groups are listed alone.
    fn frame_of(&self, instance: &InstanceData, frame: u32) -> Option<u32> {
        (instance.frames() > 1 && !self.all_frames).then_some(frame)
    }

    fn follow(&mut self, wanted: Option<(&Arc<InstanceData>, u32)>, waker: Option<&Waker>) {
        if let Some(contents) = self.pending.as_ref().and_then(|pending| pending.0.try_recv().ok()) {
            self.pending = None;
            self.foreign = contents.foreign();
            self.contents = Some(contents);
            self.see();
        }
        let Some((instance, frame)) = wanted else {
            if self.contents.take().is_some() {
                self.see();
            }
            return;
        };
        let wanted_frame = self.frame_of(instance, frame);
        if let Some(contents) = self.contents.as_mut().filter(|c| c.instance.id == instance.id) {
            let Ok(listed) = &mut contents.listed else { return };
            if listed.rows.follow(&listed.file, wanted_frame) {
                self.see();
            }
            return;
        }
        if self.pending.is_none() {
            self.pending = list(instance, wanted_frame, waker.cloned());
        }
    }
}

/// One row as a line of text.
fn line(row: &Row, keyword: &str) -> String {
    let vr = row.vr.map(VR::to_string).unwrap_or_default();
    let tag = row.tag_text();
    let parts = [tag.as_str(), vr, keyword, &row.text];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

/// Lists an object on a thread.
fn list(instance: &Arc<InstanceData>, frame: Option<u32>, waker: Option<Waker>) -> Option<Pending> {
    let (sender, answer) = crossbeam_channel::bounded(1);
    let of = Arc::clone(instance);
    let read = move || {
        let listed = of.file().map(|file| {
            let mut file = Arc::unwrap_or_clone(file);
            if let Err(error) = file.take_in_trailing() {
                tracing::warn!("what follows the pixel data cannot be read, {error}");
            }
            Listed { rows: Rows::read(&file, frame), file: Arc::new(file) }
        });
        sender.send(Contents { instance: of, listed }).ok();
        if let Some(waker) = waker {
            waker.wake();
        }
    };
    match std::thread::Builder::new().name("tags".to_owned()).spawn(read) {
        Ok(_) => Some(Pending(answer)),
        Err(error) => {
            tracing::error!("the elements cannot be listed, no thread could be started: {error}");
            None
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Inspector>().add_systems(Update, follow_viewport.in_set(AppSystems::Bind));
}

fn follow_viewport(
    mut inspector: ResMut<Inspector>,
    active: Query<&Stack, (With<Viewport>, With<Active>)>,
    waker: Option<Res<Waker>>,
) {
    if inspector.open {
        let wanted = active.single().ok().and_then(Stack::current);
        inspector.follow(wanted, waker.as_deref());
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::super::instance::InstanceId;
    use super::*;
    use crate::study::Entry;

    fn instance(id: u32, path: std::path::PathBuf) -> Arc<InstanceData> {
        let entry = match DicomFile::open(&path) {
            Ok(file) => Entry::read(&file, path, 0),
            Err(_) => Entry { path, frames: 1, ..Entry::default() },
        };
        Arc::new(InstanceData::new(InstanceId(id), Arc::new(entry)))
    }

    fn fixture(name: &str) -> std::path::PathBuf {
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
    }

    /// As many updates as it takes.
    fn listed(inspector: &mut Inspector, instance: &Arc<InstanceData>, frame: u32) {
        let patience = Instant::now() + Duration::from_secs(20);
        let there = |i: &Inspector| i.instance().is_some_and(|there| there.id == instance.id);
        while !there(inspector) || inspector.is_reading() {
            inspector.follow(Some((instance, frame)), None);
            assert!(Instant::now() < patience, "nothing was listed");
            std::thread::sleep(Duration::from_millis(1));
        }
        inspector.follow(Some((instance, frame)), None);
    }

    fn names(inspector: &Inspector) -> Vec<String> {
        let (rows, seen) = inspector.rows().expect("rows");
        seen.iter().filter_map(|index| rows.get(*index)).map(Row::name).collect()
    }

    #[test]
    fn a_filter_narrows_and_a_click_copies() {
        let mut inspector = Inspector::default();
        inspector.toggle();
        let shown = instance(1, fixture("ct-implicit.dcm"));
        listed(&mut inspector, &shown, 0);
        let all = names(&inspector).len();
        inspector.set_filter("0028,0010".to_owned());
        assert_eq!(names(&inspector), ["Rows"]);
        let (rows, seen) = inspector.rows().expect("rows");
        let (index, text) = (seen[0], rows.get(seen[0]).expect("a row").text.to_string());
        let copies =
            [CopyAs::Value, CopyAs::Tag, CopyAs::Keyword, CopyAs::Path, CopyAs::TagPath, CopyAs::Line]
                .map(|what| inspector.copy(index, what).expect("a text"));
        let expected = [
            text.as_str(),
            "(0028,0010)",
            "Rows",
            "Rows",
            "(0028,0010)",
            &format!("(0028,0010) US Rows {text}"),
        ];
        assert_eq!(copies, expected);
        assert!(inspector.is_selected(index));
        inspector.set_filter(String::new());
        assert_eq!(names(&inspector).len(), all);
    }

    #[test]
    fn another_object_takes_the_place_of_the_first_only_when_it_was_read() {
        let mut inspector = Inspector::default();
        inspector.toggle();
        let (first, second) = (instance(1, fixture("ct-implicit.dcm")), instance(2, fixture("mg-rcc.dcm")));
        listed(&mut inspector, &first, 0);
        inspector.follow(Some((&second, 0)), None);
        assert!(inspector.rows().is_some_and(|(rows, _)| !rows.is_empty()));
        listed(&mut inspector, &second, 0);
        inspector.follow(None, None);
        assert!(inspector.rows().is_none() && inspector.error().is_none());
    }

    #[test]
    fn the_groups_of_the_frame_on_screen_are_followed() {
        let mut inspector = Inspector::default();
        inspector.toggle();
        let volume = instance(1, fixture("dbt-lmlo.dcm"));
        let in_stack = |inspector: &Inspector| {
            let (rows, seen) = inspector.rows().expect("rows");
            let values = seen.iter().filter_map(|index| rows.get(*index));
            values
                .filter(|row| row.keyword == "InStackPositionNumber")
                .map(|row| row.text.to_string())
                .collect()
        };
        inspector.set_filter("in stack position number".to_owned());
        let mut found: Vec<Vec<String>> = Vec::new();
        for frame in [0, 2] {
            listed(&mut inspector, &volume, frame);
            found.push(in_stack(&inspector));
        }
        assert_eq!(found, [["1"], ["3"]]);
        inspector.all_frames = true;
        listed(&mut inspector, &volume, 2);
        assert_eq!(in_stack(&inspector).len(), volume.frames() as usize);
    }

    #[test]
    fn a_file_that_is_gone_says_so() {
        let mut inspector = Inspector::default();
        inspector.toggle();
        listed(&mut inspector, &instance(3, fixture("never-was.dcm")), 0);
        assert!(inspector.error().is_some() && inspector.rows().is_none());
    }
}
