import KeelBase

/// Diagnostics as a SARIF 2.1.0 log, which code scanning shows beside the lines of a change.
package struct SARIFLog: Sendable {
    /// The whole log.
    package let json: JSON

    /// `toolVersion` is the version of the program that found them; `describing` gives the meaning of a code, where there is one.
    package init(_ report: ReviewReport, toolVersion: String, describing: (String) -> String? = { _ in nil }) {
        let codes = Set(report.findings.map(\.diagnostic.code)).sorted()
        let driver = JSON.object([
            .init("name", "mailkeel"), .init("version", .string(toolVersion)),
            .init("rules", .array(codes.map { Self.rule($0, describing($0)) })),
        ])
        let run = JSON.object([
            .init("tool", .object([.init("driver", driver)])), .init("columnKind", "unicodeCodePoints"),
            .init("results", .array(report.findings.map { Self.result($0, report) })),
        ])
        json = .object([
            .init("$schema", "https://json.schemastore.org/sarif-2.1.0.json"), .init("version", "2.1.0"),
            .init("runs", [run]),
        ])
    }

    private static func rule(_ code: String, _ description: String?) -> JSON {
        .present(
            ("id", .string(code)), ("shortDescription", description.map(text)),
            ("help", text("mailkeel explain \(code)")))
    }

    private static func result(_ finding: ReviewReport.Finding, _ report: ReviewReport) -> JSON {
        let diagnostic = finding.diagnostic
        let related = diagnostic.notes.compactMap { note in note.range.map { location($0, note.message, report) } }
        return .present(
            ("ruleId", .string(diagnostic.code)), ("level", .string(diagnostic.severity.rawValue)),
            ("message", text(finding.summary + (finding.help.map { "; \($0)" } ?? ""))),
            ("locations", .array(diagnostic.range.map { [location($0, nil, report)] } ?? [])),
            ("relatedLocations", related.isEmpty ? nil : .array(related)),
            ("partialFingerprints", .object([.init("mailkeel/v1", .string(finding.fingerprint))])))
    }

    private static func location(_ range: SourceRange, _ message: String?, _ report: ReviewReport) -> JSON {
        let path = report.located(report.sources[range.file].path)
        let region = JSON.object([
            .init("startLine", .integer(range.start.line)), .init("startColumn", .integer(range.start.column)),
            .init("endLine", .integer(range.end.line)),
            // The column after the last one, as ours.
            .init("endColumn", .integer(range.end.column)),
        ])
        let place = JSON.object([
            .init("artifactLocation", .object([.init("uri", .string(reference(path)))])), .init("region", region),
        ])
        return .present(("physicalLocation", place), ("message", message.map { text(TerminalText.clean($0)) }))
    }

    private static func text(_ words: String) -> JSON { .object([.init("text", .string(words))]) }

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
