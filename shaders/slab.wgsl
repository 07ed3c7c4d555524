// Several slices into one texture of modality values: the largest, the mean or the smallest.
//
// Texel by texel, at the level of the slices, so that a window drag draws from one texture however thick the
// slab is. Slices come eight at a time, which every device can bind; what earlier passes found is read back
// from their target. Mirrored by `src/app/gpu/slab.rs`; the reference is `src/display/slab.rs`.

struct Slice {
    // Slope and intercept of the rescaling, one over the fixed-point unit of the texels, nothing.
    rescale: vec4<f32>,
    // Padding: first value and span in raw texels (xy), bits to shift for sign extension (z), flags (w).
    stored: vec4<u32>,
}

struct Slab {
    // Modality table of all slices: first mapped value, last index, position in the table texture, present.
    table: vec4<u32>,
    // Slices of this pass, mode, whether there was a pass before, nothing.
    run: vec4<u32>,
    slices: array<Slice, 8>,
}

const MODE_MAX: u32 = 0u;
const MODE_MEAN: u32 = 1u;
const MODE_MIN: u32 = 2u;

const FLAG_SIGNED: u32 = 1u;
const FLAG_PADDING: u32 = 2u;
const FLAG_FLOAT: u32 = 4u;

const TABLE_WIDTH: u32 = 4096u;
// Stands for padding wherever there are floats.
const NOT_A_NUMBER: u32 = 0x7fc00000u;

// In a storage buffer for the same reason as the view.
@group(0) @binding(0) var<storage, read> slab: Slab;
@group(0) @binding(1) var tables: texture_2d<u32>;
// Bits of the value or sum so far, and how many slices it is of.
@group(0) @binding(2) var before: texture_2d<u32>;
@group(0) @binding(3) var slice0: texture_2d<u32>;
@group(0) @binding(4) var slice1: texture_2d<u32>;
@group(0) @binding(5) var slice2: texture_2d<u32>;
@group(0) @binding(6) var slice3: texture_2d<u32>;
@group(0) @binding(7) var slice4: texture_2d<u32>;
@group(0) @binding(8) var slice5: texture_2d<u32>;
@group(0) @binding(9) var slice6: texture_2d<u32>;
@group(0) @binding(10) var slice7: texture_2d<u32>;

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4<f32>(corner * 2.0 - 1.0, 0.0, 1.0);
}

fn entry(position: u32) -> f32 {
    return f32(textureLoad(tables, vec2<u32>(position % TABLE_WIDTH, position / TABLE_WIDTH), 0).r);
}

fn table_value(x: f32) -> f32 {
    let at = clamp(x - f32(bitcast<i32>(slab.table.x)), 0.0, f32(slab.table.y));
    let low = floor(at);
    let below = entry(slab.table.z + u32(low));
    let above = entry(slab.table.z + min(u32(low) + 1u, slab.table.y));
    return mix(below, above, at - low);
}

// The value or sum so far (x), and how many slices it is of (y).
fn add(so_far: vec2<f32>, index: u32, raw: u32) -> vec2<f32> {
    let slice = slab.slices[index];
    let flags = slice.stored.w;
    let extended = bitcast<u32>(bitcast<i32>(raw << slice.stored.z) >> slice.stored.z);
    let word = select(raw, extended, (flags & FLAG_SIGNED) != 0u);
    var counts = (flags & FLAG_PADDING) == 0u || word - slice.stored.x > slice.stored.y;
    var value = f32(bitcast<i32>(word)) * slice.rescale.z;
    if (flags & FLAG_FLOAT) != 0u {
        counts = (raw & 0x7fffffffu) < 0x7f800000u;
        value = select(0.0, bitcast<f32>(raw), counts);
    }
    if slab.table.w != 0u {
        value = table_value(value);
    } else {
        value = value * slice.rescale.x + slice.rescale.y;
    }
    var joined = so_far.x + value;
    joined = select(joined, max(so_far.x, value), slab.run.y == MODE_MAX);
    joined = select(joined, min(so_far.x, value), slab.run.y == MODE_MIN);
    let next = vec2<f32>(select(joined, value, so_far.y == 0.0), so_far.y + 1.0);
    return select(so_far, next, counts && index < slab.run.x);
}

fn gather(position: vec4<f32>) -> vec2<f32> {
    let at = vec2<i32>(position.xy);
    var found = vec2<f32>(0.0);
    if slab.run.z != 0u {
        let earlier = textureLoad(before, at, 0);
        found = vec2<f32>(bitcast<f32>(earlier.x), f32(earlier.y));
    }
    found = add(found, 0u, textureLoad(slice0, at, 0).r);
    if slab.run.x > 1u {
        found = add(found, 1u, textureLoad(slice1, at, 0).r);
    }
    if slab.run.x > 2u {
        found = add(found, 2u, textureLoad(slice2, at, 0).r);
    }
    if slab.run.x > 3u {
        found = add(found, 3u, textureLoad(slice3, at, 0).r);
    }
    if slab.run.x > 4u {
        found = add(found, 4u, textureLoad(slice4, at, 0).r);
    }
    if slab.run.x > 5u {
        found = add(found, 5u, textureLoad(slice5, at, 0).r);
    }
    if slab.run.x > 6u {
        found = add(found, 6u, textureLoad(slice6, at, 0).r);
    }
    if slab.run.x > 7u {
        found = add(found, 7u, textureLoad(slice7, at, 0).r);
    }
    return found;
}

// A pass that others follow.
@fragment
fn more(@builtin(position) position: vec4<f32>) -> @location(0) vec2<u32> {
    let found = gather(position);
    return vec2<u32>(bitcast<u32>(found.x), u32(found.y));
}

// The last pass: the value itself.
@fragment
fn last(@builtin(position) position: vec4<f32>) -> @location(0) u32 {
    let found = gather(position);
    let value = select(found.x, found.x / max(found.y, 1.0), slab.run.y == MODE_MEAN);
    return select(bitcast<u32>(value), NOT_A_NUMBER, found.y == 0.0);
}
