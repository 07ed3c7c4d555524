//! The bar for playing, at the lower edge of the active viewport: where in the stack it is, what of the stack
//! is there already, how fast it goes.
//!
//! It is there while it was asked for, and while the pointer is near the edge of a viewport with several frames.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Color32, Painter, Pos2, Rect, RichText, Sense, Stroke, pos2, vec2};

use super::theme;
use crate::app::textures::FrameStore;
use crate::app::viewport::input::Pointer;
use crate::app::viewport::{
    Action, Active, Cine, CineAction, Layout, Linked, Slot, Stack, ViewCommand, Viewport,
};
use crate::cine::{FASTEST, SLOWEST};

/// Height of the bar, in points.
const HEIGHT: f32 = 30.0;
/// How near to the edge the pointer calls the bar.
const NEAR: f32 = 46.0;
/// Viewports narrower than this have room for the button and the slider alone.
const NARROW: f32 = 420.0;
const TINY: f32 = 110.0;
/// Half the width of what can be seized.
const HANDLE: f32 = 5.0;

/// What the bar reads and writes.
#[derive(SystemParam)]
pub(super) struct Player<'w, 's> {
    viewports:
        Query<'w, 's, (Entity, &'static Slot, &'static Stack, &'static Cine, Has<Active>), With<Viewport>>,
    pointer: Res<'w, Pointer>,
    linked: Res<'w, Linked>,
    store: Res<'w, FrameStore>,
}

impl Player<'_, '_> {
    /// Shows the bar where it belongs; answers the slot it covers the lower edge of, and says what is asked.
    pub(super) fn show(
        &self,
        context: &egui::Context,
        layout: &Layout,
        scale: f32,
        mut ask: impl FnMut(ViewCommand),
    ) -> Option<usize> {
        let (entity, slot, stack, cine, _) = self
            .viewports
            .iter()
            .find(|(_, slot, stack, _, active)| *active && layout.shows(slot.0) && stack.len() > 1)?;
        let rect = layout.cell(slot.0)?.map(|v| v as f32 / scale);
        let rect = Rect::from_min_size(pos2(rect[0], rect[1]), vec2(rect[2], rect[3]));
        let near = self.pointer.position.is_some_and(|position| {
            let point = pos2(position.x / scale, position.y / scale);
            rect.contains(point) && point.y > rect.bottom() - NEAR
        });
        let held =
            context.egui_is_using_pointer() && context.memory(|m| m.data.get_temp(held_id())) == Some(true);
        if rect.width() < TINY || rect.height() < 3.0 * HEIGHT || !(cine.bar || near || held) {
            context.memory_mut(|m| m.data.insert_temp(held_id(), false));
            return None;
        }
        let bar =
            Rect::from_min_max(pos2(rect.left() + 1.0, rect.bottom() - HEIGHT), rect.max - vec2(1.0, 1.0));
        let (slot, mut asked) = (slot.0, Vec::new());
        let playing = cine.clock.is_playing()
            || (self.linked.0 && self.viewports.iter().any(|(.., cine, _)| cine.clock.is_playing()));
        let mut dragging = false;
        egui::Area::new("player".into()).fixed_pos(bar.min).order(egui::Order::Middle).constrain(false).show(
            context,
            |ui| {
                ui.set_min_size(bar.size());
                ui.set_max_size(bar.size());
                ui.painter().rect_filled(bar, 0.0, theme::PANEL.gamma_multiply(0.92));
                // What is not on a part of the bar must not reach the image below either.
                ui.interact(bar, ui.id().with("ground"), Sense::click_and_drag());
                let inner = bar.shrink2(vec2(6.0, 2.0));
                let mut row = ui.new_child(
                    egui::UiBuilder::new()
                        .max_rect(inner)
                        .layout(egui::Layout::left_to_right(egui::Align::Center)),
                );
                let ui = &mut row;
                if play_button(ui, playing) {
                    asked.push(Action::Cine(CineAction::Toggle));
                }
                if rect.width() >= NARROW {
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        settings(ui, cine, self.linked.0, &mut asked);
                        dragging = slider(ui, stack, cine, &self.store, &mut asked);
                    });
                } else {
                    dragging = slider(ui, stack, cine, &self.store, &mut asked);
                }
            },
        );
        context.memory_mut(|m| m.data.insert_temp(held_id(), dragging));
        for action in asked {
            ask(ViewCommand::one(entity, action));
        }
        Some(slot)
    }
}

/// Where it is kept that the slider is being dragged: the bar stays until it is let go.
fn held_id() -> egui::Id {
    egui::Id::new("player-held")
}

/// What is left of a viewport above the bar.
pub(super) fn above(rect: Rect) -> Rect {
    Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - HEIGHT))
}

fn play_button(ui: &mut egui::Ui, playing: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(24.0, 22.0), Sense::click());
    let color = if response.hovered() { theme::ACCENT } else { theme::TEXT };
    let (c, painter) = (rect.center(), ui.painter());
    if playing {
        for x in [-4.0, 1.5] {
            painter.rect_filled(Rect::from_min_size(c + vec2(x, -5.0), vec2(2.5, 10.0)), 0.0, color);
        }
    } else {
        triangle(painter, [c + vec2(-3.5, -5.5), c + vec2(5.5, 0.0), c + vec2(-3.5, 5.5)], color);
    }
    response.on_hover_text(if playing { "pause   Space" } else { "play   Space" }).clicked()
}

fn triangle(painter: &Painter, points: [Pos2; 3], color: Color32) {
    painter.add(egui::Shape::convex_polygon(points.to_vec(), color, Stroke::NONE));
}

/// From the right: what was dropped, linking, mode, rate.
fn settings(ui: &mut egui::Ui, cine: &Cine, linked: bool, asked: &mut Vec<Action>) {
    let clock = &cine.clock;
    ui.spacing_mut().item_spacing.x = 2.0;
    let toggle = |ui: &mut egui::Ui, name: &str, on: bool, hint: &str| {
        let text = RichText::new(name).small().color(if on { theme::ACCENT } else { theme::FAINT });
        ui.add(egui::Button::new(text).frame(false)).on_hover_text(hint).clicked()
    };
    if toggle(ui, "linked", linked, "scroll the stacks of all viewports together   K") {
        asked.push(Action::Cine(CineAction::ToggleLink));
    }
    if toggle(ui, clock.mode().name(), true, "loop, sweep or once   Shift+C") {
        asked.push(Action::Cine(CineAction::NextMode));
    }
    let way = if clock.is_backwards() { "back" } else { "on" };
    if toggle(ui, way, true, "the direction of play") {
        asked.push(Action::Cine(CineAction::Backwards(!clock.is_backwards())));
    }
    let mut fps = clock.fps();
    let field =
        egui::DragValue::new(&mut fps).range(SLOWEST..=FASTEST).speed(0.25).max_decimals(2).suffix(" fps");
    if ui.add(field).on_hover_text("frames a second   < slower, > faster").changed() {
        asked.push(Action::Cine(CineAction::Rate(fps)));
    }
    ui.add_space(4.0);
    let (text, color) = match clock.reached_fps() {
        Some(reached) if reached < clock.fps() * 0.97 => {
            (format!("{reached:.0} of {:.0} fps", clock.fps()), theme::WARNING)
        }
        _ if clock.dropped() > 0 => (format!("{} dropped", clock.dropped()), theme::FAINT),
        _ => (String::new(), theme::FAINT),
    };
    let count = format!("{} frames were due and not shown, of {}", clock.dropped(), clock.due());
    ui.add_sized(vec2(84.0, 18.0), egui::Label::new(RichText::new(text).small().color(color)))
        .on_hover_text(count);
}

/// The stack as a line: what is there, what is played, and where it is. Answers whether it is being dragged.
fn slider(
    ui: &mut egui::Ui,
    stack: &Stack,
    cine: &Cine,
    store: &FrameStore,
    asked: &mut Vec<Action>,
) -> bool {
    let size = vec2(ui.available_width().max(20.0), 22.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
    let line = Rect::from_center_size(rect.center(), vec2(rect.width() - 4.0 * HANDLE, 4.0));
    let last = stack.len().saturating_sub(1).max(1) as f32;
    let x_of = |at: u32| line.left() + line.width() * at as f32 / last;
    let at_x = |x: f32| ((x - line.left()) / line.width() * last).round().clamp(0.0, last) as u32;
    let (first, end) = cine.clock.trim();
    // The handles lie below the line, so that the knob and they do not hide each other.
    let mut dragging = response.dragged();
    let mut trimmed = (first, end);
    for (name, at, other) in [("start", first, end), ("end", end, first)] {
        let place = Rect::from_center_size(pos2(x_of(at), line.bottom() + 5.0), vec2(2.0 * HANDLE, 9.0));
        let handle = ui.interact(place, response.id.with(name), Sense::drag());
        let whole = (first, end) == (0, stack.len().saturating_sub(1));
        let color = match (handle.hovered() || handle.dragged(), whole) {
            (true, _) => theme::ACCENT,
            (_, true) => theme::QUIET,
            _ => theme::TEXT,
        };
        let tip = pos2(x_of(at), line.bottom() + 2.0);
        triangle(ui.painter(), [tip, tip + vec2(4.0, 6.5), tip + vec2(-4.0, 6.5)], color);
        if let Some(pointer) = handle.interact_pointer_pos().filter(|_| handle.dragged()) {
            let to = at_x(pointer.x);
            trimmed = if name == "start" { (to.min(other), other) } else { (other, to.max(other)) };
            dragging = true;
        }
    }
    if trimmed != (first, end) {
        asked.push(Action::Cine(CineAction::Trim(trimmed.0, trimmed.1)));
    } else if let Some(pointer) = response.interact_pointer_pos() {
        let to = at_x(pointer.x);
        if to != stack.position || cine.clock.is_playing() {
            asked.push(Action::Cine(CineAction::Pause));
            asked.push(Action::Frame(to));
        }
    }
    let painter = ui.painter();
    painter.rect_filled(line, 2.0, theme::RAISED);
    for (from, to) in there(stack, store) {
        let half = line.width() / last / 2.0;
        let (left, right) = ((x_of(from) - half).max(line.left()), (x_of(to) + half).min(line.right()));
        let span = Rect::from_x_y_ranges(left..=right, line.y_range());
        painter.rect_filled(span, 1.0, theme::QUIET.gamma_multiply(0.75));
    }
    for (from, to) in [(line.left(), x_of(first)), (x_of(end), line.right())] {
        if to > from {
            let outside = Rect::from_x_y_ranges(from..=to, line.y_range());
            painter.rect_filled(outside, 0.0, theme::PANEL.gamma_multiply(0.7));
        }
    }
    let knob = pos2(x_of(stack.position), line.center().y);
    let color = if response.hovered() || response.dragged() { theme::ACCENT } else { theme::TEXT };
    painter.circle_filled(knob, HANDLE, color);
    dragging
}

/// Runs of positions whose frames are on the GPU.
fn there(stack: &Stack, store: &FrameStore) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    let mut position = 0;
    for instance in &stack.instances {
        for index in 0..instance.frames() {
            let frame = instance.frame_at(index);
            let key = crate::app::instance::FrameKey { instance: instance.id, frame };
            if store.is_resident(key) {
                match runs.last_mut() {
                    Some((_, end)) if *end + 1 == position => *end = position,
                    _ => runs.push((position, position)),
                }
            }
            position += 1;
        }
    }
    runs
}
