//! The study panel: what was opened as a tree with thumbnails, to click on and to drag into viewports.
//!
//! Only rows that are seen are laid out, and only their thumbnails are asked for.

use std::collections::{HashMap, HashSet};

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Rect, RichText, Sense, vec2};

use super::carry::{self, Ghost};
use super::panel_row::{self, Look};
use super::theme;
use crate::app::groups::{GroupCommand, Groups};
use crate::app::instance::{InstanceId, Set};
use crate::app::loader::Loader;
use crate::app::reports::OpenReport;
use crate::app::studies::{self, Row, StudyPanel};
use crate::app::thumbnails::{self, Thumbnail, Thumbnails};
use crate::app::viewport::input::Pointer;
use crate::app::viewport::moving::{Carried, Load};
use crate::app::viewport::{Action, Active, Layout, Slot, Stack, ViewCommand, Viewport};
use crate::app::wake::Waker;

const WIDTH: f32 = 232.0;
const LEAST: f32 = 160.0;
/// The most of the window's width.
const SHARE: f32 = 0.5;

/// What the panel reads and writes.
#[derive(SystemParam)]
pub(super) struct Studies<'w, 's> {
    panel: ResMut<'w, StudyPanel>,
    groups: Res<'w, Groups>,
    thumbnails: ResMut<'w, Thumbnails>,
    loader: Option<Res<'w, Loader>>,
    waker: Option<Res<'w, Waker>>,
    viewports: Query<'w, 's, (Entity, &'static Slot, &'static Stack, Has<Active>), With<Viewport>>,
    carried: ResMut<'w, Carried>,
    pointer: Res<'w, Pointer>,
    textures: Local<'s, HashMap<InstanceId, egui::TextureHandle>>,
    tops: Local<'s, (u32, Vec<f32>)>,
    commands: Commands<'w, 's>,
}

/// The page beside the images.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    /// The report it shows.
    pub of: InstanceId,
    /// Sets whose pictures it would like to have.
    pub wanted: &'a [Set],
}

/// What the user did with a row.
enum Asked {
    Fold(Set),
    Show(Set),
    Carry(Set, egui::Pos2),
    Group(GroupCommand),
    Read(Set),
}

impl Studies<'_, '_> {
    pub(super) fn is_open(&self) -> bool {
        self.panel.is_open()
    }

    /// Shows the panel, if it is open. `page` is the page beside the images, where there is one.
    pub(super) fn show(&mut self, root: &mut egui::Ui, layout: &Layout, page: Option<Page<'_>>) {
        for gone in self.thumbnails.bypass_change_detection().take_gone() {
            self.textures.remove(&gone);
        }
        if !self.panel.is_open() {
            match page {
                Some(page) => self.want(page.wanted.iter(), root.ctx()),
                None => {
                    self.thumbnails.bypass_change_detection().rest();
                    self.textures.clear();
                }
            }
            return;
        }
        self.panel.bypass_change_detection().follow(&self.groups);
        let frame = egui::Frame::new().fill(theme::PANEL).inner_margin(egui::Margin::ZERO);
        let most = (root.available_width() * SHARE).max(LEAST);
        let shown = egui::Panel::left("studies")
            .default_size(WIDTH.min(most))
            .size_range(LEAST..=most)
            .frame(frame)
            .resizable(true)
            .show_separator_line(false)
            .show(root, |ui| self.rows(ui, layout, page));
        if let Some(asked) = shown.inner {
            self.answer(asked, root.ctx().pixels_per_point());
        }
    }

    fn rows(&mut self, ui: &mut egui::Ui, layout: &Layout, page: Option<Page<'_>>) -> Option<Asked> {
        ui.set_min_size(ui.available_size());
        if self.panel.rows().is_empty() {
            ui.centered_and_justified(|ui| {
                ui.label(RichText::new("nothing is open").color(theme::FAINT));
            });
            return None;
        }
        if self.tops.0 != self.panel.changes {
            let mut top = 0.0;
            let mut tops = vec![top];
            tops.extend(self.panel.rows().iter().map(|row| {
                top += panel_row::height(row);
                top
            }));
            *self.tops = (self.panel.changes, tops);
        }
        let tops = &self.tops.1;
        let total = tops.last().copied().unwrap_or_default();
        let on_screen = OnScreen::of(&self.viewports, layout);
        let (also, read) = page.map_or((&[] as &[Set], None), |page| (page.wanted, Some(page.of)));
        let mut asked = None;
        let mut wanted: Vec<Set> = Vec::new();
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        egui::ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, view| {
            ui.set_height(total + panel_row::FOOT);
            let first = tops.partition_point(|top| *top <= view.top()).saturating_sub(1);
            let origin = ui.max_rect().min;
            for (row, ends) in self.panel.rows().iter().zip(tops.windows(2)).skip(first) {
                let &[top, bottom] = ends else { break };
                if top > view.bottom() {
                    break;
                }
                let rect =
                    Rect::from_min_size(origin + vec2(0.0, top), vec2(ui.max_rect().width(), bottom - top));
                let id = ui.id().with(("row", (top * 2.0) as u64));
                let sense = if matches!(row, Row::Set { .. } | Row::Series(_)) {
                    Sense::click_and_drag()
                } else {
                    Sense::click()
                };
                let response = ui.interact(rect, id, sense);
                let mut look = Look { hovered: response.hovered(), ..Look::default() };
                if let Row::Read { set, .. } = row
                    && set.first().is_some_and(|one| Some(one.id) == read)
                {
                    look.place = panel_row::Place::Active;
                }
                if let Row::Set { set, .. } = row {
                    look.place = on_screen.place(set);
                    match self.thumbnails.bypass_change_detection().get(set) {
                        Some(Thumbnail::Picture(picture)) => {
                            look.picture = texture(ui.ctx(), &mut self.textures, set, &picture);
                        }
                        Some(Thumbnail::Failed) => look.failed = true,
                        None => wanted.push(set.clone()),
                    }
                }
                panel_row::paint(ui.painter(), rect, row, &look, &self.groups);
                asked = ask(ui, row, rect, &response, &self.groups).or(asked.take());
            }
        });
        self.want(wanted.iter().chain(also), ui.ctx());
        asked
    }

    fn want<'a>(&mut self, sets: impl Iterator<Item = &'a Set>, context: &egui::Context) {
        let side = (panel_row::THUMBNAIL * context.pixels_per_point()).round() as u32;
        if let (Some(loader), Some(waker)) = (&self.loader, &self.waker) {
            self.thumbnails.bypass_change_detection().want(sets, side, loader, waker);
        }
    }

    /// The picture of a set, if it was made.
    pub(super) fn picture(
        &mut self,
        context: &egui::Context,
        set: &Set,
    ) -> Option<(egui::TextureId, egui::Vec2)> {
        match self.thumbnails.bypass_change_detection().get(set)? {
            Thumbnail::Picture(picture) => texture(context, &mut self.textures, set, &picture),
            Thumbnail::Failed => Some((egui::TextureId::default(), egui::Vec2::ZERO)),
        }
    }

    fn answer(&mut self, asked: Asked, scale: f32) {
        match asked {
            Asked::Fold(set) => self.panel.fold(&set),
            Asked::Read(set) => {
                if let Some(instance) = set.first() {
                    self.commands.write_message(OpenReport::new(instance));
                }
            }
            Asked::Group(command) => drop(self.commands.write_message(command)),
            Asked::Carry(set, at) => self.carried.carry(&set, Vec2::new(at.x, at.y) * scale),
            Asked::Show(set) => {
                // What is on screen is gone to, and not shown twice.
                let shows =
                    |stack: &Stack| stack.instances.first().map(|i| i.id) == set.first().map(|i| i.id);
                let there = self.viewports.iter().find(|(_, _, stack, _)| shows(stack));
                let command = match there {
                    Some((viewport, ..)) => ViewCommand::one(viewport, Action::Activate),
                    None => ViewCommand::active(Action::Show(set)),
                };
                let slot = there.map(|(_, slot, ..)| slot.0);
                if let Some(slot) = slot {
                    self.commands.write_message(crate::app::viewport::Turn::See(slot));
                }
                self.commands.write_message(command);
            }
        }
    }

    /// What is being carried, above everything; and the mark of the viewport under the pointer.
    pub(super) fn paint_over(&mut self, context: &egui::Context, layout: &Layout) {
        let scale = context.pixels_per_point();
        let painter = context.layer_painter(egui::LayerId::background());
        let pointer = self.pointer.position.map(|at| egui::pos2(at.x, at.y) / scale);
        for (entity, slot, ..) in &self.viewports {
            let marked = self.pointer.over == Some(entity) || layout.maximized == Some(slot.0);
            if marked && !self.carried.is_any() {
                carry::paint_mark(&painter, layout, slot.0, scale, pointer);
            }
        }
        let Some((load, at)) = self.carried.load() else { return };
        let at = egui::pos2(at.x, at.y) / scale;
        let mut cells = self.viewports.iter().filter_map(|(entity, slot, stack, _)| {
            Some((entity, carry::cell(layout, slot.0, scale)?, stack))
        });
        let to = cells.clone().find(|(_, rect, _)| rect.contains(at)).map(|(_, rect, _)| rect);
        let (set, from) = match load {
            Load::Set(set) => (set.clone(), None),
            Load::Viewport(viewport) => {
                let Some((_, rect, stack)) = cells.find(|(entity, ..)| entity == viewport) else { return };
                (stack.instances.clone(), Some(rect))
            }
        };
        let picture = match self.thumbnails.bypass_change_detection().get(&set) {
            Some(Thumbnail::Picture(picture)) => texture(context, &mut self.textures, &set, &picture),
            _ => None,
        };
        let size = picture.as_ref().map_or(egui::Vec2::ZERO, |(_, size)| *size);
        let title = studies::set_words(&set, true).title;
        carry::paint(context, &Ghost { at, title, picture: picture.map(|(id, _)| id), size, from, to });
    }
}

/// Where sets are on screen.
struct OnScreen {
    shown: HashSet<InstanceId>,
    active: Option<InstanceId>,
}

impl OnScreen {
    fn of(viewports: &Query<(Entity, &Slot, &Stack, Has<Active>), With<Viewport>>, layout: &Layout) -> Self {
        let seen = || viewports.iter().filter(|(_, slot, ..)| layout.shows(slot.0));
        let current = |stack: &Stack| stack.instances.first().map(|instance| instance.id);
        Self {
            shown: seen().filter_map(|(_, _, stack, _)| current(stack)).collect(),
            active: seen().find(|(.., active)| *active).and_then(|(_, _, stack, _)| current(stack)),
        }
    }

    fn place(&self, set: &Set) -> panel_row::Place {
        let Some(id) = thumbnails::name_of(set) else { return panel_row::Place::Elsewhere };
        match () {
            () if self.active == Some(id) => panel_row::Place::Active,
            () if self.shown.contains(&id) => panel_row::Place::Shown,
            () => panel_row::Place::Elsewhere,
        }
    }
}

fn ask(ui: &egui::Ui, row: &Row, rect: Rect, response: &egui::Response, groups: &Groups) -> Option<Asked> {
    let down = ui.input(|input| input.pointer.primary_down());
    match row {
        Row::Group(id) if response.clicked() => {
            let current = groups.current().is_some_and(|group| group.id == *id);
            let at = response.interact_pointer_pos();
            let on_close = current && at.is_some_and(|at| panel_row::close_mark(rect).contains(at));
            Some(Asked::Group(if on_close { GroupCommand::Close } else { GroupCommand::Show(*id) }))
        }
        Row::Read { set, .. } if response.clicked() => Some(Asked::Read(set.clone())),
        Row::Study { first, .. } if response.clicked() => Some(Asked::Fold(first.clone())),
        Row::Set { set, .. } | Row::Series(set) => {
            if response.drag_started() && down {
                return Some(Asked::Carry(set.clone(), response.interact_pointer_pos()?));
            }
            response.clicked().then(|| Asked::Show(set.clone()))
        }
        _ => None,
    }
}

/// The picture of a set for egui, handed over when it is first seen.
fn texture(
    context: &egui::Context,
    textures: &mut HashMap<InstanceId, egui::TextureHandle>,
    set: &Set,
    picture: &crate::display::RgbImage,
) -> Option<(egui::TextureId, egui::Vec2)> {
    let id = thumbnails::name_of(set)?;
    let size = [picture.width as usize, picture.height as usize];
    if picture.pixels.len() != size[0] * size[1] * 3 {
        return None;
    }
    let handle = textures.entry(id).or_insert_with(|| {
        let image = egui::ColorImage::from_rgb(size, &picture.pixels);
        context.load_texture("thumbnail", image, egui::TextureOptions::LINEAR)
    });
    Some((handle.id(), vec2(size[0] as f32, size[1] as f32)))
}
