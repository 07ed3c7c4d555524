// What lies over the image as pixels of its own: the reference is `src/presentation/cover.rs`.

fn cover_texel(at: vec2<i32>) -> vec4<f32> {
    let last = vec2<i32>(view.cover.xy) - 1;
    return textureLoad(cover, clamp(at, vec2<i32>(0), last), 0);
}

// Colour, multiplied by the opacity, and opacity at a place of the image; nothing outside of the cover.
fn cover_at(source: vec2<f32>) -> vec4<f32> {
    let place = vec3<f32>(source, 1.0);
    let at = vec2<f32>(dot(view.cover_x.xyz, place), dot(view.cover_y.xyz, place));
    if any(at < vec2<f32>(0.0)) || any(at >= view.cover.xy) {
        return vec4<f32>(0.0);
    }
    if view.cover.z == 0.0 {
        return cover_texel(vec2<i32>(floor(at)));
    }
    let corner = floor(at - 0.5);
    let share = at - 0.5 - corner;
    let first = vec2<i32>(corner);
    let above = mix(cover_texel(first), cover_texel(first + vec2<i32>(1, 0)), share.x);
    let below = mix(cover_texel(first + vec2<i32>(0, 1)), cover_texel(first + vec2<i32>(1, 1)), share.x);
    return mix(above, below, share.y);
}
