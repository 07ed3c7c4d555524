//! The page under the window: only the strips in sight are laid out. Heights are guessed first and measured when a
//! strip comes into sight; what is at the upper edge stays there meanwhile.

use bevy_egui::egui::{self, Ui, pos2, vec2};

use super::strip::{self, Pictures, Setting};
use super::text::Known;
use crate::app::reports::{FollowLink, Opened, Page, Search};
use crate::app::ui::theme;

/// As wide as lines are read well: some 75 letters.
const MEASURE: f32 = 540.0;
const MARGIN: f32 = 26.0;
/// Below the last strip.
const FOOT: f32 = 60.0;
/// A page forward leaves this of the last one.
const OVERLAP: f32 = 48.0;
const ARROW: f32 = 48.0;
const FAR: f32 = 1e9;

/// How a key moves the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Move {
    Arrows(f32),
    Pages(f32),
    Start,
    End,
}

/// Shows the page; answers what was clicked.
pub(super) fn show(
    ui: &mut Ui,
    page: &mut Page,
    opened: &Opened,
    moved: Option<Move>,
    known: Known<'_>,
    pictures: Pictures<'_>,
) -> Option<FollowLink> {
    let strips = &opened.sheet.strips;
    let room = ui.available_width() - 2.0 * MARGIN;
    let width = room.clamp(120.0, MEASURE);
    if page.heights.len() != strips.len() || (page.width - width).abs() > 0.5 {
        page.heights = strips.iter().map(|strip| strip::guess(opened, strip, width)).collect();
        page.width = width;
    }
    let high = ui.available_height();
    let tops = tops(&page.heights);
    let total = tops.last().copied().unwrap_or_default() + FOOT;
    go(page, &tops, total, high, moved);
    let top = tops.get(page.at.0).copied().unwrap_or_default();
    let offset = (top + page.at.1).clamp(0.0, (total - high).max(0.0));
    let id = page.instance.id.0;
    let search = std::mem::take(&mut page.search);
    let mut drawn: Vec<(usize, f32)> = Vec::new();
    let mut asked = None;
    let mut changed = false;
    let heights = &mut page.heights;
    let marked = page.marked;
    let out = egui::ScrollArea::vertical()
        .id_salt(("page", id))
        .auto_shrink(false)
        .vertical_scroll_offset(offset)
        .show_viewport(ui, |ui, view| {
            ui.set_height(total);
            let left = ui.max_rect().left() + MARGIN + ((room - width) / 2.0).max(0.0);
            let origin = ui.max_rect().top();
            let first = tops.partition_point(|top| *top <= view.top()).saturating_sub(1);
            let mut y = tops.get(first).copied().unwrap_or_default();
            let search: &Search = &search;
            let mut setting = Setting { ui, opened, search, width, known, asked: None };
            for (number, strip) in strips.iter().enumerate().skip(first) {
                if y > view.bottom() {
                    break;
                }
                let at = pos2(left, origin + y);
                let height = strip::set(&mut setting, number, strip, at, pictures);
                if marked == Some(number) {
                    let bar = egui::Rect::from_min_size(at + vec2(-14.0, 2.0), vec2(2.0, height - 4.0));
                    setting.ui.painter().rect_filled(bar, 1.0, theme::ACCENT);
                }
                if let Some(known) = heights.get_mut(number)
                    && (*known - height).abs() > 0.5
                {
                    *known = height;
                    changed = true;
                }
                drawn.push((number, y));
                y += height;
            }
            asked = setting.asked;
        });
    page.search = search;
    if changed {
        ui.ctx().request_repaint();
    }
    let now = out.state.offset.y;
    let scrolled = (now - offset).abs() > 0.5;
    if page.hold > 0 && !scrolled {
        page.hold -= 1;
        ui.ctx().request_repaint();
        return asked;
    }
    page.hold = 0;
    let seen = drawn.iter().rev().find(|(_, y)| *y <= now + 0.01).copied();
    page.at = seen.map_or_else(
        || {
            let strip =
                tops.partition_point(|top| *top <= now).saturating_sub(1).min(strips.len().saturating_sub(1));
            (strip, now - tops.get(strip).copied().unwrap_or_default())
        },
        |(strip, y)| (strip, now - y),
    );
    asked
}

/// Where each strip begins, and where the last one ends.
fn tops(heights: &[f32]) -> Vec<f32> {
    let mut tops = Vec::with_capacity(heights.len() + 1);
    let mut y = 0.0;
    tops.push(y);
    tops.extend(heights.iter().map(|height| {
        y += height;
        y
    }));
    tops
}

/// Brings what is wanted into sight.
fn go(page: &mut Page, tops: &[f32], total: f32, high: f32, moved: Option<Move>) {
    let now = tops.get(page.at.0).copied().unwrap_or_default() + page.at.1;
    if let Some(strip) = page.strip.take() {
        let top = tops.get(strip).copied().unwrap_or_default();
        let bottom = tops.get(strip + 1).copied().unwrap_or(top);
        if top < now || bottom > now + high {
            let above = if strip == 0 { 0.0 } else { (high * 0.25).min(top) };
            page.at = (strip, -above);
            // Until what comes into sight by that was measured.
            page.hold = 3;
        }
        return;
    }
    let to = match moved {
        Some(Move::Arrows(by)) => now + by * ARROW,
        Some(Move::Pages(by)) => now + by * (high - OVERLAP).max(ARROW),
        Some(Move::Start) => 0.0,
        Some(Move::End) => {
            // Beyond the end: what is measured on the way there moves it.
            page.at = (page.heights.len().saturating_sub(1), FAR);
            page.hold = 3;
            return;
        }
        None => return,
    };
    let to = to.clamp(0.0, (total - high).max(0.0));
    let strip =
        tops.partition_point(|top| *top <= to).saturating_sub(1).min(page.heights.len().saturating_sub(1));
    page.at = (strip, to - tops.get(strip).copied().unwrap_or_default());
    page.hold = 0;
}
