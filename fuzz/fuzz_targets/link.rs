//! Launch URLs: whatever a web page may hand over.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lightbox::launch::{Launch, MOST_GROUPS, MOST_ITEMS, is_link, path_of_file_url};

fuzz_target!(|input: &str| {
    std::hint::black_box((is_link(input), path_of_file_url(input)));
    match Launch::from_link(input) {
        Ok(launch) => {
            let paths: usize = launch.groups.iter().map(Vec::len).sum();
            assert!(paths <= MOST_ITEMS && launch.groups.len() <= MOST_GROUPS);
            let remote = launch.remote.as_ref().map(|remote| remote.groups.len());
            assert!(launch.open_group < remote.unwrap_or(launch.groups.len()));
        }
        Err(error) => assert!(!error.to_string().chars().any(char::is_control)),
    }
});
