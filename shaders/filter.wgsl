// Resampling on modality values: nearest, bilinear, Catmull-Rom, and area average when minifying.
// Padding never takes part: its taps are left out and the others renormalised.

// A pixel is black when less than this share of what it covers is image.
const VALID_SHARE: f32 = 0.499;
// Positions on the border of two texels belong to the right one, whatever the rounding.
const NUDGE: f32 = 1.0 / 1024.0;

// Weights of texel `k` for a sample at `u` along each axis; `t` is the size of the box for AREA.
fn area_weight(u: f32, k: f32, t: f32) -> f32 {
    return max(0.0, min(u + 0.5 * t, k + 1.0) - max(u - 0.5 * t, k));
}

fn bilinear_weight(u: f32, k: f32) -> f32 {
    return max(0.0, 1.0 - abs(u - 0.5 - k));
}

fn bicubic_weight(u: f32, k: f32) -> f32 {
    let d = abs(u - 0.5 - k);
    let inner = (1.5 * d - 2.5) * d * d + 1.0;
    let outer = ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0;
    return select(select(0.0, outer, d < 2.0), inner, d < 1.0);
}

// Weighted sums: values (rgb) and weight (a) of the samples that count; weight of all; whether any did not.
struct Taps {
    sum: vec4<f32>,
    inside: f32,
    padded: bool,
}

fn add(taps: ptr<function, Taps>, at: vec2<i32>, weight: f32) {
    let sample = texel(at);
    (*taps).sum += weight * sample.w * vec4<f32>(sample.rgb, 1.0);
    (*taps).inside += weight;
    (*taps).padded = (*taps).padded || sample.w == 0.0;
}

fn last_texel() -> vec2<i32> {
    return vec2<i32>(view.size.zw) - vec2<i32>(1);
}

fn nearest(at: vec2<f32>) -> Taps {
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    add(&taps, clamp(vec2<i32>(floor(at + NUDGE)), vec2<i32>(0), last_texel()), 1.0);
    return taps;
}

fn bilinear(at: vec2<f32>) -> Taps {
    let last = last_texel();
    let base = vec2<i32>(floor(at - 0.5));
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    for (var j = base.y; j <= base.y + 1; j++) {
        let wy = bilinear_weight(at.y, f32(j));
        for (var i = base.x; i <= base.x + 1; i++) {
            add(&taps, clamp(vec2<i32>(i, j), vec2<i32>(0), last), wy * bilinear_weight(at.x, f32(i)));
        }
    }
    return taps;
}

fn bicubic(at: vec2<f32>) -> Taps {
    let last = last_texel();
    let base = vec2<i32>(floor(at - 0.5));
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    for (var j = base.y - 1; j <= base.y + 2; j++) {
        let wy = bicubic_weight(at.y, f32(j));
        for (var i = base.x - 1; i <= base.x + 2; i++) {
            add(&taps, clamp(vec2<i32>(i, j), vec2<i32>(0), last), wy * bicubic_weight(at.x, f32(i)));
        }
    }
    return taps;
}

// Weights of three neighbouring texels, none for those outside.
fn area_weights(u: f32, first: f32, t: f32, last: f32) -> vec3<f32> {
    let k = first + vec3<f32>(0.0, 1.0, 2.0);
    let covered = max(vec3<f32>(0.0), min(vec3<f32>(u + 0.5 * t), k + 1.0) - max(vec3<f32>(u - 0.5 * t), k));
    return select(vec3<f32>(0.0), covered, (k >= vec3<f32>(0.0)) & (k <= vec3<f32>(last)));
}

// A box of at most two texels a side, which is all that a well chosen level needs: it touches three at most.
// Written out, because software drivers pay for a loop with every turn.
fn area(at: vec2<f32>, footprint: vec2<f32>) -> Taps {
    let last = last_texel();
    let base = floor(at - 0.5 * footprint);
    let wx = area_weights(at.x, base.x, footprint.x, f32(last.x));
    let wy = area_weights(at.y, base.y, footprint.y, f32(last.y));
    let low = vec2<i32>(0);
    let a = clamp(vec2<i32>(base), low, last);
    let b = clamp(vec2<i32>(base) + 1, low, last);
    let c = clamp(vec2<i32>(base) + 2, low, last);
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    add(&taps, a, wx.x * wy.x);
    add(&taps, vec2<i32>(b.x, a.y), wx.y * wy.x);
    add(&taps, vec2<i32>(c.x, a.y), wx.z * wy.x);
    add(&taps, vec2<i32>(a.x, b.y), wx.x * wy.y);
    add(&taps, b, wx.y * wy.y);
    add(&taps, vec2<i32>(c.x, b.y), wx.z * wy.y);
    add(&taps, vec2<i32>(a.x, c.y), wx.x * wy.z);
    add(&taps, vec2<i32>(b.x, c.y), wx.y * wy.z);
    add(&taps, c, wx.z * wy.z);
    return taps;
}

// A box of any size: while the level that is wanted is still on its way, and for slanted images.
fn wide_area(at: vec2<f32>, footprint: vec2<f32>) -> Taps {
    let last = last_texel();
    // Signed and clamped, so that texels outside have no weight instead of that of the edge.
    let base = vec2<i32>(floor(at - 0.5 * footprint));
    // As many texels as a box of this size can touch: the same for the whole image.
    let count = vec2<i32>(ceil(footprint)) + vec2<i32>(1);
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    for (var j = 0; j < count.y; j++) {
        let y = base.y + j;
        let wy = select(0.0, area_weight(at.y, f32(y), footprint.y), y >= 0 && y <= last.y);
        for (var i = 0; i < count.x; i++) {
            let x = base.x + i;
            let wx = select(0.0, area_weight(at.x, f32(x), footprint.x), x >= 0 && x <= last.x);
            add(&taps, clamp(vec2<i32>(x, y), vec2<i32>(0), last), wx * wy);
        }
    }
    return taps;
}

// The value at a point given in source pixels; w = 0 where the image shows nothing.
fn resample(source: vec2<f32>) -> vec4<f32> {
    let at = source * view.filtering.z;
    var taps: Taps;
    if SAMPLING == AREA {
        taps = area(at, max(view.filtering.xy, vec2<f32>(1.0)));
    } else if SAMPLING == WIDE_AREA {
        taps = wide_area(at, max(view.filtering.xy, vec2<f32>(1.0)));
    } else if SAMPLING == NEAREST {
        taps = nearest(at);
    } else {
        taps = bilinear(at);
        if SAMPLING == BICUBIC {
            let sharper = bicubic(at);
            if !sharper.padded {
                taps = sharper;
            }
        }
    }
    if taps.sum.w <= 0.0 || taps.sum.w < VALID_SHARE * taps.inside {
        return vec4<f32>(0.0);
    }
    return vec4<f32>(taps.sum.rgb / taps.sum.w, 1.0);
}
