import KeelCrypto

/// The random, immutable name of one issuance.
package struct GrantID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Lower-case letters and digits only, so that it can name a file.
    package let text: String

    /// A new one.
    package static func random() -> GrantID { GrantID(unchecked: RandomIdentifier.make()) }

    /// Reads an id; nil if it holds anything that no id of ours has.
    package init?(parsing text: String) {
        let isPlain = text.utf8.allSatisfy {
            ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
        }
        guard isPlain, (1...64).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }

    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
