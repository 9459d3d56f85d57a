/// One stream of bytes, cut in many ways: a protocol machine must not notice where the cuts are.
package enum ScriptedBytes {
    /// `bytes` as one piece, byte by byte, and cut at random places, once for each seed.
    package static func everyWay(_ bytes: [UInt8], seeds: Range<UInt64> = 1..<13) -> [[[UInt8]]] {
        [[bytes], bytes.map { [$0] }] + seeds.map { cut(bytes, seed: $0) }
    }

    /// `bytes` in pieces of 1 to 40, always the same for one seed.
    package static func cut(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
        var generator = SeededGenerator(seed: seed)
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...40, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}

/// Random numbers that a test can repeat (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
