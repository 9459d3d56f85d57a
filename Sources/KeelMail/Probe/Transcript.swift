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
        /// Since the connection was begun, by the driver's clock.
        package let at: Duration

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
    mutating func add(_ side: Side, _ text: ForeignText, at time: Duration) {
        guard lines.count < Self.limit else {
            omitted += 1
            return
        }
        lines.append(Line(side: side, text: text, at: time))
    }

    /// As `description`, each line behind its time: `+0.013 S: * OK ready`.
    package var timed: String {
        let end = omitted == 0 ? [] : ["(\(omitted) more)"]
        return (["(\(endpoint))"] + lines.map { "\(Self.seconds($0.at)) \($0)" } + end).joined(separator: "\n")
    }

    private static func seconds(_ time: Duration) -> String {
        let (seconds, attoseconds) = time.components
        let thousandths = String(attoseconds / 1_000_000_000_000_000)
        return "+\(seconds)." + String(repeating: "0", count: max(0, 3 - thousandths.count)) + thousandths
    }

    /// One line each, after one that names the server.
    package var description: String {
        let end = omitted == 0 ? [] : ["(\(omitted) more)"]
        return (["(\(endpoint))"] + lines.map(\.description) + end).joined(separator: "\n")
    }
}
