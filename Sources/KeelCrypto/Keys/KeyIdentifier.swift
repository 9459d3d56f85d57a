import KeelBase

/// A short name for a key, fit to be stored and shown: it tells keys apart and tells nothing about them.
///
/// It is made by HMAC under the key; an unkeyed hash would let anybody confirm a guess at a weak key.
package struct KeyIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// The number of bytes.
    package static let length = 8

    /// `length` bytes.
    package let bytes: [UInt8]

    /// The identifier of a key.
    package init(of key: Secret) {
        bytes = Array(MessageAuthentication.code(for: Array("mailkeel/key-id/v1".utf8), key: key).prefix(Self.length))
    }

    /// The identifier as it stands in front of a sealed value; nil unless there are `length` bytes.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads 16 hexadecimal digits; nil for anything else.
    package init?(parsing text: String) {
        guard let bytes = Hexadecimal.decode(text.utf8) else { return nil }
        self.init(bytes)
    }

    /// 16 hexadecimal digits.
    package var description: String { Hexadecimal.text(bytes) }
}
