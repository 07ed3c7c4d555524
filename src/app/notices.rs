//! What the user should know and cannot see otherwise. Each stays until it is clicked away or its time is up.

use std::time::{Duration, Instant};

use bevy::prelude::*;

use super::AppSystems;

const KEPT: usize = 200;
const WARNINGS_LAST: Duration = Duration::from_secs(12);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Warning,
    Error,
}

/// Something to tell.
#[derive(Debug)]
pub struct Notice {
    pub text: String,
    pub kind: Kind,
    since: Instant,
}

/// Notices waiting to be read.
#[derive(Resource, Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
    took_escape: bool,
}

impl Notices {
    /// Something that was expected did not happen.
    pub fn error(&mut self, text: String) {
        tracing::error!("{text}");
        self.push(text, Kind::Error);
    }

    /// Something is not quite as expected.
    pub fn warn(&mut self, text: String) {
        tracing::warn!("{text}");
        self.push(text, Kind::Warning);
    }

    fn push(&mut self, text: String, kind: Kind) {
        if self.list.len() < KEPT && !self.list.iter().any(|notice| notice.text == text) {
            self.list.push(Notice { text, kind, since: Instant::now() });
        }
    }

    /// Whether the Escape key of this update was for them.
    pub fn took_escape(&self) -> bool {
        self.took_escape
    }

    pub fn list(&self) -> &[Notice] {
        &self.list
    }
}

/// The pointer is over the notices, where a click takes them away.
#[derive(Resource, Debug, Default)]
pub struct NoticeHover(pub bool);

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Notices>()
        .init_resource::<NoticeHover>()
        .add_systems(Update, forget_read.in_set(AppSystems::Receive));
}

fn forget_read(
    mut notices: ResMut<Notices>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    hover: Res<NoticeHover>,
) {
    if notices.took_escape {
        notices.took_escape = false;
    }
    if notices.list.is_empty() {
        return;
    }
    notices.took_escape = keys.just_pressed(KeyCode::Escape);
    let clicked = hover.0 && buttons.just_pressed(MouseButton::Left);
    if clicked || keys.just_pressed(KeyCode::Escape) {
        notices.list.clear();
        return;
    }
    let stays = |notice: &Notice| notice.kind == Kind::Error || notice.since.elapsed() <= WARNINGS_LAST;
    if !notices.list.iter().all(stays) {
        notices.list.retain(stays);
    }
}
