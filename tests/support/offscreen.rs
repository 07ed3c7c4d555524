//! The renderer that tests of pictures share.

use std::sync::OnceLock;

use lightbox::app::offscreen::Offscreen;

/// The renderer, or `None` on a machine without any GPU where that is allowed.
pub fn offscreen() -> Option<&'static Offscreen> {
    static SHARED: OnceLock<Option<Offscreen>> = OnceLock::new();
    SHARED
        .get_or_init(|| match Offscreen::new() {
            Ok(offscreen) => Some(offscreen),
            Err(error) if std::env::var_os("LIGHTBOX_REQUIRE_GPU").is_some() => panic!("{error}"),
            Err(error) => {
                eprintln!("skipped: {error}");
                None
            }
        })
        .as_ref()
}
