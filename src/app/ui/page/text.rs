//! Texts of the page: laid out with what lies behind their runs, marked where words were found, to be selected,
//! hovered over and clicked.

use std::ops::Range;
use std::sync::Arc;

use bevy_egui::egui::text::{LayoutJob, TextFormat};
use bevy_egui::egui::text_selection::LabelSelectionState;
use bevy_egui::egui::{
    self, Color32, CursorIcon, FontId, Galley, Id, Pos2, Rect, Response, Sense, Stroke, TextWrapMode, Ui,
    Vec2, vec2,
};

use super::bidi;
use crate::app::reports::{Meaning, Rich};
use crate::app::ui::theme;
use crate::presentation::sr::{Code, Inline, Link, Reference};

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub size: f32,
    pub line: f32,
    pub color: Color32,
}

pub(super) const BODY: Look = Look { size: 13.5, line: 20.0, color: theme::TEXT };
pub(super) const NAME: Look = Look { size: 13.5, line: 20.0, color: theme::FAINT };
pub(super) const SMALL: Look = Look { size: 12.0, line: 17.0, color: theme::FAINT };
pub(super) const NOTE: Look = Look { size: 12.5, line: 18.0, color: theme::TEXT };

/// Words that were found in a text: their bytes, and whether they were gone to.
pub(super) type Marks = Vec<(Range<usize>, bool)>;

/// A text ready to be drawn.
pub(super) struct Laid<'a> {
    lines: Lines<'a>,
    size: Vec2,
    whole: String,
}

enum Lines<'a> {
    /// As it is read, with what each section of it is, by its end in letters.
    Plain(Arc<Galley>, Vec<(usize, Meaning<'a>)>),
    /// Piece by piece at its place, where it stands in another order than it is read. No part of that can be copied
    /// from the screen, and the fonts' counting of letters does not hold for it.
    Turned(Vec<(Vec2, Arc<Galley>, Meaning<'a>)>),
}

/// A piece of text as it stands, with the run it is of.
struct Cut<'a> {
    text: String,
    meaning: Meaning<'a>,
    mark: Option<bool>,
}

impl Laid<'_> {
    pub(super) fn height(&self) -> f32 {
        self.size.y
    }
}

/// Lays a text out in a width.
pub(super) fn lay<'a>(ui: &Ui, rich: &Rich<'a>, look: Look, width: f32, marks: &Marks) -> Laid<'a> {
    let width = width.max(16.0);
    let whole = rich.text.clone();
    if bidi::runs_left(&rich.text) {
        let (pieces, height) = turned(ui, rich, look, width, marks);
        return Laid { lines: Lines::Turned(pieces), size: vec2(width, height), whole };
    }
    let (job, sections) = job_of(&cuts(rich, marks), look, width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    Laid { size: galley.size(), lines: Lines::Plain(galley, sections), whole }
}

/// Lays a text out whose lines do not stand as they are read.
fn turned<'a>(
    ui: &Ui,
    rich: &Rich<'a>,
    look: Look,
    width: f32,
    marks: &Marks,
) -> (Vec<(Vec2, Arc<Galley>, Meaning<'a>)>, f32) {
    let galley = |cut: &Cut<'a>| {
        let (job, _) = job_of(std::slice::from_ref(cut), look, f32::INFINITY);
        ui.fonts_mut(|fonts| fonts.layout_job(job))
    };
    let measure =
        |word: &str| galley(&Cut { text: word.to_owned(), meaning: Meaning::Plain, mark: None }).size().x;
    let rows = bidi::rows(&rich.text, width, measure);
    let mut set = Vec::new();
    for (number, line) in bidi::lines(&rich.text, &rows).iter().enumerate() {
        let mut cuts = Vec::new();
        line.pieces.iter().for_each(|piece| pieces(rich, marks, piece, &mut cuts));
        let laid: Vec<_> = cuts.iter().map(|cut| (galley(cut), cut.meaning)).collect();
        let long: f32 = laid.iter().map(|(galley, _)| galley.size().x).sum();
        let mut at = vec2(if line.from_right { width - long } else { 0.0 }, look.line * number as f32);
        for (galley, meaning) in laid {
            let next = galley.size().x;
            set.push((at, galley, meaning));
            at.x += next;
        }
    }
    (set, look.line * rows.len() as f32)
}

/// The runs of a text, cut where marks begin and end.
fn cuts<'a>(rich: &Rich<'a>, marks: &Marks) -> Vec<Cut<'a>> {
    let mut cuts = Vec::with_capacity(rich.runs.len() + 2 * marks.len());
    for (run, meaning) in &rich.runs {
        cut(rich, run, *meaning, marks, &mut cuts);
    }
    cuts
}

fn cut<'a>(
    rich: &Rich<'a>,
    run: &Range<usize>,
    meaning: Meaning<'a>,
    marks: &Marks,
    cuts: &mut Vec<Cut<'a>>,
) {
    let mut at = run.start;
    let mut push = |range: Range<usize>, mark| {
        if let Some(text) = rich.text.get(range).filter(|text| !text.is_empty()) {
            cuts.push(Cut { text: text.to_owned(), meaning, mark });
        }
    };
    for (mark, now) in marks.iter().filter(|(mark, _)| mark.start < run.end && mark.end > run.start) {
        push(at..mark.start.max(at), None);
        let end = mark.end.min(run.end);
        push(mark.start.max(at)..end, Some(*now));
        at = end.max(at);
    }
    push(at..run.end, None);
}

/// A piece of a line with its runs and marks. A word that shaping turns stays whole, or its letters would not join.
fn pieces<'a>(rich: &Rich<'a>, marks: &Marks, piece: &bidi::Piece, set: &mut Vec<Cut<'a>>) {
    let overlapping =
        rich.runs.iter().filter(|(run, _)| run.start < piece.range.end && run.end > piece.range.start);
    if let Some(sign) = piece.mirrored {
        let meaning = overlapping.map(|(_, meaning)| *meaning).next().unwrap_or(Meaning::Plain);
        return set.push(Cut { text: sign.to_string(), meaning, mark: None });
    }
    let word = rich.text.get(piece.range.clone()).unwrap_or_default();
    if bidi::runs_left(word) {
        let mark =
            marks.iter().find(|(mark, _)| mark.start < piece.range.end && mark.end > piece.range.start);
        let meaning = overlapping.map(|(_, meaning)| *meaning).next().unwrap_or(Meaning::Plain);
        return set.push(Cut { text: word.to_owned(), meaning, mark: mark.map(|(_, now)| *now) });
    }
    for (run, meaning) in overlapping {
        let here = run.start.max(piece.range.start)..run.end.min(piece.range.end);
        cut(rich, &here, *meaning, marks, set);
    }
}

fn job_of<'a>(cuts: &[Cut<'a>], look: Look, width: f32) -> (LayoutJob, Vec<(usize, Meaning<'a>)>) {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    let mut sections = Vec::with_capacity(cuts.len());
    let mut letters = 0;
    for Cut { text, meaning, mark } in cuts {
        let mut format = TextFormat::simple(FontId::proportional(look.size), color(*meaning, look.color));
        format.line_height = Some(look.line);
        match mark {
            Some(true) => {
                format.background = theme::FOUND_NOW;
                format.color = theme::ON_FOUND;
            }
            Some(false) => format.background = theme::FOUND,
            None => {}
        }
        job.append(text, 0.0, format);
        letters += text.chars().count();
        sections.push((letters, *meaning));
    }
    if cuts.is_empty() {
        job.append("", 0.0, TextFormat::simple(FontId::proportional(look.size), look.color));
    }
    (job, sections)
}

fn color(meaning: Meaning<'_>, plain: Color32) -> Color32 {
    match meaning {
        Meaning::Of(Inline { link: Some(_), .. }) => theme::ACCENT,
        Meaning::Aside => theme::QUIET,
        _ => plain,
    }
}

/// What an object is called that a report names, where it is among what is open.
pub(super) type Known<'a> = &'a dyn Fn(&Reference) -> Option<String>;

/// Draws a text with its upper left corner at a place. Answers the link that was clicked.
pub(super) fn put(ui: &Ui, id: Id, at: Pos2, laid: Laid<'_>, known: Known<'_>) -> Option<Link> {
    let Laid { lines, size, whole } = laid;
    let rect = Rect::from_min_size(at, size);
    if !ui.is_rect_visible(rect) || whole.is_empty() {
        return None;
    }
    let selects = matches!(lines, Lines::Plain(..));
    let mut sense = if selects { Sense::click_and_drag() } else { Sense::click() };
    sense -= Sense::FOCUSABLE;
    let response = ui.interact(rect, id, sense);
    let under = response.hover_pos().map(|pointer| pointer - at);
    let inline = under.and_then(|point| match &lines {
        Lines::Plain(galley, sections) => {
            let letter = letter_at(galley, point)?;
            sections.iter().find(|(end, _)| letter < *end).and_then(|(_, meaning)| behind(*meaning))
        }
        Lines::Turned(pieces) => pieces.iter().find_map(|(offset, galley, meaning)| {
            let piece = Rect::from_min_size(offset.to_pos2(), galley.size());
            behind(*meaning).filter(|_| piece.contains(point.to_pos2()))
        }),
    });
    let link = inline.and_then(|inline| inline.link.as_ref());
    match lines {
        Lines::Plain(galley, sections) => {
            if link.is_some() {
                underline(ui, &galley, at, &sections, inline);
            }
            LabelSelectionState::label_text_selection(ui, &response, at, galley, theme::TEXT, Stroke::NONE);
        }
        Lines::Turned(pieces) => {
            for (offset, galley, meaning) in pieces {
                if link.is_some() && same(behind(meaning), inline) {
                    let piece = Rect::from_min_size(at + offset, galley.size());
                    ui.painter().hline(
                        piece.x_range(),
                        piece.bottom() - 3.0,
                        Stroke::new(1.0, theme::ACCENT),
                    );
                }
                ui.painter().galley(at + offset, galley, theme::TEXT);
            }
        }
    }
    if link.is_some() {
        ui.ctx().set_cursor_icon(CursorIcon::PointingHand);
    }
    let clicked = response.clicked().then(|| link.cloned()).flatten();
    explain(&response, inline, known);
    menu(ui, &response, &whole, inline);
    clicked
}

fn behind(meaning: Meaning<'_>) -> Option<&Inline> {
    match meaning {
        Meaning::Of(inline) => Some(inline),
        Meaning::Plain | Meaning::Aside => None,
    }
}

fn same(one: Option<&Inline>, other: Option<&Inline>) -> bool {
    one.zip(other).is_some_and(|(one, other)| std::ptr::eq(one, other))
}

/// The letter under a point of a text, counted from its first.
fn letter_at(galley: &Galley, at: Vec2) -> Option<usize> {
    let mut before = 0;
    for row in &galley.rows {
        let rect = row.rect();
        if (rect.top()..rect.bottom()).contains(&at.y) {
            let x = at.x - row.pos.x;
            let on = |glyph: &&egui::epaint::text::Glyph| {
                (glyph.pos.x..glyph.pos.x + glyph.advance_width).contains(&x)
            };
            return row.glyphs.iter().position(|glyph| on(&glyph)).map(|found| before + found);
        }
        before += row.glyphs.len() + usize::from(row.ends_with_newline);
    }
    None
}

/// A line under a link the pointer is on.
fn underline(
    ui: &Ui,
    galley: &Galley,
    corner: Pos2,
    sections: &[(usize, Meaning<'_>)],
    inline: Option<&Inline>,
) {
    let of = |letter: usize| sections.iter().find(|(end, _)| letter < *end).map(|(_, meaning)| *meaning);
    let same = |letter: usize| same(of(letter).and_then(behind), inline);
    let mut before = 0;
    for row in &galley.rows {
        let glyphs = row.glyphs.iter().enumerate().filter(|(at, _)| same(before + at));
        let ends = glyphs.fold(None, |ends: Option<(f32, f32)>, (_, glyph)| {
            let (left, right) = (glyph.pos.x, glyph.pos.x + glyph.advance_width);
            Some(ends.map_or((left, right), |(from, to)| (from.min(left), to.max(right))))
        });
        if let Some((left, right)) = ends {
            let y = corner.y + row.rect().bottom() - 3.0;
            let x = corner.x + row.pos.x;
            ui.painter().hline(x + left..=x + right, y, Stroke::new(1.0, theme::ACCENT));
        }
        before += row.glyphs.len() + usize::from(row.ends_with_newline);
    }
}

/// The code behind a text, and where a link leads.
fn explain(response: &Response, inline: Option<&Inline>, known: Known<'_>) {
    if !response.hovered() {
        return;
    }
    let Some(inline) = inline else { return };
    let mut lines: Vec<(String, Color32)> = Vec::new();
    if let Some(called) = &inline.called {
        lines.push((called.notation(), theme::TEXT));
    }
    if let Some(code) = &inline.code {
        lines.push((code.notation(), theme::TEXT));
        lines.extend(origin(code).map(|text| (text, theme::FAINT)));
        lines.extend(
            code.equivalents.iter().map(|same| (format!("same as {}", same.notation()), theme::FAINT)),
        );
    }
    match &inline.link {
        Some(Link::Objects { objects, .. }) => {
            for object in objects.iter().take(4) {
                lines.push(match known(object) {
                    Some(name) => (name, theme::TEXT),
                    None => ("not among what is open".to_owned(), theme::WARNING),
                });
                lines.push((object.sop_instance_uid.clone(), theme::FAINT));
            }
        }
        Some(Link::Item(_)) => lines.push(("elsewhere in this report".to_owned(), theme::FAINT)),
        None => {}
    }
    if lines.is_empty() {
        return;
    }
    response.clone().on_hover_ui_at_pointer(|ui| {
        ui.set_max_width(460.0);
        for (text, color) in lines {
            ui.add(
                egui::Label::new(egui::RichText::new(text).color(color).size(12.5))
                    .wrap_mode(TextWrapMode::Wrap),
            );
        }
    });
}

/// The list a code was chosen from.
fn origin(code: &Code) -> Option<String> {
    let group = code.context_group.as_deref()?;
    let id = group.id.as_deref().map(|id| format!("from the list CID {id}"))?;
    Some(group.resource.as_deref().map_or(id.clone(), |resource| format!("{id} of {resource}")))
}

fn menu(ui: &Ui, response: &Response, whole: &str, inline: Option<&Inline>) {
    // What was under the pointer when the menu opened is not there any more once it moves.
    let key = response.id.with("behind");
    if response.secondary_clicked() {
        let code = inline.and_then(|inline| inline.code.as_ref()).map(Code::notation);
        ui.data_mut(|data| data.insert_temp(key, code));
    }
    response.context_menu(|ui| {
        if ui.button("Copy this text").clicked() {
            ui.ctx().copy_text(whole.to_owned());
            ui.close();
        }
        let code: Option<String> = ui.data(|data| data.get_temp(key)).flatten();
        if let Some(code) = code
            && ui.button("Copy the code").clicked()
        {
            ui.ctx().copy_text(code);
            ui.close();
        }
    });
}
