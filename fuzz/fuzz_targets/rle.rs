//! One run-length coded frame.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| lightbox_fuzz::compressed("1.2.840.10008.1.2.5", input));
