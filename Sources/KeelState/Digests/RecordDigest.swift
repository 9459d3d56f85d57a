import KeelBase
import KeelCrypto

/// The digest of what is declared and of what holds: equal digests mean that there is no difference to look for.
///
/// Values count, and not why they are what they are. Names come in ascending UTF-8 order, all declared ones before all
/// effective ones; the caller sees to that. No secret is in it: fields hold sources only.
package struct RecordDigest: Sendable {
    /// Every text has its length before it and every value its kind, so that no two lists of values are the same bytes.
    private var buffer: [UInt8] = []

    package init() { buffer.reserveCapacity(1024) }

    /// Adds what a manifest said.
    package mutating func declared(_ name: String, _ value: FieldValue) { add(.declared, name, value) }

    /// Adds what holds.
    package mutating func effective(_ name: String, _ value: FieldValue) { add(.effective, name, value) }

    /// The first 16 bytes of a SHA-256, in 32 digits: as hard to meet by accident as needs be, and half as long.
    package consuming func hexadecimal() -> String {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for byte in SHA256Digest.bytes(of: buffer).prefix(16) {
            for digit in [byte >> 4, byte & 15] {
                text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private enum Tag: UInt8 {
        case declared = 1
        case effective, text, integer, boolean, set, map, environment, file, command, vault
    }

    private mutating func add(_ side: Tag, _ name: String, _ value: FieldValue) {
        buffer.append(side.rawValue)
        add(name)
        switch value {
        case .text(let text):
            buffer.append(Tag.text.rawValue)
            add(text)
        case .integer(let number): add(.integer, number)
        case .boolean(let flag):
            buffer.append(Tag.boolean.rawValue)
            buffer.append(flag ? 1 : 0)
        case .set(let texts):
            add(.set, texts.count)
            for text in texts { add(text) }
        case .map(let pairs):
            add(.map, pairs.count)
            for (key, value) in pairs.inByteOrder {
                add(key)
                add(value)
            }
        case .secret(let source): add(source)
        }
    }

    private mutating func add(_ source: SecretSource) {
        switch source.location {
        case .environment(let name): add(.environment, [name])
        case .file(let path): add(.file, [path])
        case .command(let words): add(.command, words)
        case .vault(let name): add(.vault, [name])
        }
        buffer.append(source.version == nil ? 0 : 1)
        if let version = source.version { add(version) }
    }

    private mutating func add(_ tag: Tag, _ texts: [String]) {
        add(tag, texts.count)
        for text in texts { add(text) }
    }

    private mutating func add(_ tag: Tag, _ number: Int) {
        buffer.append(tag.rawValue)
        add(number)
    }

    private mutating func add(_ text: String) {
        add(text.utf8.count)
        buffer.append(contentsOf: text.utf8)
    }

    private mutating func add(_ number: Int) {
        var rest = UInt64(bitPattern: Int64(number))
        for _ in 0..<8 {
            buffer.append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }
}

extension CommittedRecord {
    /// The digest of what was declared and what held.
    package var digest: String { OrderedFields(self).digest }
}
