//! How each strip of a page is set: headings, lines, paragraphs, rows of tables.

use bevy_egui::egui::{
    Color32, CornerRadius, Id, Pos2, Rect, Sense, Stroke, StrokeKind, TextureId, Ui, Vec2, pos2, vec2,
};

use super::text::{self, BODY, Look, Marks, NAME, NOTE, SMALL};
use crate::app::reports::{FollowLink, Opened, Part, Rich, Search, Strip};
use crate::app::ui::theme;
use crate::presentation::sr::{Block, Body, Inline, Link, Reference};

/// A step of indentation, and how many there are at most.
const STEP: f32 = 14.0;
const DEEPEST: u8 = 8;
/// The widest column of names, and its share of the width.
const NAMES: f32 = 180.0;
const NAMES_SHARE: f32 = 0.36;
const GAP: f32 = 14.0;
/// What a letter takes, to guess; a digit takes a little more.
const LETTER: f32 = 7.0;
const DIGIT: f32 = 8.0;
/// A table whose columns would be narrower is set row by row as lines.
const NARROWEST: f32 = 46.0;
/// Side of the picture of a selected image.
pub(super) const PICTURE: f32 = 64.0;

/// Where a picture of an object comes from.
pub(super) type Pictures<'a> = &'a mut dyn FnMut(&Reference) -> Option<(TextureId, Vec2)>;

/// What is needed to set a strip.
pub(super) struct Setting<'a> {
    pub ui: &'a Ui,
    pub opened: &'a Opened,
    pub search: &'a Search,
    pub width: f32,
    pub known: text::Known<'a>,
    /// What was clicked.
    pub asked: Option<FollowLink>,
}

/// How high a strip will probably be.
pub(super) fn guess(opened: &Opened, strip: &Strip, width: f32) -> f32 {
    let lines = |letters: u32, width: f32| (letters as f32 * LETTER / width.max(60.0)).ceil().max(1.0);
    let body = opened.document.blocks.get(strip.block).map(|block| &block.body);
    match (&strip.part, body) {
        (Part::Front, _) => 190.0 + 20.0 * opened.document.facts.len() as f32,
        (Part::Text(_), _) => 8.0 + BODY.line * lines(strip.letters, width),
        (Part::Head, _) => 34.0,
        (Part::Row(_), _) => 10.0 + NOTE.line * lines(strip.letters, width * 0.8),
        (_, Some(Body::Heading { .. })) => 44.0,
        (_, Some(Body::Line { .. })) => 6.0 + BODY.line * lines(strip.letters, width * 0.8),
        _ => 26.0,
    }
}

/// Sets a strip; answers how high it is.
pub(super) fn set(
    setting: &mut Setting<'_>,
    number: usize,
    strip: &Strip,
    at: Pos2,
    pictures: Pictures<'_>,
) -> f32 {
    if strip.part == Part::Front {
        return super::front::set(setting, number, at);
    }
    let Some(block) = setting.opened.document.blocks.get(strip.block) else { return 0.0 };
    let texts = setting.opened.sheet.texts(&setting.opened.document, strip);
    let deeper = block.level.saturating_sub(2);
    let indent = STEP * f32::from(block.depth.saturating_add(deeper).min(DEEPEST));
    let at = at + vec2(indent, 0.0);
    let width = setting.width - indent;
    let mut set = Set { setting, number, at, width };
    match (&block.body, &strip.part) {
        (Body::Heading { .. }, _) => {
            let height = set.heading(&texts, block.level);
            if let Some(template) = template(block) {
                let rect = Rect::from_min_size(at, vec2(width, height));
                let id = Id::new("page heading").with(number);
                setting.ui.interact(rect, id, Sense::hover()).on_hover_text(template);
            }
            height
        }
        (Body::Caption { .. }, _) => 10.0 + set.cell(&texts, 0, vec2(0.0, 8.0), width, SMALL) + 2.0,
        (Body::Line { value, .. }, _) => {
            let selected = set.setting.opened.key_objects.is_some().then(|| object_of(value)).flatten();
            match selected {
                Some(object) => set.selected(&texts, object, pictures(object)),
                None => set.line(&texts),
            }
        }
        (Body::Paragraph { .. }, _) => set.paragraph(&texts),
        (Body::Measurements { .. } | Body::Table { .. }, Part::Head) => set.head(strip, &texts),
        (Body::Measurements { .. }, _) => set.row(strip, &texts, &[]),
        (Body::Table { head, .. }, _) => set.row(strip, &texts, head),
        (Body::Separator, _) => {
            let y = at.y + 10.0;
            set.setting.ui.painter().hline(at.x..=at.x + 40.0, y, Stroke::new(1.0, theme::HOVERED));
            20.0
        }
    }
}

/// The object a line names.
pub(super) fn object_of(value: &[Inline]) -> Option<&Reference> {
    value.iter().find_map(|inline| match &inline.link {
        Some(Link::Objects { objects, .. }) => objects.first(),
        _ => None,
    })
}

impl Setting<'_> {
    /// Sets a text of a strip; answers how high it is.
    pub(super) fn text(
        &mut self,
        strip: usize,
        number: usize,
        rich: &Rich<'_>,
        at: Pos2,
        width: f32,
        look: Look,
    ) -> f32 {
        let marks: Marks = (self.search.in_strip(strip))
            .filter(|(found, _)| found.text == number)
            .map(|(found, now)| (found.range.clone(), now))
            .collect();
        let laid = text::lay(self.ui, rich, look, width, &marks);
        let height = laid.height();
        let id = Id::new("page text").with((strip, number));
        if let Some(link) = text::put(self.ui, id, at, laid, self.known) {
            self.asked = Some(FollowLink::One(link));
        }
        height
    }
}

struct Set<'a, 'b> {
    setting: &'a mut Setting<'b>,
    number: usize,
    at: Pos2,
    width: f32,
}

impl Set<'_, '_> {
    /// A text of the strip, where there is one.
    fn cell(&mut self, texts: &[Rich<'_>], number: usize, offset: Vec2, width: f32, look: Look) -> f32 {
        match texts.get(number).filter(|text| !text.text.is_empty()) {
            Some(rich) => self.setting.text(self.number, number, rich, self.at + offset, width, look),
            None => 0.0,
        }
    }

    fn heading(&mut self, texts: &[Rich<'_>], level: u8) -> f32 {
        let (look, above, below) = match level {
            0 | 1 => (Look { size: 18.0, line: 25.0, color: theme::HEADING }, 26.0, 12.0),
            2 => (Look { size: 15.5, line: 22.0, color: theme::HEADING }, 18.0, 6.0),
            _ => (Look { size: 13.5, line: 20.0, color: theme::HEADING }, 12.0, 4.0),
        };
        let height = self.cell(texts, 0, vec2(0.0, above), self.width, look);
        let bottom = above + height;
        if level <= 1 {
            let y = self.at.y + bottom + 4.0;
            let stroke = Stroke::new(1.0, theme::RAISED);
            self.setting.ui.painter().hline(self.at.x..=self.at.x + self.width, y, stroke);
        }
        bottom + below
    }

    /// A name and a value beside it.
    fn pair(&mut self, texts: &[Rich<'_>], first: usize, offset: Vec2, look: Look) -> f32 {
        let width = self.width - offset.x;
        let name = texts.get(first).is_some_and(|name| !name.text.is_empty());
        if !name {
            return self.cell(texts, first + 1, offset, width, look);
        }
        let names = (width * NAMES_SHARE).min(NAMES);
        let faint = Look { color: theme::FAINT, ..look };
        let left = self.cell(texts, first, offset, names, faint);
        let beside = offset + vec2(names + GAP, 0.0);
        left.max(self.cell(texts, first + 1, beside, width - names - GAP, look))
    }

    fn line(&mut self, texts: &[Rich<'_>]) -> f32 {
        self.pair(texts, 0, vec2(0.0, 2.0), BODY) + 4.0
    }

    /// An object that was picked out, with its picture.
    fn selected(
        &mut self,
        texts: &[Rich<'_>],
        object: &Reference,
        picture: Option<(TextureId, Vec2)>,
    ) -> f32 {
        let painter = self.setting.ui.painter();
        let square = Rect::from_min_size(self.at + vec2(0.0, 4.0), vec2(PICTURE, PICTURE));
        painter.rect_filled(square, CornerRadius::same(3), Color32::BLACK);
        if let Some((texture, size)) = picture {
            let fitted = size * (PICTURE / size.max_elem().max(1.0));
            let all = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture, Rect::from_center_size(square.center(), fitted), all, Color32::WHITE);
        }
        painter.rect_stroke(
            square,
            CornerRadius::same(3),
            Stroke::new(1.0, theme::RAISED),
            StrokeKind::Outside,
        );
        let left = PICTURE + GAP;
        let width = self.width - left;
        let mut y = 10.0;
        y += self.cell(texts, 0, vec2(left, y), width, SMALL);
        y += self.cell(texts, 1, vec2(left, y), width, BODY);
        let (name, color) = match (self.setting.known)(object) {
            Some(name) => (name, theme::FAINT),
            None => ("not among what is open".to_owned(), theme::WARNING),
        };
        let at = self.at + vec2(left, y);
        let laid =
            text::lay(self.setting.ui, &Rich::plain(&name), Look { color, ..SMALL }, width, &Marks::new());
        y += laid.height();
        let id = Id::new("page selected").with(self.number);
        text::put(self.setting.ui, id, at, laid, self.setting.known);
        y.max(PICTURE + 4.0) + 8.0
    }

    fn paragraph(&mut self, texts: &[Rich<'_>]) -> f32 {
        let mut y = 3.0;
        let above = self.cell(texts, 0, vec2(0.0, y + 3.0), self.width, NAME);
        if above > 0.0 {
            y += above + 3.0;
        }
        y + self.cell(texts, 1, vec2(0.0, y), self.width, BODY) + 4.0
    }

    fn head(&mut self, strip: &Strip, texts: &[Rich<'_>]) -> f32 {
        let Some(widths) = self.columns(strip) else { return 8.0 };
        let mut x = 0.0;
        let mut height: f32 = 0.0;
        for (number, width) in widths.iter().enumerate() {
            height = height.max(self.cell(texts, number, vec2(x, 10.0), *width, SMALL));
            x += width + GAP;
        }
        self.rule(height + 13.0, theme::HOVERED);
        height + 16.0
    }

    /// The cells of a row beside each other, what else is said about it below.
    fn row(&mut self, strip: &Strip, texts: &[Rich<'_>], titles: &[Inline]) -> f32 {
        let Some(widths) = self.columns(strip) else { return self.stacked(texts, titles) };
        let mut x = 0.0;
        let mut y: f32 = 0.0;
        for (number, width) in widths.iter().enumerate() {
            y = y.max(self.cell(texts, number, vec2(x, 3.0), *width, NOTE));
            x += width + GAP;
        }
        y += 4.0;
        for note in (widths.len()..texts.len()).step_by(2) {
            y += self.pair(texts, note, vec2(STEP, y), Look { color: theme::FAINT, ..SMALL });
        }
        self.rule(y + 3.0, theme::RAISED);
        // The table is apart from what follows it.
        let next = self.setting.opened.sheet.strips.get(self.number + 1);
        y + if next.is_none_or(|next| next.block != strip.block) { 11.0 } else { 5.0 }
    }

    /// A row of too many columns, one cell below the other.
    fn stacked(&mut self, texts: &[Rich<'_>], titles: &[Inline]) -> f32 {
        let mut y = 4.0;
        for (number, text) in texts.iter().enumerate().filter(|(_, text)| !text.text.is_empty()) {
            let names = (self.width * NAMES_SHARE).min(NAMES);
            let title = titles.get(number).map(Rich::of).filter(|title| !title.text.is_empty());
            let left = title.map_or(0.0, |title| {
                let laid = text::lay(self.setting.ui, &title, SMALL, names, &Marks::new());
                let height = laid.height();
                let id = Id::new("page title").with((self.number, number));
                text::put(self.setting.ui, id, self.at + vec2(0.0, y), laid, self.setting.known);
                height
            });
            let at = self.at + vec2(names + GAP, y);
            let width = self.width - names - GAP;
            y += left.max(self.setting.text(self.number, number, text, at, width, NOTE));
        }
        self.rule(y + 3.0, theme::RAISED);
        y + 6.0
    }

    fn rule(&self, y: f32, color: Color32) {
        let x = self.at.x..=self.at.x + self.width;
        self.setting.ui.painter().hline(x, self.at.y + y, Stroke::new(1.0, color));
    }

    /// Widths of the columns of a table; `None` where they would be too narrow to read.
    fn columns(&self, strip: &Strip) -> Option<Vec<f32>> {
        let columns = self.setting.opened.sheet.columns(strip)?;
        widths(&columns.letters, self.width)
    }
}

/// What columns get: what they need, and where that is too much a fair share of what the others leave.
fn widths(letters: &[usize], width: f32) -> Option<Vec<f32>> {
    let count = letters.len().max(1) as f32;
    let room = width - GAP * (count - 1.0);
    if room / count < NARROWEST {
        return None;
    }
    let needed: Vec<f32> =
        letters.iter().map(|letters| (*letters as f32 * DIGIT + 6.0).max(NARROWEST)).collect();
    if needed.iter().sum::<f32>() <= room {
        return Some(needed);
    }
    let mut fixed: Vec<Option<f32>> = vec![None; needed.len()];
    loop {
        let open = fixed.iter().filter(|one| one.is_none()).count().max(1) as f32;
        let share = (room - fixed.iter().flatten().sum::<f32>()) / open;
        let small = fixed.iter().zip(&needed).position(|(one, needed)| one.is_none() && *needed <= share);
        match small.and_then(|at| fixed.get_mut(at).zip(needed.get(at))) {
            Some((one, needed)) => *one = Some(*needed),
            None => return Some(fixed.into_iter().map(|one| one.unwrap_or(share)).collect()),
        }
    }
}

/// What a heading says when the pointer rests on it.
fn template(block: &Block) -> Option<String> {
    let Body::Heading { template: Some(template), .. } = &block.body else { return None };
    let of = template.resource.as_deref().map(|resource| format!(" of {resource}")).unwrap_or_default();
    Some(format!("template {}{of}", template.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_get_what_they_need_and_share_what_is_scarce() {
        let enough = widths(&[10, 5, 3], 500.0).expect("room");
        assert_eq!(enough, [86.0, NARROWEST, NARROWEST]);
        let scarce = widths(&[200, 5, 200], 400.0).expect("room");
        assert_eq!(scarce.iter().sum::<f32>() + 2.0 * GAP, 400.0);
        assert_eq!(scarce[0], scarce[2]);
        assert_eq!(scarce[1], NARROWEST);
        assert!(widths(&[9; 40], 500.0).is_none());
    }
}
