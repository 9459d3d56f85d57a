import CryptoExtras
import FoundationEssentials
import KeelBase

/// How a key follows from a passphrase: scrypt (RFC 7914), its cost and its salt. None of it is secret, and whoever has the
/// passphrase needs it.
///
/// Somebody who guesses pays for every guess what one opening costs: with 2^17 rounds, half a second and 128 MiB.
package struct PassphraseDerivation: Hashable, Sendable, CustomStringConvertible {
    /// The cost as a power of two: bounded below, so that nobody is led to a cheap one; and above, so that what somebody wrote
    /// into a file cannot take a gigabyte.
    package static let costs = 14...20
    private static let usualCost = 17
    /// Block size and parallelism: those of the RFC's examples for files, and no others.
    private static let shape = (blockSize: 8, parallelism: 1)
    private static let saltLength = 16

    private let cost: Int
    private let salt: [UInt8]

    private init(cost: Int, salt: [UInt8]) {
        self.cost = cost
        self.salt = salt
    }

    /// A new one, with a random salt. A `cost` outside of the bounds becomes the nearest within.
    package static func random(cost: Int = usualCost) -> PassphraseDerivation {
        PassphraseDerivation(
            cost: min(max(cost, costs.lowerBound), costs.upperBound), salt: RandomBytes.make(count: saltLength))
    }

    /// Reads what `description` wrote; nil for anything else, and for a cost out of bounds.
    package init?(parsing text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 5, let cost = Int(parts[1]), Self.costs.contains(cost),
            let salt = Base64.decode(parts[4].utf8, .url), salt.count == Self.saltLength
        else { return nil }
        self.init(cost: cost, salt: salt)
        guard description == text else { return nil }
    }

    /// `scrypt:17:8:1:SALT`: the cost as a power of two, block size, parallelism, and the salt as base64url.
    package var description: String {
        "scrypt:\(cost):\(Self.shape.blockSize):\(Self.shape.parallelism):\(Base64.text(salt, .url))"
    }

    /// For people.
    package var words: String { "scrypt, 2^\(cost) rounds" }

    /// The key, 32 bytes; nil where there is no memory for it.
    package func key(from passphrase: Secret) -> Secret? {
        var bytes = passphrase.reveal()
        defer { for index in bytes.indices { bytes[index] = 0 } }
        return try? KDF.Scrypt.deriveKey(
            from: bytes, salt: salt, outputByteCount: KeyText.keyLength, rounds: 1 << cost,
            blockSize: Self.shape.blockSize, parallelism: Self.shape.parallelism
        ).secret
    }
}
