import Glibc
import KeelBase

/// The environment variables, as they were at one moment.
///
/// Values are kept as secrets, because some are: a dump of this value shows none.
package struct ProcessEnvironment: Sendable {
    private let values: [String: Secret]

    /// An environment made up for a test or a child.
    package init(_ variables: [String: String]) {
        values = variables.mapValues { Secret(copying: $0) }
    }

    /// What this process was given. Take it once, at the start: changing the environment later is not thread-safe.
    package static func current() -> ProcessEnvironment {
        var values: [String: Secret] = [:]
        var next = unsafe environ
        while let entry = unsafe next.pointee {
            let bytes = unsafe UnsafeBufferPointer(start: entry, count: strlen(entry)).map(UInt8.init(bitPattern:))
            if let sign = bytes.firstIndex(of: UInt8(ascii: "=")) {
                let name = String(decoding: bytes[..<sign], as: UTF8.self)
                // getenv(3) answers with the first of several.
                if values[name] == nil { values[name] = Secret(copying: Array(bytes[(sign + 1)...])) }
            }
            unsafe next += 1
        }
        return ProcessEnvironment(values: values)
    }

    private init(values: [String: Secret]) { self.values = values }

    /// The value of a variable that is no secret; nil if it is not set.
    package subscript(name: String) -> String? { values[name]?.revealText() }

    /// The value of a variable that is set and not empty: most variables that are set to nothing mean nothing.
    package func nonEmpty(_ name: String) -> String? {
        self[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value of a variable that holds a secret; nil if it is not set.
    package func secret(_ name: String) -> Secret? { values[name] }

    /// All of them, as a program that is started here gets them.
    package var variables: [String: Secret] { values }

    /// The names of all variables, in order.
    package var names: [String] { values.keys.sorted() }
}
