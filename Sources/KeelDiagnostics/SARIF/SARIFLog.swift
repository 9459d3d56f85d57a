import FoundationEssentials
import KeelBase

/// Diagnostics as a SARIF 2.1.0 log, which code review tools show beside the lines of a change.
package struct SARIFLog: Encodable, Sendable {
    private let version = "2.1.0"
    private let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    private let runs: [Run]

    private enum CodingKeys: String, CodingKey {
        case version, runs
        case schema = "$schema"
    }

    /// `toolVersion` is the version of the program that found them.
    package init(_ report: DiagnosticReport, in sources: SourceMap, toolVersion: String) {
        let diagnostics = report.sorted(in: sources)
        let rules = Set(diagnostics.map(\.code)).sorted().map(Rule.init)
        runs = [
            Run(
                tool: Tool(driver: Driver(name: "mailkeel", version: toolVersion, rules: rules)),
                columnKind: "unicodeCodePoints", results: diagnostics.map { Result($0, in: sources) })
        ]
    }

    /// The whole log, members sorted by name.
    package func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension SARIFLog {
    fileprivate struct Run: Encodable {
        let tool: Tool
        let columnKind: String
        let results: [Result]
    }

    fileprivate struct Tool: Encodable { let driver: Driver }

    fileprivate struct Driver: Encodable {
        let name: String
        let version: String
        let rules: [Rule]
    }

    fileprivate struct Rule: Encodable { let id: String }

    fileprivate struct Message: Encodable { let text: String }

    fileprivate struct Result: Encodable {
        let ruleId: String
        let level: String
        let message: Message
        let locations: [Location]
        let relatedLocations: [Location]

        init(_ diagnostic: Diagnostic, in sources: SourceMap) {
            ruleId = diagnostic.code
            level = diagnostic.severity.rawValue
            let address = diagnostic.address.map { "\($0.description): " } ?? ""
            let answer = diagnostic.answer.map { "; the server answered \($0.description)" } ?? ""
            let help = diagnostic.help.map { "; \($0)" } ?? ""
            message = Message(text: address + diagnostic.message + answer + help)
            locations = diagnostic.range.map { [Location($0, nil, in: sources)] } ?? []
            relatedLocations = diagnostic.notes.compactMap { note in
                note.range.map { Location($0, note.message, in: sources) }
            }
        }
    }

    fileprivate struct Location: Encodable {
        let physicalLocation: PhysicalLocation
        let message: Message?

        init(_ range: SourceRange, _ text: String?, in sources: SourceMap) {
            physicalLocation = PhysicalLocation(
                artifactLocation: ArtifactLocation(uri: Self.reference(sources[range.file].path)),
                region: Region(
                    startLine: range.start.line, startColumn: range.start.column, endLine: range.end.line,
                    endColumn: range.end.column))
            message = text.map { Message(text: $0) }
        }

        /// A path as a URI reference (RFC 3986 section 4.2): what is not unreserved or a slash is percent-encoded.
        private static func reference(_ path: String) -> String {
            path.utf8.reduce(into: "") { text, byte in
                if unreserved.contains(byte) {
                    text.unicodeScalars.append(Unicode.Scalar(byte))
                } else {
                    text += byte < 0x10 ? "%0" : "%"
                    text += String(byte, radix: 16, uppercase: true)
                }
            }
        }

        private static let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    }

    fileprivate struct PhysicalLocation: Encodable {
        let artifactLocation: ArtifactLocation
        let region: Region
    }

    fileprivate struct ArtifactLocation: Encodable { let uri: String }

    fileprivate struct Region: Encodable {
        let startLine: Int
        let startColumn: Int
        let endLine: Int
        /// The column after the last one, as ours.
        let endColumn: Int
    }
}
