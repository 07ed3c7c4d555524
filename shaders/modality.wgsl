// From a texel to a modality value: sign, padding, fixed point, rescale or table.

// An entry of a table, by its position in the table texture.
fn table_entry(position: u32) -> f32 {
    let at = vec2<u32>(position % TABLE_WIDTH, position / TABLE_WIDTH);
    return f32(textureLoad(tables, at, 0).r);
}

// A table at a fractional input: clamped at both ends, linear between neighbouring entries.
fn table_value(table: vec4<u32>, x: f32) -> f32 {
    let at = clamp(x - f32(bitcast<i32>(table.x)), 0.0, f32(table.y));
    let low = floor(at);
    let below = table_entry(table.z + u32(low));
    let above = table_entry(table.z + min(u32(low) + 1u, table.y));
    return mix(below, above, at - low);
}

// A sample that counts (w = 1) with its modality value or colour, or padding (w = 0).
fn texel(at: vec2<i32>) -> vec4<f32> {
    let raw = textureLoad(texels, at, 0);
    if CONTENT == CONTENT_COLOR {
        return vec4<f32>(vec3<f32>(raw.rgb), 1.0);
    }
    var value: f32;
    var counts: bool;
    if CONTENT == CONTENT_FLOAT {
        counts = (raw.r & 0x7fffffffu) <= 0x7f800000u;
        value = select(0.0, bitcast<f32>(raw.r), counts);
    } else {
        // Signed texels are extended; the others shift nothing out and nothing in.
        let extended = bitcast<u32>(bitcast<i32>(raw.r << view.kinds.y) >> view.kinds.y);
        let word = select(raw.r, extended, view.kinds.x != 0u);
        // One unsigned comparison tests lo <= word <= hi for signed and unsigned words alike.
        counts = (view.kinds.w & FLAG_PADDING) == 0u || word - view.stored.x > view.stored.y;
        value = f32(bitcast<i32>(word - view.stored.z)) * view.filtering.w;
    }
    if TABLES {
        if view.modality_table.w != 0u {
            value = table_value(view.modality_table, value);
        }
    }
    return vec4<f32>(value, 0.0, 0.0, select(0.0, 1.0, counts));
}
