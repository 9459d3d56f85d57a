import KeelBase

/// Diagnostics as a JUnit report: a suite for each file, a failed case for each error, and a passed one for each file without.
package struct JUnitReport: Sendable {
    /// The whole document.
    package let text: String

    package init(_ report: ReviewReport) {
        let findings = Dictionary(grouping: report.findings, by: \.path)
        var suites = report.files.map { Self.suite($0, findings[$0] ?? []) }
        if let others = findings[nil] { suites.append(Self.suite("project", others)) }
        text = JUnitDocument("mailkeel validate", suites).text
    }

    private static func suite(_ name: String, _ findings: [ReviewReport.Finding]) -> JUnitDocument.Suite {
        let isValid = !findings.contains { $0.diagnostic.severity == .error }
        let passed = isValid ? [JUnitDocument.Case("valid", .passed)] : []
        return JUnitDocument.Suite(name, passed + findings.map(testCase))
    }

    /// Only errors fail; what else there is to say stands in the case's output.
    private static func testCase(_ finding: ReviewReport.Finding) -> JUnitDocument.Case {
        let diagnostic = finding.diagnostic
        let place = diagnostic.range.map { "\($0.start)" }
        let subject = diagnostic.address.map { "\($0): \(diagnostic.code)" } ?? diagnostic.code
        let location = place.map { "\(finding.path ?? ""):\($0): " } ?? ""
        let words =
            "\(location)\(diagnostic.severity.rawValue): \(finding.summary)" + (finding.help.map { "\n\($0)" } ?? "")
        let name = place.map { "\(subject) at \($0)" } ?? subject
        guard diagnostic.severity == .error else { return JUnitDocument.Case(name, .passed, output: words) }
        return JUnitDocument.Case(name, .failed(type: diagnostic.code, message: finding.summary, text: words))
    }
}
