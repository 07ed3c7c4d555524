// One image in one viewport. The pass draws a triangle over the viewport's scissor rectangle and this
// computes every pixel from stored samples; a window drag changes the uniform and nothing else.

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) @interpolate(flat) x_row: vec4<f32>,
    @location(1) @interpolate(flat) y_row: vec4<f32>,
    @location(2) @interpolate(flat) origin: vec4<f32>,
    @location(3) @interpolate(flat) size: vec4<f32>,
    @location(4) @interpolate(flat) filtering: vec4<f32>,
    @location(5) @interpolate(flat) gray: vec4<f32>,
    @location(6) @interpolate(flat) table_scale: vec4<f32>,
    @location(7) @interpolate(flat) kinds: vec4<u32>,
    @location(8) @interpolate(flat) stored: vec4<u32>,
    @location(9) @interpolate(flat) modality_table: vec4<u32>,
    @location(10) @interpolate(flat) voi_table: vec4<u32>,
    @location(11) @interpolate(flat) lens: vec4<f32>,
    @location(12) @interpolate(flat) cover_x: vec4<f32>,
    @location(13) @interpolate(flat) cover_y: vec4<f32>,
    @location(14) @interpolate(flat) cover: vec4<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Corner {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    var out: Corner;
    out.position = vec4<f32>(corner * 2.0 - 1.0, 0.0, 1.0);
    out.x_row = parameters.x_row;
    out.y_row = parameters.y_row;
    out.origin = parameters.origin;
    out.size = parameters.size;
    out.filtering = parameters.filtering;
    out.gray = parameters.gray;
    out.table_scale = parameters.table_scale;
    out.kinds = parameters.kinds;
    out.stored = parameters.stored;
    out.modality_table = parameters.modality_table;
    out.voi_table = parameters.voi_table;
    out.lens = parameters.lens;
    out.cover_x = parameters.cover_x;
    out.cover_y = parameters.cover_y;
    out.cover = parameters.cover;
    return out;
}

// What the vertex stage handed on.
fn parameters_of(in: Corner) -> View {
    return View(
        in.x_row,
        in.y_row,
        in.origin,
        in.size,
        in.filtering,
        in.gray,
        in.table_scale,
        in.kinds,
        in.stored,
        in.modality_table,
        in.voi_table,
        in.lens,
        in.cover_x,
        in.cover_y,
        in.cover,
    );
}

// Code values as the target wants them.
fn to_target(code: vec3<f32>) -> vec4<f32> {
    if (view.kinds.w & FLAG_SRGB_TARGET) == 0u {
        return vec4<f32>(code, 1.0);
    }
    return vec4<f32>(light(code), 1.0);
}

// A code value of the image alone, at a place of it.
fn shade_image(source: vec2<f32>) -> vec3<f32> {
    if any(source < vec2<f32>(0.0)) || any(source >= view.size.xy) {
        return vec3<f32>(0.0);
    }
    let value = resample(source);
    if value.w == 0.0 {
        return vec3<f32>(0.0);
    }
    var code: vec3<f32>;
    if CONTENT == CONTENT_COLOR {
        code = value.rgb / 255.0;
    } else {
        code = vec3<f32>(grey_level(value.r));
    }
    if (view.kinds.w & FLAG_INVERSE) != 0u {
        code = 1.0 - code;
    }
    // Rounded here, so that no target's own rounding decides about a grey level.
    code = floor(clamp(code, vec3<f32>(0.0), vec3<f32>(1.0)) * 255.0 + 0.5) / 255.0;
    if RAMP {
        let start = u32(view.cover.w) + 3u * u32(code.r * 255.0 + 0.5);
        code = vec3<f32>(table_entry(start), table_entry(start + 1u), table_entry(start + 2u)) / 255.0;
    }
    return code;
}

// The code value of a pixel of the framebuffer.
fn shade(position: vec4<f32>) -> vec3<f32> {
    let screen = vec3<f32>(position.xy - view.origin.xy, 1.0);
    let source = vec2<f32>(dot(view.x_row.xyz, screen), dot(view.y_row.xyz, screen));
    var code = shade_image(source);
    if COVER {
        let above = cover_at(source);
        code = floor((above.rgb + code * (1.0 - above.a)) * 255.0 + 0.5) / 255.0;
    }
    return code;
}

// Width and grey of the border of the lens.
const RIM: f32 = 1.5;
const RIM_GREY: vec3<f32> = vec3<f32>(0.5);

@fragment
fn fragment(in: Corner) -> @location(0) vec4<f32> {
    view = parameters_of(in);
    let position = in.position;
    var code: vec3<f32>;
    if LENS {
        let inside = view.lens.z - distance(position.xy, view.lens.xy);
        if inside < 0.0 {
            discard;
        }
        code = mix(RIM_GREY, shade(position), clamp(inside - RIM, 0.0, 1.0));
    } else {
        code = shade(position);
    }
    return to_target(code);
}
