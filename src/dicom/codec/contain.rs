//! Keeps a panic inside a decoder from going any further, and from being heard.
//!
//! A damaged frame may upset a decoder that is not ours. That is the frame's error, said where frames
//! are shown; a trace on standard error would only say it twice. Panics elsewhere, on any thread, go to
//! whatever handled them before.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// A decoder runs on this thread, and its panics are contained.
    static CONTAINED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` answers; `None` when it panicked.
pub(super) fn contain<T>(work: impl FnOnce() -> T) -> Option<T> {
    hush();
    let outer = CONTAINED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CONTAINED.set(outer);
    result.ok()
}

/// Puts a hook before the one in place that swallows what is contained.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            // A thread on its way out has no flag any more; nothing is decoded there.
            if !CONTAINED.try_with(Cell::get).unwrap_or(false) {
                previous(what);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer_and_the_flag_comes_back() {
        assert_eq!(contain(|| 7), Some(7));
        assert_eq!(contain(|| [1, 2, 3].iter().position(|&x| x == 4).unwrap()), None);
        assert!(!CONTAINED.get());
        // Nested: the outer decoder is still contained after the inner one has ended.
        let outer = contain(|| {
            assert_eq!(contain(|| u8::try_from(300).unwrap()), None);
            CONTAINED.get()
        });
        assert_eq!(outer, Some(true));
    }
}
