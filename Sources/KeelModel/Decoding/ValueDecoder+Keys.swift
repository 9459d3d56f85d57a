import KeelBase
import KeelDiagnostics
import KeelYAML

extension ValueDecoder {
    /// The hash of a public key: 32 bytes in base 64, padded.
    mutating func keyHash(_ node: YAMLNode, _ field: ValueName) -> String? {
        guard let text = text(node, field: field) else { return nil }
        if Self.isKeyHash(text) { return text }
        badValue(
            node, "\(field) must be a SHA-256 in base 64, which has 44 characters, not \(quoted(text))",
            help: Self.keyHash(meantBy: text).map { "did you mean \"\($0)\"?" }
                ?? "it is the hash of the server's public key (SubjectPublicKeyInfo), not of its certificate")
        return nil
    }

    private static func isKeyHash(_ text: String) -> Bool {
        text.utf8.count == 44 && Base64.decode(text.utf8)?.count == 32
    }

    /// As other programs write it: behind the name of the hash, or in hexadecimal, with colons or without.
    private static func keyHash(meantBy text: String) -> String? {
        for prefix in ["sha256//", "sha256/", "sha256:", "sha256-", "SHA256:"] where text.hasPrefix(prefix) {
            return keyHash(meantBy: String(text.dropFirst(prefix.utf8.count)))
        }
        if isKeyHash(text) { return text }
        if isKeyHash(text + "=") { return text + "=" }
        guard let bytes = Hexadecimal.decode(text.utf8.filter { $0 != UInt8(ascii: ":") }), bytes.count == 32 else {
            return nil
        }
        return Base64.text(bytes)
    }
}
