//! The panel of overlays: what was said about the active image, each with a switch of its own, and what can be chosen
//! about it.

mod details;

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, RichText, vec2};

pub(super) use details::names_and_values;

use super::theme;
use crate::app::captions::text::{date, person_name, time};
use crate::app::overlays::{Change, Explained, Jump, Overlaid, Overlay, StateChoice, Stated, Switch};
use crate::app::reports::FollowLink;
use crate::app::requests::Panels;
use crate::app::viewport::{Action, Active, Stack, ViewCommand, Viewport};
use crate::study::SupplementKind;

/// What the panel reads and sends.
#[derive(SystemParam)]
pub(super) struct OverlayPanel<'w, 's> {
    active:
        Query<'w, 's, (&'static Stack, &'static Overlaid, &'static Stated), (With<Viewport>, With<Active>)>,
    explained: Explained<'w, 's>,
    switches: MessageWriter<'w, Switch>,
    jumps: MessageWriter<'w, Jump>,
}

const WIDTH: f32 = 290.0;
const LEAST: f32 = 230.0;
const MOST: f32 = 480.0;

/// What a part of the panel asks for.
pub(super) enum Asked {
    View(Action),
    Switch(Change),
    Link(FollowLink),
}

/// What the panel asks of others.
pub(super) enum Wish {
    View(ViewCommand),
    Link(FollowLink),
}

impl OverlayPanel<'_, '_> {
    pub(super) fn show(&mut self, root: &mut egui::Ui, panels: &mut Panels, send: &mut impl FnMut(Wish)) {
        if !panels.overlays {
            return;
        }
        let frame = egui::Frame::new().fill(theme::PANEL).inner_margin(egui::Margin::symmetric(10, 8));
        egui::Panel::right("overlays")
            .default_size(WIDTH)
            .size_range(LEAST..=MOST)
            .frame(frame)
            .resizable(true)
            .show_separator_line(false)
            .show(root, |ui| {
                ui.horizontal(|ui| {
                    ui.label(RichText::new("Overlays").size(15.0));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        let close = egui::Button::new("×").min_size(vec2(20.0, 18.0));
                        if ui.add(close).on_hover_text("close").clicked() {
                            panels.overlays = false;
                        }
                        let hint = "the next image or frame with an overlay   N";
                        if ui.small_button("next").on_hover_text(hint).clicked() {
                            self.jumps.write(Jump);
                        }
                    });
                });
                ui.add_space(4.0);
                egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| self.list(ui, send));
            });
    }

    fn list(&mut self, ui: &mut egui::Ui, send: &mut impl FnMut(Wish)) {
        let Ok((stack, overlaid, stated)) = self.active.single() else { return };
        let Some((instance, frame)) = stack.current() else {
            return quiet(ui, "no image is chosen");
        };
        let found = self.explained.of(instance.id);
        if found.is_empty() {
            return quiet(ui, "nothing was said about this image");
        }
        let mut on = overlaid.on;
        if ui.checkbox(&mut on, "show them on the image").on_hover_text("G").changed() {
            send(Wish::View(ViewCommand::active(Action::Overlays(on))));
        }
        ui.add_space(6.0);
        let in_force = stated.0.as_ref().map(|state| state.overlay);
        let states: Vec<_> = found.iter().filter(|(_, overlay)| overlay.content.is_state()).collect();
        if !states.is_empty() {
            heading(ui, "PRESENTATION STATES");
            let none = !overlaid.on || in_force.is_none();
            if ui.radio(none, "the image's own look").clicked() && !none {
                send(Wish::View(ViewCommand::active(Action::State(StateChoice::None))));
            }
            for (entity, overlay) in states.iter().rev() {
                let chosen = overlaid.on && in_force == Some(*entity);
                let here = overlay.content.is_on(instance, frame);
                let response = ui.add_enabled_ui(here, |ui| ui.radio(chosen, overlay.title.as_str())).inner;
                if response.on_disabled_hover_text("not about this frame").clicked() && !chosen {
                    send(Wish::View(ViewCommand::active(Action::State(StateChoice::One(*entity)))));
                }
                about(ui, overlay);
                if chosen {
                    details::of_state(ui, overlay, &mut |change| {
                        self.switches.write(Switch { overlay: *entity, change });
                    });
                }
            }
            ui.add_space(8.0);
        }
        for (entity, overlay) in found.iter().filter(|(_, overlay)| !overlay.content.is_state()) {
            let mut seen = !overlay.hidden;
            let title = RichText::new(overlay.title.as_str()).strong();
            if ui.checkbox(&mut seen, title).changed() {
                self.switches.write(Switch { overlay: *entity, change: Change::Hide(!seen) });
            }
            about(ui, overlay);
            ui.push_id(*entity, |ui| {
                details::show(ui, overlay, &mut |asked| match asked {
                    Asked::View(action) => send(Wish::View(ViewCommand::active(action))),
                    Asked::Switch(change) => {
                        self.switches.write(Switch { overlay: *entity, change });
                    }
                    Asked::Link(link) => send(Wish::Link(link)),
                });
            });
            ui.add_space(10.0);
        }
    }
}

fn quiet(ui: &mut egui::Ui, text: &str) {
    ui.label(RichText::new(text).color(theme::FAINT));
}

fn heading(ui: &mut egui::Ui, text: &str) {
    ui.label(RichText::new(text).color(theme::QUIET).small());
}

/// Who made it, and when.
fn about(ui: &mut egui::Ui, overlay: &Overlay) {
    let kind = overlay.content.kind().map_or("of the image itself", SupplementKind::name);
    let when = [date(&overlay.date), time(&overlay.time)];
    let parts = [person_name(&overlay.creator), kind.to_owned(), when.join(" ")];
    let said: Vec<_> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    ui.horizontal_wrapped(|ui| {
        ui.add_space(20.0);
        ui.label(RichText::new(said.join(" · ")).color(theme::FAINT).small());
    });
    ui.add_space(2.0);
}
