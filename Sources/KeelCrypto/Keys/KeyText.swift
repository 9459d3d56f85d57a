import KeelBase

/// Keys as they are written in files, in variables, and by the commands of secret stores.
package enum KeyText {
    static let prefix = "mailkeel-key-v1:"
    static let keyLength = 32

    /// One line for each key, as it stands in a key file; nil for anything else, and for a key that stands there twice.
    static func keys(in content: [UInt8]) -> [Secret]? {
        var content = content[...]
        if content.last == newline { content.removeLast() }
        var keys: [Secret] = []
        for line in content.split(separator: newline, omittingEmptySubsequences: false) {
            guard let key = key(in: line), !keys.contains(where: key.matches) else { return nil }
            keys.append(key)
        }
        return keys
    }

    /// The keys in what a variable holds or a command prints: lines of a key file, or one key alone as base64, base64url or
    /// hexadecimal digits, as secret stores make them.
    package static func keys(in text: Secret) -> [Secret]? {
        let content = text.withoutLineEnd.reveal()
        if let keys = keys(in: content) { return keys }
        let bare = content.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        let candidates = [
            Hexadecimal.decode(content), Base64.decode(bare, .url), Base64.decode(content, .standard),
        ]
        guard let bytes = candidates.lazy.compactMap(\.self).first(where: { $0.count == keyLength }) else { return nil }
        return [Secret(copying: bytes)]
    }

    /// A key as one line.
    static func line(_ key: Secret) -> [UInt8] { Array(prefix.utf8) + Base64.encode(key.reveal(), .url) + [newline] }

    private static let newline = UInt8(ascii: "\n")

    private static func key(in line: ArraySlice<UInt8>) -> Secret? {
        guard line.starts(with: prefix.utf8), let bytes = Base64.decode(line.dropFirst(prefix.utf8.count), .url),
            bytes.count == keyLength
        else { return nil }
        return Secret(copying: bytes)
    }
}
