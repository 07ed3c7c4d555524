use std::path::Path;

use super::*;

#[test]
fn every_shipped_protocol_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/protocols");
    let (good, bad) = in_folder(&folder);
    assert!(bad.is_empty(), "{}", bad[0]);
    let mut own: Vec<String> = shipped().into_iter().map(|protocol| protocol.name).collect();
    let mut names: Vec<String> = good.into_iter().map(|protocol| protocol.name).collect();
    own.sort();
    names.sort();
    assert_eq!(own, names);
}
