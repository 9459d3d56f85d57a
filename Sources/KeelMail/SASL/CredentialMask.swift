import KeelBase

/// Cuts out of a server's bytes what they repeat of a credential.
///
/// A server that takes a token's line for a command may answer `BAD unknown command eyJ0...`, whole or
/// cut short. Any stretch of `window` bytes that also stands in the credential is replaced.
struct CredentialMask: Sendable, CustomReflectable {
    private var secrets: [Secret] = []
    /// The shortest run of bytes without a blank in which one of them can stand: 0 where one has blanks itself, nil where
    /// there is nothing to look for. Tokens and base 64 have no blanks, a password may have some.
    private var shortestRun: Int?
    /// Filled when a stretch first looks like a credential, which in a successful login is never.
    private var patterns: [Pattern]?

    init(_ secrets: [Secret]) { for secret in secrets { add(secret) } }

    /// Shorter stretches are of no use to a thief, and occur by chance.
    private static let window = 24
    /// A shorter secret is not looked for: it would mask ordinary words.
    private static let shortest = 4
    private static let replacement = Array("(credential)".utf8)

    /// Looks for this one too.
    mutating func add(_ secret: Secret) {
        secrets.append(secret)
        patterns = nil
        guard secret.count >= Self.shortest else { return }
        let hasBlanks = secret.withBytes { span in span.indices.contains { span[$0] <= 0x20 } }
        let run = hasBlanks ? 0 : min(Self.window, secret.count)
        shortestRun = min(run, shortestRun ?? run)
    }

    /// `bytes` with every repetition replaced.
    mutating func applied(to bytes: [UInt8]) -> [UInt8] {
        guard hasCandidate(bytes) else { return bytes }
        let patterns = self.patterns ?? secrets.compactMap { Pattern($0, Self.window, Self.shortest) }
        self.patterns = patterns
        var masked = [Bool](repeating: false, count: bytes.count)
        var found = false
        for pattern in patterns { found = pattern.mark(bytes, &masked) || found }
        guard found else { return bytes }
        var output: [UInt8] = []
        for index in bytes.indices {
            if !masked[index] {
                output.append(bytes[index])
            } else if index == 0 || !masked[index - 1] {
                output.append(contentsOf: Self.replacement)
            }
        }
        return output
    }

    /// Whether some run without a blank is long enough.
    private func hasCandidate(_ bytes: [UInt8]) -> Bool {
        guard let shortestRun else { return false }
        guard shortestRun > 0 else { return true }
        var run = 0
        for byte in bytes {
            run = byte > 0x20 ? run + 1 : 0
            if run >= shortestRun { return true }
        }
        return false
    }

    /// The fingerprints of a credential's stretches would be a way to test guesses.
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// The rolling fingerprints (Rabin and Karp, modulo 2^64) of all stretches of one secret.
///
/// Two stretches may share a fingerprint; then something harmless is masked.
private struct Pattern: Sendable {
    let length: Int
    let fingerprints: Set<UInt64>
    private static let base: UInt64 = 0x9E37_79B9_7F4A_7C15

    init?(_ secret: Secret, _ window: Int, _ shortest: Int) {
        guard secret.count >= shortest else { return nil }
        length = min(window, secret.count)
        var fingerprints: Set<UInt64> = []
        Self.roll(secret.reveal(), length) { _, fingerprint in fingerprints.insert(fingerprint) }
        self.fingerprints = fingerprints
    }

    /// Marks every byte of `bytes` that lies in a known stretch; whether there was one.
    func mark(_ bytes: [UInt8], _ masked: inout [Bool]) -> Bool {
        var markedTo = 0
        Self.roll(bytes, length) { end, fingerprint in
            guard fingerprints.contains(fingerprint) else { return }
            for index in max(markedTo, end - length)..<end { masked[index] = true }
            markedTo = end
        }
        return markedTo > 0
    }

    /// Calls `body` with the end and the fingerprint of each stretch of `length` bytes.
    private static func roll(_ bytes: [UInt8], _ length: Int, _ body: (Int, UInt64) -> Void) {
        var leaving: UInt64 = 1
        for _ in 0..<length { leaving &*= base }
        var fingerprint: UInt64 = 0
        for index in bytes.indices {
            fingerprint = fingerprint &* base &+ UInt64(bytes[index]) &+ 1
            if index >= length { fingerprint &-= leaving &* (UInt64(bytes[index - length]) &+ 1) }
            if index + 1 >= length { body(index + 1, fingerprint) }
        }
    }
}
