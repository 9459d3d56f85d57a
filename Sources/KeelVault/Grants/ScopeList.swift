import FoundationEssentials

/// A set of scopes as the text of a JSON array in byte order, so that equal sets are equal texts.
enum ScopeList {
    static func text(_ scopes: [String]) throws(VaultFailure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(Set(scopes).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }) else {
            throw VaultFailure(.io, "the scopes cannot be written as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// Scopes hold neither quotes nor backslashes (RFC 6749 section 3.3), so nearly every list is read without a
    /// JSON decoder.
    static func scopes(_ text: String) throws(VaultFailure) -> [String] {
        let bytes = text.utf8
        if bytes.elementsEqual("[]".utf8) { return [] }
        if bytes.starts(with: "[\"".utf8), bytes.suffix(2).elementsEqual("\"]".utf8),
            !bytes.contains(UInt8(ascii: "\\"))
        {
            let parts = bytes.dropFirst().dropLast().split(
                separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            let isPlain = parts.allSatisfy {
                $0.count >= 2 && $0.first == quote && $0.last == quote && !$0.dropFirst().dropLast().contains(quote)
            }
            if isPlain { return parts.map { String(Substring($0.dropFirst().dropLast())) } }
        }
        guard let scopes = try? JSONDecoder().decode([String].self, from: Data(bytes)) else {
            throw VaultFailure(.corrupt, "the scopes of a grant are not a JSON array")
        }
        return scopes
    }

    private static let quote = UInt8(ascii: "\"")
}
