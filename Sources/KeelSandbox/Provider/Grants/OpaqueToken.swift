import KeelBase
import KeelCrypto

/// A text that nobody can guess: a token or a code. Tables keep its digest alone; 32 random bytes cannot be guessed from
/// theirs.
struct OpaqueToken {
    let text: String

    init() { text = Base64.text(RandomBytes.make(count: 32), .url) }

    var digest: [UInt8] { Self.digest(of: text) }

    static func digest(of text: String) -> [UInt8] { SHA256Digest.bytes(of: Array(text.utf8)) }
}
