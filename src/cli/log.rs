//! Diagnostics on standard error.
//!
//! Quiet by default: our own warnings, and errors of the graphics libraries. `--log` adds the launch time
//! line and what the program does; `--log=debug` and `--log=trace` add more of it. The time in front of each
//! line is counted from the start of the process.

use clap::ValueEnum;
use tracing::Level as TracingLevel;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::time::Uptime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Target of the launch time line: `tracing::info!(target: "launch", "window open")`.
const LAUNCH_TARGET: &str = "launch";

/// What `--log` may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<Level> for TracingLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Error => Self::ERROR,
            Level::Warn => Self::WARN,
            Level::Info => Self::INFO,
            Level::Debug => Self::DEBUG,
            Level::Trace => Self::TRACE,
        }
    }
}

/// Starts logging for the rest of the process.
pub fn start(asked: Option<Level>) {
    let layer = tracing_subscriber::fmt::layer()
        .with_timer(Uptime::default())
        .with_ansi(false)
        .with_writer(std::io::stderr);
    // A second start, in a test, keeps the first logger.
    tracing_subscriber::registry().with(targets(asked)).with(layer).try_init().ok();
}

/// Ours at the level asked for, everybody else's errors, and their details only on `trace`.
fn targets(asked: Option<Level>) -> Targets {
    let ours = TracingLevel::from(asked.unwrap_or(Level::Warn));
    let others = if asked == Some(Level::Trace) { TracingLevel::DEBUG } else { TracingLevel::ERROR };
    Targets::new()
        .with_default(others)
        .with_target(env!("CARGO_CRATE_NAME"), ours)
        .with_target(LAUNCH_TARGET, ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_unless_asked() {
        let quiet = targets(None);
        assert!(quiet.would_enable("lightbox::app", &TracingLevel::WARN));
        assert!(!quiet.would_enable("lightbox::app", &TracingLevel::INFO));
        assert!(!quiet.would_enable(LAUNCH_TARGET, &TracingLevel::INFO));
        assert!(!quiet.would_enable("wgpu_core", &TracingLevel::WARN));
        assert!(quiet.would_enable("wgpu_core", &TracingLevel::ERROR));
    }

    #[test]
    fn log_shows_the_launch_but_not_the_libraries() {
        let info = targets(Some(Level::Info));
        assert!(info.would_enable(LAUNCH_TARGET, &TracingLevel::INFO));
        assert!(info.would_enable("lightbox::cli", &TracingLevel::INFO));
        assert!(!info.would_enable("bevy_render", &TracingLevel::INFO));
    }
}
