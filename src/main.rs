//! The binary `viewer`: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    lightbox::cli::main()
}
