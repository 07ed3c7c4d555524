//! Every shader parses and passes the validator, without a GPU.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking, and says why it was skipped"
)]

use lightbox::app::gpu::{INTERFACE_SHADER, SHADER_SOURCE, SLAB_SHADER};

#[test]
fn the_shaders_are_valid() {
    validate(SHADER_SOURCE);
    validate(INTERFACE_SHADER);
    validate(SLAB_SHADER);
}

fn validate(source: &str) {
    let module = naga::front::wgsl::parse_str(source)
        .unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
    let mut validator =
        naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty());
    validator.validate(&module).unwrap_or_else(|error| panic!("{}", error.emit_to_string(source)));
}

#[test]
fn every_part_is_used() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    for entry in std::fs::read_dir(folder).expect("the shaders folder") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a text file");
        let is_part = [SHADER_SOURCE, INTERFACE_SHADER].iter().any(|shader| shader.contains(&text));
        assert!(is_part || text == SLAB_SHADER);
    }
}
