import Glibc

/// Bytes that must never reach an output: a password, a client secret, a token, a key.
///
/// A `Secret` cannot be printed, encoded, compared with `==` or put into a string: it has no such
/// conformances, its mirror is empty, and interpolating one does not compile. The bytes are wiped
/// when the last copy goes. `reveal()` is the one way out, named so that a reviewer finds each use.
package struct Secret: Sendable {
    private let storage: Storage

    /// Copies `bytes`; the caller's copy is the caller's to forget.
    package init(copying bytes: [UInt8]) {
        storage = Storage(copying: bytes)
    }

    /// Copies the UTF-8 of `text`.
    package init(copying text: String) {
        storage = Storage(copying: Array(text.utf8))
    }

    /// The number of bytes.
    package var count: Int { storage.count }

    /// Whether there is nothing in it.
    package var isEmpty: Bool { storage.count == 0 }

    /// Lends the bytes for the length of `body`, without a copy.
    package func withBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try storage.withBytes(body)
    }

    /// A plain copy, for the moment in which it goes onto the wire, into a cipher, or to a user who asked for it.
    package func reveal() -> [UInt8] {
        storage.withBytes { span in unsafe span.withUnsafeBufferPointer { unsafe Array($0) } }
    }

    /// The bytes as text; invalid UTF-8 is repaired as the standard library does.
    package func revealText() -> String { String(decoding: reveal(), as: UTF8.self) }

    /// The same without one line end (LF or CRLF) after it: editors and commands add one, and it is no part of a password.
    package var withoutLineEnd: Secret {
        var bytes = reveal()
        defer { for index in bytes.indices { bytes[index] = 0 } }
        guard bytes.last == UInt8(ascii: "\n") else { return self }
        bytes.removeLast()
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Secret(copying: bytes)
    }

    /// Whether both hold the same bytes, in a time that does not depend on where they differ.
    package func matches(_ other: Secret) -> Bool {
        withBytes { mine in
            other.withBytes { theirs in
                guard mine.count == theirs.count else { return false }
                var difference: UInt8 = 0
                for index in mine.indices { difference |= mine[index] ^ theirs[index] }
                return difference == 0
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension DefaultStringInterpolation {
    /// A secret has no place in a string.
    @available(*, unavailable, message: "a secret has no place in a string")
    package mutating func appendInterpolation(_ secret: Secret) { fatalError("unavailable") }
}

/// The one owner of a secret's bytes.
///
/// `@unchecked`: the memory is written once, before the object is shared, and read only after that.
@safe
private final class Storage: @unchecked Sendable {
    private let buffer: UnsafeMutableBufferPointer<UInt8>

    init(copying bytes: [UInt8]) {
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
        _ = unsafe buffer.initialize(fromContentsOf: bytes)
        unsafe self.buffer = buffer
    }

    var count: Int { unsafe buffer.count }

    func withBytes<Result, Failure: Error>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeBufferPointer(buffer).span)
    }

    deinit {
        if let base = unsafe buffer.baseAddress { unsafe explicit_bzero(base, buffer.count) }
        unsafe buffer.deallocate()
    }
}
