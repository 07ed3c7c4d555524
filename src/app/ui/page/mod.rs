//! The page: a report as a document beside the images.
//!
//! A pane at the right with a bar, the field to find words, and the page itself. While it has the keyboard, keys move
//! the page and no viewport hears of them; a click on an image gives it back.

mod bidi;
mod find;
mod front;
mod scroll;
mod sheet;
mod strip;
mod text;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::text_selection::LabelSelectionState;
use bevy_egui::egui::{self, EventFilter, Id, Key, Modifiers, RichText, Sense, Ui, vec2};

use self::scroll::Move;
use super::panel::{Page as Beside, Studies};
use super::theme;
use crate::app::groups::Groups;
use crate::app::instance::Set;
use crate::app::reports::{
    self, Content, FollowLink, Format, Handing, OpenReport, OpenReports, Page, SaveReport,
};
use crate::app::wake::Waker;
use crate::presentation::sr::Reference;

/// At first of the window's width.
const SHARE: f32 = 0.45;
const LEAST: f32 = 360.0;
const MOST: f32 = 0.75;

/// What pages read and write.
#[derive(SystemParam)]
pub(super) struct Pages<'w, 's> {
    reports: ResMut<'w, OpenReports>,
    handing: ResMut<'w, Handing>,
    groups: Res<'w, Groups>,
    waker: Option<Res<'w, Waker>>,
    /// Other parts of the interface write the same messages.
    commands: Commands<'w, 's>,
}

/// What the bar of the pane was asked for.
enum Asked {
    Close,
    Turn(usize),
    Open(OpenReport),
    Find,
    Copy,
    Save(Format),
}

fn keys_id() -> Id {
    Id::new("page keys")
}

impl Pages<'_, '_> {
    /// Passes on where another part of the interface leads.
    pub(super) fn go(&mut self, link: FollowLink) {
        self.commands.write_message(link);
    }

    /// Shows the page in front; `escape` says whether the Escape key is meant for it.
    pub(super) fn show(&mut self, root: &mut Ui, studies: &mut Studies, escape: bool) {
        let reports = self.reports.bypass_change_detection();
        if !reports.is_open() {
            if std::mem::take(&mut reports.shown) {
                root.memory_mut(|memory| memory.surrender_focus(keys_id()));
            }
            reports.has_keys = false;
            reports.wanted.clear();
            return;
        }
        // A question above the page is answered first.
        let escape = escape && self.handing.question().is_none();
        let room = root.available_width();
        let frame = egui::Frame::new().fill(theme::PAGE);
        egui::Panel::right("report")
            .default_size((room * SHARE).max(LEAST))
            .size_range(LEAST.min(room)..=(room * MOST).max(LEAST))
            .frame(frame)
            .resizable(true)
            .show_separator_line(false)
            .show(root, |ui| self.pane(ui, studies, escape));
        self.reports.bypass_change_detection().shown = true;
    }

    fn pane(&mut self, ui: &mut Ui, studies: &mut Studies, escape: bool) {
        ui.set_min_size(ui.available_size());
        ui.spacing_mut().item_spacing.y = 0.0;
        let rect = ui.max_rect();
        // Below everything on it: what is clicked beside letters gives the page the keyboard.
        let ground = ui.interact(rect, keys_id(), Sense::click());
        // A press takes the keyboard, and the end of a click on letters would lose it again.
        let pressed = ui.input(|input| {
            let any = input.pointer.any_pressed() || input.pointer.any_click();
            any.then(|| input.pointer.interact_pos()).flatten()
        });
        let field = ui.memory(|memory| memory.has_focus(Id::new("find on page")));
        let wanted = std::mem::take(&mut self.reports.bypass_change_detection().focus);
        match pressed {
            Some(at) if !rect.contains(at) => ui.memory_mut(|memory| memory.surrender_focus(keys_id())),
            Some(_) if !field => ground.request_focus(),
            _ if wanted => ground.request_focus(),
            _ => {}
        }
        let filter = EventFilter { tab: true, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(keys_id(), filter));
        let focused = ground.has_focus();
        self.reports.bypass_change_detection().has_keys = focused;
        let moved = self.keys(ui, focused, field, escape);
        let asked = self.bar(ui);
        if let Some(page) = self.reports.bypass_change_detection().active_mut() {
            find::show(ui, page);
            // A field that was closed leaves the keyboard to the page.
            if field && !page.search.open {
                ground.request_focus();
            }
        }
        let link = self.content(ui, studies, moved);
        if let Some(link) = link {
            self.commands.write_message(link);
        }
        if let Some(asked) = asked {
            self.answer(ui, asked);
        }
    }

    /// What keys ask of the page while it has the keyboard, and Escape whenever nothing else wants it.
    fn keys(&mut self, ui: &Ui, focused: bool, field: bool, escape: bool) -> Option<Move> {
        let reports = self.reports.bypass_change_detection();
        let nobody = ui.memory(|memory| memory.focused().is_none());
        if escape && (focused || field || nobody) && ui.input(|input| input.key_pressed(Key::Escape)) {
            let selected = ui.ctx().plugin::<LabelSelectionState>().lock().has_selection();
            let searching = reports.active().is_some_and(|page| page.search.open);
            ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
            match reports.active_mut() {
                // The selection goes by itself.
                _ if selected => ui.ctx().plugin::<LabelSelectionState>().lock().clear_selection(),
                Some(page) if searching => {
                    page.search.close();
                    reports.focus = true;
                }
                _ => reports.close(),
            }
            return None;
        }
        if !focused && !field {
            return None;
        }
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        for (key, moved) in [(Key::PageDown, Move::Pages(1.0)), (Key::PageUp, Move::Pages(-1.0))] {
            if pressed(Modifiers::NONE, key) {
                return Some(moved);
            }
        }
        if field {
            return None;
        }
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::C) {
            self.copy(ui);
        }
        let keys = [
            (Modifiers::SHIFT, Key::Space, Move::Pages(-1.0)),
            (Modifiers::NONE, Key::Space, Move::Pages(1.0)),
            (Modifiers::NONE, Key::ArrowDown, Move::Arrows(1.0)),
            (Modifiers::NONE, Key::ArrowUp, Move::Arrows(-1.0)),
            (Modifiers::NONE, Key::Home, Move::Start),
            (Modifiers::NONE, Key::End, Move::End),
        ];
        keys.into_iter().find(|(modifiers, key, _)| pressed(*modifiers, *key)).map(|(.., moved)| moved)
    }

    /// Which report it is, and what can be done with it.
    fn bar(&self, ui: &mut Ui) -> Option<Asked> {
        let mut asked = None;
        let reports = &self.reports;
        let frame = egui::Frame::new().inner_margin(egui::Margin { left: 16, right: 8, top: 5, bottom: 5 });
        frame.show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let close = egui::Button::new("×").min_size(vec2(20.0, 18.0));
                    if ui.add(close).on_hover_text("close   Esc").clicked() {
                        asked = Some(Asked::Close);
                    }
                    let ready = self.reports.active().is_some_and(|page| page.opened().is_some());
                    ui.add_enabled_ui(ready, |ui| {
                        ui.menu_button("Save", |ui| {
                            for format in Format::ALL {
                                if ui.button(format!("as {}…", format.name())).clicked() {
                                    asked = Some(Asked::Save(format));
                                    ui.close();
                                }
                            }
                        });
                        let active = reports.active().map(|page| page.instance.id);
                        let copied = reports.copied.is_some() && reports.copied == active;
                        let copy = if copied { "Copied" } else { "Copy" };
                        if ui.button(copy).on_hover_text("all of it as text   Ctrl+Shift+C").clicked() {
                            asked = Some(Asked::Copy);
                        }
                        if ui.button("Find").on_hover_text("words on this page   Ctrl+F").clicked() {
                            asked = Some(Asked::Find);
                        }
                    });
                    ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                        asked = self.names(ui).or(asked.take());
                    });
                });
            });
        });
        let y = ui.cursor().top();
        ui.painter().hline(ui.max_rect().x_range(), y, egui::Stroke::new(1.0, theme::RAISED));
        asked
    }

    /// The page in front, and the others of what is on screen.
    fn names(&self, ui: &mut Ui) -> Option<Asked> {
        let mut asked = None;
        let active = self.reports.active()?;
        let others = reports::readable(&self.groups);
        let name = RichText::new(active.title()).color(theme::TEXT);
        if others.len() <= 1 && self.reports.pages().count() <= 1 {
            ui.add(egui::Label::new(name.color(theme::FAINT)).truncate());
            return None;
        }
        let at = others.iter().position(|one| one.data.id == active.instance.id);
        let place = at.map(|at| format!("{} of {}  ", at + 1, others.len())).unwrap_or_default();
        ui.menu_button(RichText::new(format!("{place}▼")).color(theme::FAINT), |ui| {
            ui.set_max_width(380.0);
            egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
                for one in &others {
                    let open = self.reports.pages().find(|(_, page)| page.instance.id == one.data.id);
                    let (title, more) = reports::words(one);
                    let current = one.data.id == active.instance.id;
                    let text = RichText::new(format!("{title}   {more}"));
                    let text = text.color(if current { theme::ACCENT } else { theme::TEXT });
                    if ui.selectable_label(current, text).clicked() {
                        asked = Some(match open {
                            Some((at, _)) => Asked::Turn(at),
                            None => Asked::Open(OpenReport::new(&one.data)),
                        });
                        ui.close();
                    }
                }
            });
        });
        ui.add(egui::Label::new(name.color(theme::FAINT)).truncate());
        asked
    }

    /// The page itself, or why there is none.
    fn content(&mut self, ui: &mut Ui, studies: &mut Studies, moved: Option<Move>) -> Option<FollowLink> {
        let groups = &self.groups;
        let reports = self.reports.bypass_change_detection();
        let mut wanted: Vec<Set> = Vec::new();
        let page: &mut Page = reports.active_mut()?;
        let text = match &page.content {
            Content::Ready(opened) => {
                let opened = std::sync::Arc::clone(opened);
                let context = ui.ctx().clone();
                let known = |object: &Reference| reports::name_of(groups, object);
                let mut pictures = |object: &Reference| {
                    let set = reports::set_of(groups, object)?;
                    let picture = studies.picture(&context, &set);
                    if picture.is_none() {
                        wanted.push(set);
                    }
                    picture
                };
                let asked = scroll::show(ui, page, &opened, moved, &known, &mut pictures);
                reports.wanted = wanted;
                return asked;
            }
            Content::Reading(_) => RichText::new("reading…").color(theme::FAINT),
            Content::Failed(error) => RichText::new(error.clone()).color(theme::ERROR),
        };
        ui.add_space(24.0);
        ui.horizontal(|ui| {
            ui.add_space(26.0);
            ui.add(egui::Label::new(text).wrap());
        });
        None
    }

    fn answer(&mut self, ui: &Ui, asked: Asked) {
        let reports = self.reports.bypass_change_detection();
        match asked {
            Asked::Close => reports.close(),
            Asked::Turn(at) => reports.turn_to(at),
            Asked::Open(message) => drop(self.commands.write_message(message)),
            Asked::Find => reports.find(),
            Asked::Copy => self.copy(ui),
            Asked::Save(format) => {
                if let Some(opened) = reports.active().and_then(Page::opened) {
                    self.commands.write_message(SaveReport {
                        opened: std::sync::Arc::clone(opened),
                        format,
                        to: None,
                    });
                }
            }
        }
    }

    fn copy(&mut self, ui: &Ui) {
        let Some(page) = self.reports.active() else { return };
        let Some(opened) = page.opened() else { return };
        ui.ctx().copy_text(reports::as_text(opened));
        let id = page.instance.id;
        self.reports.bypass_change_detection().copied = Some(id);
    }

    /// Asks whether a document shall be handed to another program, where one was clicked.
    pub(super) fn ask(&mut self, context: &egui::Context) {
        if let Some(yes) = self.handing.question().and_then(|question| sheet::show(context, question)) {
            self.handing.answer(yes, self.waker.as_deref());
        }
    }

    /// What the study panel has to know of the page in front.
    pub(super) fn beside(&self) -> Option<Beside<'_>> {
        let of = self.reports.active()?.instance.id;
        Some(Beside { of, wanted: &self.reports.wanted })
    }
}
