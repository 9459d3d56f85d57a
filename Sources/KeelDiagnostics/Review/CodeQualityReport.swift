import KeelBase

/// Diagnostics as GitLab's Code Quality report, which shows in a merge request what it adds and what it mends: "Code Quality",
/// "Import code quality results from a CI/CD job".
package struct CodeQualityReport: Sendable {
    /// The whole report.
    package let json: JSON

    /// `projectFile` is where findings are put that concern no single file: every entry must have a path.
    package init(_ report: ReviewReport, projectFile: String) {
        let projectFile = report.located(projectFile)
        json = .array(report.findings.map { Self.entry($0, projectFile) })
    }

    private static func entry(_ finding: ReviewReport.Finding, _ projectFile: String) -> JSON {
        let diagnostic = finding.diagnostic
        let severity: JSON =
            switch diagnostic.severity {
            case .error: "critical"
            case .warning: "minor"
            case .note: "info"
            }
        let line = diagnostic.range?.start.line ?? 1
        return .object([
            .init("description", .string(finding.summary + (finding.help.map { "; \($0)" } ?? ""))),
            .init("check_name", .string(diagnostic.code)), .init("fingerprint", .string(finding.fingerprint)),
            .init("severity", severity),
            .init(
                "location",
                .object([
                    .init("path", .string(finding.path ?? projectFile)),
                    .init("lines", .object([.init("begin", .integer(line))])),
                ])),
        ])
    }
}
