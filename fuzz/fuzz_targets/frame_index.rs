//! Items of encapsulated pixel data, whose frames are stored as they are.
#![no_main]

use libfuzzer_sys::fuzz_target;

// Encapsulated Uncompressed: no decoder stands between the index and the samples.
fuzz_target!(|input: &[u8]| lightbox_fuzz::items("1.2.840.10008.1.2.1.98", input));
