import KeelBase

/// Diagnostics as workflow commands, by which a job of GitHub Actions puts annotations beside the lines of a change: "Workflow
/// commands for GitHub Actions".
package struct WorkflowCommands: Sendable {
    /// A line for each diagnostic.
    package let text: String

    package init(_ report: ReviewReport) { text = report.findings.map(Self.command).joined() }

    private static func command(_ finding: ReviewReport.Finding) -> String {
        let diagnostic = finding.diagnostic
        let word =
            switch diagnostic.severity {
            case .error: "error"
            case .warning: "warning"
            case .note: "notice"
            }
        var properties: [(String, String)] = []
        if let range = diagnostic.range, let path = finding.path {
            properties = [("file", path), ("line", "\(range.start.line)"), ("endLine", "\(range.end.line)")]
            // Columns are allowed within one line only.
            if range.start.line == range.end.line {
                let last = max(range.start.column, range.end.column - 1)
                properties += [("col", "\(range.start.column)"), ("endColumn", "\(last)")]
            }
        }
        properties.append(("title", diagnostic.code))
        let list = properties.map { "\($0.0)=\(escaped($0.1, inProperty: true))" }.joined(separator: ",")
        let message = finding.summary + (finding.help.map { "\n\($0)" } ?? "")
        return "::\(word) \(list)::\(escaped(message, inProperty: false))\n"
    }

    /// A command is one line; what could end it, or a property, is percent-encoded, as the runner's own library does.
    private static func escaped(_ text: String, inProperty: Bool) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "%": result += "%25"
            case "\r": result += "%0D"
            case "\n": result += "%0A"
            case ":" where inProperty: result += "%3A"
            case "," where inProperty: result += "%2C"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
