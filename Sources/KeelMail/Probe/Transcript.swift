import KeelBase

/// What went over the wire, fit to be kept: no credential, no control character, bounded.
package struct Transcript: Sendable, Hashable, CustomStringConvertible {
    package enum Side: String, Sendable {
        case client = "C"
        case server = "S"
    }

    package struct Line: Sendable, Hashable, CustomStringConvertible {
        package let side: Side
        package let text: ForeignText

        package var description: String { "\(side.rawValue): \(text)" }
    }

    /// The most lines that are kept.
    package static let limit = 200

    /// Whom the client spoke with.
    package let endpoint: HostPort
    package private(set) var lines: [Line] = []
    /// How many lines came after the last that was kept.
    package private(set) var omitted = 0

    package init(endpoint: HostPort) { self.endpoint = endpoint }

    /// Adds a line, from which the caller has cut every credential.
    mutating func add(_ side: Side, _ text: ForeignText) {
        guard lines.count < Self.limit else {
            omitted += 1
            return
        }
        lines.append(Line(side: side, text: text))
    }

    /// One line each, after one that names the server.
    package var description: String {
        let end = omitted == 0 ? [] : ["(\(omitted) more)"]
        return (["(\(endpoint))"] + lines.map(\.description) + end).joined(separator: "\n")
    }
}
