/// Several values as one run of bytes, for codes and associated data.
///
/// Each field is preceded by its length, so that two different lists never give the same bytes:
/// `("ab", "c")` and `("a", "bc")` must not be taken for each other.
package struct AuthenticatedFields: Sendable {
    /// The encoding so far.
    package private(set) var bytes: [UInt8] = []

    /// Begins with what the fields are for, so that a code for one use is no code for another.
    package init(purpose: String, _ texts: String...) {
        append(purpose)
        for text in texts { append(text) }
    }

    package mutating func append(_ text: String) { append(Array(text.utf8)) }

    package mutating func append(_ number: Int) { append(Self.bigEndian(UInt64(bitPattern: Int64(number)))) }

    package mutating func append(_ field: [UInt8]) {
        bytes += Self.bigEndian(UInt64(field.count))
        bytes += field
    }

    /// A value that may be absent; absent is not the same as empty.
    package mutating func append(optional field: [UInt8]?) {
        append(field == nil ? 0 : 1)
        if let field { append(field) }
    }

    private static func bigEndian(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
    }
}
