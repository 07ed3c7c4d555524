//! Samples that are not compressed, bitmaps and subsampled colours included.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| lightbox_fuzz::native(input));
