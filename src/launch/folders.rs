//! Where a user keeps what belongs to the program.

use std::path::PathBuf;

/// The folder for settings: `~/.config/lightbox` or what the system uses in its place.
pub fn config_dir() -> Option<PathBuf> {
    user_dir("APPDATA", &["Library", "Application Support"], "XDG_CONFIG_HOME", ".config")
}

/// The folder for what can be made again at any time: `~/.cache/lightbox` or what the system uses in its place.
pub fn cache_dir() -> Option<PathBuf> {
    user_dir("LOCALAPPDATA", &["Library", "Caches"], "XDG_CACHE_HOME", ".cache")
}

/// Each system has its own rule: a variable on Windows, a fixed place on macOS, and elsewhere a variable that
/// may be absent. Relative paths in variables do not count, as the XDG base directory specification asks.
fn user_dir(windows: &str, macos: &[&str], xdg: &str, fallback: &str) -> Option<PathBuf> {
    let from = |name: &str| {
        let path = std::env::var_os(name).map(PathBuf::from);
        path.filter(|path| path.is_absolute())
    };
    let base = if cfg!(windows) {
        from(windows)
    } else if cfg!(target_os = "macos") {
        from("HOME").map(|home| home.join(macos.iter().collect::<PathBuf>()))
    } else {
        from(xdg).or_else(|| from("HOME").map(|home| home.join(fallback)))
    };
    base.map(|base| base.join("lightbox"))
}
