//! Run-length encoding of the frames of test objects.

/// One frame, run-length encoded as the standard's Annex G of PS3.5 describes: `planes` byte planes,
/// most significant first, each its own segment.
pub fn rle(planes: &[Vec<u8>], columns: usize) -> Vec<u8> {
    let mut header = vec![planes.len() as u32];
    let mut body = Vec::new();
    for plane in planes {
        header.push(64 + body.len() as u32);
        for row in plane.chunks(columns.max(1)) {
            pack_bits(&mut body, row);
        }
        if body.len() % 2 == 1 {
            body.push(0);
        }
    }
    header.resize(16, 0);
    let mut out: Vec<u8> = header.iter().flat_map(|v| v.to_le_bytes()).collect();
    out.extend(body);
    out
}

fn pack_bits(out: &mut Vec<u8>, mut row: &[u8]) {
    let run_at = |r: &[u8]| r.iter().take(128).take_while(|b| Some(*b) == r.first()).count();
    while !row.is_empty() {
        let run = run_at(row);
        let used = if run >= 2 {
            out.extend([(257 - run) as u8, row[0]]);
            run
        } else {
            // Literal bytes until the next run of three or the longest a packet may be.
            let end = (1..row.len().min(128)).find(|&i| run_at(&row[i..]) >= 3).unwrap_or(row.len().min(128));
            out.push((end - 1) as u8);
            out.extend(&row[..end]);
            end
        };
        row = &row[used..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpack(mut packed: &[u8], length: usize) -> Vec<u8> {
        // The decoder as PS3.5 G.3.2 words it.
        let mut out = Vec::new();
        while out.len() < length {
            let n = packed[0] as i8;
            if n >= 0 {
                let count = n as usize + 1;
                out.extend(&packed[1..=count]);
                packed = &packed[count + 1..];
            } else if n != -128 {
                out.resize(out.len() + (1 - i32::from(n)) as usize, packed[1]);
                packed = &packed[2..];
            } else {
                packed = &packed[1..];
            }
        }
        out
    }

    #[test]
    fn packed_rows_unpack_to_themselves() {
        let mut rng = super::super::rng::Rng::new(1);
        for length in [1, 2, 3, 127, 128, 129, 300, 1000] {
            for spread in [1, 2, 3, 200] {
                let row: Vec<u8> = (0..length).map(|_| (rng.next_u64() % spread) as u8).collect();
                let mut packed = Vec::new();
                pack_bits(&mut packed, &row);
                assert_eq!(unpack(&packed, length), row);
            }
        }
    }
}
