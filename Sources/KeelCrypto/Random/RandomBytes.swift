import KeelBase

/// Unpredictable bytes from the kernel.
package enum RandomBytes {
    /// That many bytes, for what is no secret: salts, nonces, identifiers.
    package static func make(count: Int) -> [UInt8] {
        // On Linux this generator is getrandom(2), which is fit for keys.
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            var word = generator.next()
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return bytes
    }

    /// That many bytes for a key, a PKCE verifier or a `state`.
    package static func secret(count: Int) -> Secret { Secret(copying: make(count: count)) }
}
