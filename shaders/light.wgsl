// Code values to light, which is what an sRGB target is given so that the stored byte is the code value. The curve above
// the straight part is a polynomial that is nowhere off by more than a twentieth of a level: a power costs more than an
// image.
fn light(code: vec3<f32>) -> vec3<f32> {
    let low = code / 12.92;
    let high =
        (((-0.11539254 * code + 0.52385308) * code + 0.56195756) * code + 0.028080889) * code + 0.0010636108;
    return select(high, low, code <= vec3<f32>(0.04045));
}
