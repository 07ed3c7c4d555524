//! Whole files: the header, every value, and the elements behind the pixel data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lightbox::dicom::DicomFile;

fuzz_target!(|input: &[u8]| {
    if let Ok(file) = DicomFile::from_bytes(input) {
        lightbox_fuzz::elements(&file, &file.meta);
        lightbox_fuzz::elements(&file, &file.data);
        if let Ok(trailing) = file.trailing() {
            lightbox_fuzz::elements(&file, &trailing.data);
        }
        std::hint::black_box(file.image().is_ok());
    }
});
