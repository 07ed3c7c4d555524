//! The search for studies: a server, what to look for there, and what was found, driven from the keyboard.
//!
//! The keyboard stays in the field of the search: arrows choose a study, Enter looks for it or opens it.

use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy_egui::egui::{self, Key, Modifiers, RichText, vec2};

use super::login::LoginWindow;
use super::{search_rows, theme};
use crate::app::opening::Opener;
use crate::app::searching::{MODALITIES, Period, Searching, State};

const SIZE: egui::Vec2 = vec2(1000.0, 620.0);
/// Room left around it.
const MARGIN: egui::Vec2 = vec2(40.0, 90.0);
const LABEL: f32 = 62.0;
const BUTTON: f32 = 82.0;
const DATES: f32 = 150.0;

/// What asks servers, or is asked by them.
#[derive(SystemParam)]
pub(super) struct Servers<'w> {
    pub(super) searching: ResMut<'w, Searching>,
    pub(super) login: LoginWindow<'w>,
    opener: Option<Res<'w, Opener>>,
}

/// What the user wants, done once everything is drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Search,
    Stop,
    More,
    SignIn,
    Choose(usize),
    OpenRow(usize),
    Open { with_priors: bool },
    Close,
}

impl Servers<'_> {
    /// `escape` says whether the Escape key is meant for it.
    pub(super) fn show(&mut self, context: &egui::Context, escape: bool) {
        let asked = self.login.is_open();
        if self.searching.is_open() {
            let wish = show(context, &mut self.searching, escape, asked);
            if let Some(wish) = wish {
                self.grant(wish);
            }
        }
        self.login.show(context, &mut self.searching);
    }

    fn grant(&mut self, wish: Wish) {
        match wish {
            Wish::Search => self.searching.search(),
            Wish::Stop => self.searching.stop(),
            Wish::More => self.searching.more(),
            Wish::SignIn => self.searching.sign_in(),
            Wish::Choose(at) => self.searching.choose(at),
            Wish::OpenRow(at) => {
                self.searching.choose(at);
                self.searching.open_chosen(false);
            }
            Wish::Open { with_priors } => self.searching.open_chosen(with_priors),
            Wish::Close => self.searching.close(),
        }
        if let (Some(opener), Some(request)) = (&self.opener, self.searching.take_ready()) {
            opener.open_also(request);
        }
    }
}

fn show(context: &egui::Context, searching: &mut Searching, escape: bool, asked: bool) -> Option<Wish> {
    let menu = egui::Popup::is_any_open(context);
    let pressed = if asked || menu { Pressed::default() } else { keys(context, searching, escape) };
    let mut wish = None;
    let mut open = true;
    let size = (context.viewport_rect().size() - MARGIN).min(SIZE);
    egui::Window::new("Find a study")
        .open(&mut open)
        .collapsible(false)
        .resizable(false)
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .show(context, |ui| {
            ui.set_min_size(size);
            ui.set_max_size(size);
            if asked {
                ui.disable();
            }
            let form = [server(ui, searching), text(ui, searching, asked || menu), choices(ui, searching)];
            ui.add_space(4.0);
            let foot = foot(ui, searching);
            let list = search_rows::show(ui, searching);
            let answers = form.into_iter().chain([foot, list]);
            // Whatever was typed before Enter stands in its field by now: a scanner types within one update.
            wish = answers.fold(pressed.meaning(searching), Option::or);
        });
    wish.or((!open).then_some(Wish::Close))
}

/// Keys that mean the same wherever the keyboard is in it.
#[derive(Default)]
struct Pressed {
    /// With Shift or without.
    enter: Option<bool>,
    escape: bool,
}

impl Pressed {
    fn meaning(&self, searching: &Searching) -> Option<Wish> {
        let Some(with_priors) = self.enter else { return self.escape.then_some(Wish::Close) };
        let finds = !searching.found().is_empty() && searching.is_current();
        let failed = matches!(searching.state(), State::Failed(_) | State::LookingForPriors);
        Some(if finds && !failed { Wish::Open { with_priors } } else { Wish::Search })
    }
}

/// Takes those keys, so that no field loses the keyboard by them, and lets arrows choose a study.
fn keys(context: &egui::Context, searching: &mut Searching, escape: bool) -> Pressed {
    let pressed = |modifiers, key| context.input_mut(|input| input.consume_key(modifiers, key));
    for (key, by) in [
        (Key::ArrowDown, 1),
        (Key::ArrowUp, -1),
        (Key::PageDown, search_rows::PAGE),
        (Key::PageUp, -search_rows::PAGE),
    ] {
        if pressed(Modifiers::NONE, key) {
            searching.choose_beside(by);
        }
    }
    let with_priors = pressed(Modifiers::SHIFT, Key::Enter).then_some(true);
    Pressed {
        enter: with_priors.or_else(|| pressed(Modifiers::NONE, Key::Enter).then_some(false)),
        escape: escape && pressed(Modifiers::NONE, Key::Escape),
    }
}

fn row<R>(ui: &mut egui::Ui, name: &str, add: impl FnOnce(&mut egui::Ui) -> R) -> R {
    ui.horizontal(|ui| {
        let (place, _) = ui.allocate_exact_size(vec2(LABEL, 24.0), egui::Sense::hover());
        let font = egui::TextStyle::Body.resolve(ui.style());
        ui.painter().text(place.left_center(), egui::Align2::LEFT_CENTER, name, font, theme::FAINT);
        add(ui)
    })
    .inner
}

fn server(ui: &mut egui::Ui, searching: &mut Searching) -> Option<Wish> {
    let places = searching.places();
    row(ui, "Server", |ui| {
        let width = ui.available_width() - BUTTON - ui.spacing().item_spacing.x;
        let edit = egui::TextEdit::singleline(&mut searching.server)
            .hint_text("https://pacs.example/dicom-web")
            .desired_width(width);
        let field = ui.add(edit);
        if searching.fresh && searching.server.trim().is_empty() {
            searching.fresh = false;
            field.request_focus();
        }
        let mut wish = None;
        ui.add_enabled_ui(!places.is_empty(), |ui| {
            let name = egui::Button::new("Servers").fill(theme::RAISED).min_size(vec2(BUTTON, 22.0));
            egui::containers::menu::MenuButton::from_button(name).ui(ui, |ui| {
                for place in &places {
                    let chosen = *place == searching.server;
                    if ui.selectable_label(chosen, place).clicked() {
                        searching.server.clone_from(place);
                        wish = Some(Wish::Search);
                        ui.close();
                    }
                }
            });
        });
        wish
    })
}

/// The field of the search, which has the keyboard unless another field was chosen.
fn text(ui: &mut egui::Ui, searching: &mut Searching, elsewhere: bool) -> Option<Wish> {
    row(ui, "Find", |ui| {
        let width = ui.available_width() - BUTTON - ui.spacing().item_spacing.x;
        let edit = egui::TextEdit::singleline(&mut searching.form.text)
            .hint_text("name, patient ID, accession number, date or UID")
            .desired_width(width);
        let mut field = edit.show(ui);
        let nobody = ui.memory(|memory| memory.focused().is_none());
        if !elsewhere && (searching.fresh || nobody) {
            field.response.request_focus();
            if std::mem::take(&mut searching.fresh) {
                let all = egui::text::CCursorRange::select_all(&field.galley);
                field.state.cursor.set_char_range(Some(all));
                field.state.store(ui.ctx(), field.response.id);
            }
        }
        let busy = matches!(searching.state(), State::Running | State::LookingForPriors);
        let (name, wish) = if busy { ("Stop", Wish::Stop) } else { ("Search", Wish::Search) };
        let button = egui::Button::new(name).fill(theme::RAISED).min_size(vec2(BUTTON, 22.0));
        ui.add(button).clicked().then_some(wish)
    })
}

/// Modality and time, which look again at once.
fn choices(ui: &mut egui::Ui, searching: &mut Searching) -> Option<Wish> {
    let mut wish = None;
    row(ui, "Modality", |ui| {
        let all = std::iter::once(None).chain(MODALITIES.iter().copied().map(Some));
        for modality in all {
            if choice(ui, searching.form.modality == modality, modality.unwrap_or("any")) {
                searching.form.modality = modality;
                wish = Some(Wish::Search);
            }
        }
    });
    row(ui, "Date", |ui| {
        for (period, name) in Period::QUICK {
            if choice(ui, searching.form.period == *period, name) {
                searching.form.period = *period;
                wish = Some(Wish::Search);
            }
        }
        let own = searching.form.period == Period::Own;
        let color = if own { theme::ACCENT } else { theme::FAINT };
        let edit = egui::TextEdit::singleline(&mut searching.form.dates)
            .hint_text("2026-03..2026-05")
            .text_color(color)
            .desired_width(DATES);
        let field = ui.add(edit).on_hover_text("a day, a month, a year, or two of them with .. between");
        if field.changed() {
            let empty = searching.form.dates.trim().is_empty();
            searching.form.period = if empty { Period::Any } else { Period::Own };
        }
    });
    wish.filter(|_| !searching.server.trim().is_empty())
}

fn choice(ui: &mut egui::Ui, chosen: bool, name: &str) -> bool {
    let text = RichText::new(name).color(if chosen { theme::ACCENT } else { theme::TEXT });
    ui.selectable_label(chosen, text).clicked() && !chosen
}

/// How far it is, and what can be done with the chosen study.
fn foot(ui: &mut egui::Ui, searching: &Searching) -> Option<Wish> {
    let frame = egui::Frame::new().inner_margin(egui::Margin { left: 0, right: 0, top: 8, bottom: 2 });
    let panel = egui::Panel::bottom("search-foot").frame(frame).show_separator_line(false).resizable(false);
    panel
        .show(ui, |ui| {
            let mut wish = None;
            for note in searching.notes() {
                ui.add(egui::Label::new(RichText::new(note).color(theme::WARNING).small()).truncate());
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let chosen = searching.chosen().is_some();
                let mut button = |name: &str, hint: &str, means: Wish| {
                    let button = egui::Button::new(name).fill(theme::RAISED).min_size(vec2(BUTTON, 22.0));
                    if ui.add_enabled(chosen, button).on_hover_text(hint).clicked() {
                        wish = Some(means);
                    }
                };
                button("Open", "Enter, or a double click", Wish::Open { with_priors: false });
                let hint = "Shift+Enter: with earlier studies of the same patient";
                button("Open with earlier ones", hint, Wish::Open { with_priors: true });
                if searching.has_more() && !searching.found().is_empty() && ui.button("More").clicked() {
                    wish = Some(Wish::More);
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    let (words, color) = status(searching);
                    let label = egui::Label::new(RichText::new(&words).color(color)).truncate();
                    ui.add(label).on_hover_text(words);
                });
            });
            wish
        })
        .inner
}

fn status(searching: &Searching) -> (String, egui::Color32) {
    let found = match searching.found().len() {
        0 => String::new(),
        1 => "one study".to_owned(),
        count => format!("{count} studies"),
    };
    let joined = |what: &str| if found.is_empty() { what.to_owned() } else { format!("{what} · {found}") };
    match searching.state() {
        State::Idle => (String::new(), theme::FAINT),
        State::Running => (joined("asking the server…"), theme::FAINT),
        State::LookingForPriors => ("looking for earlier studies of this patient…".to_owned(), theme::FAINT),
        State::Stopped => (joined("stopped"), theme::FAINT),
        State::AsksWho { .. } => ("the server wants to know who asks".to_owned(), theme::FAINT),
        // Where nothing is listed, the list says it.
        State::Failed(_) if found.is_empty() => (String::new(), theme::FAINT),
        State::Failed(trouble) => (trouble.error.clone(), theme::ERROR),
        State::Done if !searching.is_current() => (format!("{found} · Enter looks again"), theme::FAINT),
        State::Done if searching.has_more() => (format!("{found}, and there are more"), theme::FAINT),
        State::Done => (found, theme::FAINT),
    }
}
