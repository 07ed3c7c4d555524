// One image in one viewport. The pass draws a triangle over the viewport's scissor rectangle and this
// computes every pixel from stored samples; a window drag changes the uniform and nothing else.

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let corner = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4<f32>(corner * 2.0 - 1.0, 0.0, 1.0);
}

// Code values to what an sRGB target expects, so that the stored byte is the code value.
fn to_target(code: vec3<f32>) -> vec4<f32> {
    if (view.kinds.w & FLAG_SRGB_TARGET) == 0u {
        return vec4<f32>(code, 1.0);
    }
    let low = code / 12.92;
    let high = pow((code + 0.055) / 1.055, vec3<f32>(2.4));
    return vec4<f32>(select(high, low, code <= vec3<f32>(0.04045)), 1.0);
}

// The code value of a pixel of the framebuffer.
fn shade(position: vec4<f32>) -> vec3<f32> {
    let screen = vec3<f32>(position.xy - view.origin.xy, 1.0);
    let source = vec2<f32>(dot(view.x_row.xyz, screen), dot(view.y_row.xyz, screen));
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
    return floor(clamp(code, vec3<f32>(0.0), vec3<f32>(1.0)) * 255.0 + 0.5) / 255.0;
}

// Width and grey of the border of the lens.
const RIM: f32 = 1.5;
const RIM_GREY: vec3<f32> = vec3<f32>(0.5);

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
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
