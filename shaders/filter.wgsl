// Resampling on modality values: nearest, bilinear, Catmull-Rom, and area average when minifying.
// Padding never takes part: its taps are left out and the others renormalised.

// A pixel is black when less than this share of what it covers is image.
const VALID_SHARE: f32 = 0.499;
// A footprint up to this is magnification: one texel, give or take rounding.
const MAGNIFIED: f32 = 1.0001;
// Positions on the border of two texels belong to the right one, whatever the rounding.
const NUDGE: f32 = 1.0 / 1024.0;

// Weight of texel `k` for a sample at `u` along one axis; `t` is the width of the box for AREA.
fn tap_weight(mode: u32, u: f32, k: f32, t: f32) -> f32 {
    if mode == AREA {
        return max(0.0, min(u + 0.5 * t, k + 1.0) - max(u - 0.5 * t, k));
    }
    if mode == NEAREST {
        return 1.0;
    }
    let d = abs(u - 0.5 - k);
    if mode == BILINEAR {
        return max(0.0, 1.0 - d);
    }
    if d < 1.0 {
        return (1.5 * d - 2.5) * d * d + 1.0;
    }
    if d < 2.0 {
        return ((-0.5 * d + 2.5) * d - 4.0) * d + 2.0;
    }
    return 0.0;
}

// Weighted sum of values (rgb), weight of the samples that count (a).
struct Taps {
    sum: vec4<f32>,
    inside: f32,
    padded: bool,
}

fn gather(mode: u32, at: vec2<f32>, footprint: vec2<f32>) -> Taps {
    let last = vec2<i32>(view.size.zw) - vec2<i32>(1);
    var first: vec2<i32>;
    var end: vec2<i32>;
    if mode == AREA {
        first = max(vec2<i32>(floor(at - 0.5 * footprint)), vec2<i32>(0));
        end = min(vec2<i32>(ceil(at + 0.5 * footprint)) - vec2<i32>(1), last);
    } else if mode == NEAREST {
        first = vec2<i32>(floor(at + NUDGE));
        end = first;
    } else {
        let base = vec2<i32>(floor(at - 0.5));
        let reach = select(0, 1, mode == BICUBIC);
        first = base - vec2<i32>(reach);
        end = base + vec2<i32>(1 + reach);
    }
    var taps = Taps(vec4<f32>(0.0), 0.0, false);
    for (var j = first.y; j <= end.y; j++) {
        let wy = tap_weight(mode, at.y, f32(j), footprint.y);
        for (var i = first.x; i <= end.x; i++) {
            let w = wy * tap_weight(mode, at.x, f32(i), footprint.x);
            let sample = texel(clamp(vec2<i32>(i, j), vec2<i32>(0), last));
            taps.sum += w * sample.w * vec4<f32>(sample.rgb, 1.0);
            taps.inside += w;
            taps.padded = taps.padded || sample.w == 0.0;
        }
    }
    return taps;
}

// The value at a point given in source pixels; w = 0 where the image shows nothing.
fn resample(source: vec2<f32>) -> vec4<f32> {
    let at = source * view.filtering.z;
    let footprint = view.filtering.xy;
    var mode = view.kinds.z;
    if any(footprint > vec2<f32>(MAGNIFIED)) {
        mode = AREA;
    }
    var taps = gather(mode, at, max(footprint, vec2<f32>(1.0)));
    if mode == BICUBIC && taps.padded {
        taps = gather(BILINEAR, at, vec2<f32>(1.0));
    }
    if taps.sum.w <= 0.0 || taps.sum.w < VALID_SHARE * taps.inside {
        return vec4<f32>(0.0);
    }
    return vec4<f32>(taps.sum.rgb / taps.sum.w, 1.0);
}
