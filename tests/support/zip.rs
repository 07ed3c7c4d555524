//! Writes zip archives member by member, well-formed or not, without any help from the library under test.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// An archive to be.
#[derive(Debug, Default)]
pub struct Zip {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    members: u64,
    wide: bool,
}

/// What the directory says of a member.
#[derive(Debug, Clone)]
pub struct Claims {
    pub method: u16,
    pub flags: u16,
    pub packed: u64,
    pub length: u64,
    pub offset: u64,
}

impl Zip {
    pub fn new() -> Self {
        Self::default()
    }

    /// An archive with something in front of it, as one that unpacks itself has.
    pub fn after(prefix: &[u8]) -> Self {
        Self { bytes: prefix.to_vec(), ..Self::default() }
    }

    /// With all numbers in their 64-bit places.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    pub fn stored(self, name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        self.member(name.as_ref(), content, content.len(), 0, |_| {})
    }

    pub fn deflated(self, name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        self.deflated_with(name, content, |_| {})
    }

    /// A deflated member about which the directory may lie.
    pub fn deflated_with(self, name: impl AsRef<[u8]>, content: &[u8], lie: impl Fn(&mut Claims)) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).expect("memory");
        let packed = encoder.finish().expect("memory");
        self.member(name.as_ref(), &packed, content.len(), 8, lie)
    }

    fn member(
        mut self,
        name: &[u8],
        packed: &[u8],
        length: usize,
        method: u16,
        lie: impl Fn(&mut Claims),
    ) -> Self {
        let mut claims = Claims {
            method,
            flags: 0,
            packed: packed.len() as u64,
            length: length as u64,
            offset: self.bytes.len() as u64,
        };
        let name_length = u16::try_from(name.len()).expect("a short name");
        self.bytes.extend(b"PK\x03\x04\x14\0");
        self.bytes.extend(claims.flags.to_le_bytes());
        self.bytes.extend(method.to_le_bytes());
        self.bytes.extend([0; 8]);
        self.bytes.extend(small(claims.packed));
        self.bytes.extend(small(claims.length));
        self.bytes.extend(name_length.to_le_bytes());
        // The local extra field differs in length from the one in the directory, as it often does.
        self.bytes.extend([4, 0]);
        self.bytes.extend(name);
        self.bytes.extend([0xEF, 0xBE, 0, 0]);
        self.bytes.extend(packed);

        lie(&mut claims);
        let extra = if self.wide {
            let numbers = [claims.length, claims.packed, claims.offset];
            let mut extra = vec![1, 0, 24, 0];
            extra.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
            extra
        } else {
            Vec::new()
        };
        let narrow = |number: u64| if self.wide { [0xFF; 4] } else { small(number) };
        self.directory.extend(b"PK\x01\x02\x14\0\x14\0");
        self.directory.extend(claims.flags.to_le_bytes());
        self.directory.extend(claims.method.to_le_bytes());
        self.directory.extend([0; 8]);
        self.directory.extend(narrow(claims.packed));
        self.directory.extend(narrow(claims.length));
        self.directory.extend(name_length.to_le_bytes());
        self.directory.extend(u16::try_from(extra.len()).expect("short").to_le_bytes());
        self.directory.extend([0; 10]);
        self.directory.extend(narrow(claims.offset));
        self.directory.extend(name);
        self.directory.extend(extra);
        self.members += 1;
        self
    }

    /// The archive, with a comment at its end.
    pub fn finish(self) -> Vec<u8> {
        let Self { mut bytes, directory, members, wide } = self;
        let start = bytes.len() as u64;
        let size = directory.len() as u64;
        bytes.extend(directory);
        if wide {
            let end = bytes.len() as u64;
            bytes.extend(b"PK\x06\x06");
            bytes.extend(44_u64.to_le_bytes());
            bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for number in [members, members, size, start] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(end.to_le_bytes());
            bytes.extend([1, 0, 0, 0]);
        }
        let count = if wide { 0xFFFF } else { u16::try_from(members).expect("few members") };
        let narrow = |number: u64| if wide { [0xFF; 4] } else { small(number) };
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend(count.to_le_bytes());
        bytes.extend(count.to_le_bytes());
        bytes.extend(narrow(size));
        bytes.extend(narrow(start));
        bytes.extend([3, 0]);
        bytes.extend(b"end");
        bytes
    }
}

fn small(number: u64) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}
