import KeelBase

/// Diagnostics as a JUnit report, which nearly every CI server can show: a suite for each file, a failed case for each error, and a
/// passed one for each file without.
package struct JUnitReport: Sendable {
    /// The whole document.
    package let text: String

    package init(_ report: ReviewReport) {
        let findings = Dictionary(grouping: report.findings, by: \.path)
        var suites = report.files.map { Suite($0, findings[$0] ?? []) }
        if let others = findings[nil] { suites.append(Suite("project", others)) }
        let cases = suites.reduce(0) { $0 + $1.cases.count }
        let failures = suites.reduce(0) { $0 + $1.failures }
        text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + "<testsuites name=\"mailkeel validate\" tests=\"\(cases)\" failures=\"\(failures)\">\n"
            + suites.map(\.text).joined() + "</testsuites>\n"
    }

    private struct Suite {
        let name: String
        let failures: Int
        let cases: [String]

        init(_ name: String, _ findings: [ReviewReport.Finding]) {
            self.name = JUnitReport.escaped(name)
            failures = findings.count { $0.diagnostic.severity == .error }
            let passed = failures == 0 ? ["    <testcase classname=\"\(self.name)\" name=\"valid\"/>\n"] : []
            cases = passed + findings.map { [name = self.name] in JUnitReport.testCase($0, suite: name) }
        }

        var text: String {
            "  <testsuite name=\"\(name)\" tests=\"\(cases.count)\" failures=\"\(failures)\">\n"
                + cases.joined() + "  </testsuite>\n"
        }
    }

    /// Only errors fail; what else there is to say stands in the case's output.
    private static func testCase(_ finding: ReviewReport.Finding, suite: String) -> String {
        let diagnostic = finding.diagnostic
        let place = diagnostic.range.map { "\($0.start)" }
        let subject = diagnostic.address.map { "\($0): \(diagnostic.code)" } ?? diagnostic.code
        let name = escaped(place.map { "\(subject) at \($0)" } ?? subject)
        let location = place.map { "\(finding.path ?? ""):\($0): " } ?? ""
        let words = escaped(
            "\(location)\(diagnostic.severity.rawValue): \(finding.summary)" + (finding.help.map { "\n\($0)" } ?? ""))
        let body =
            diagnostic.severity == .error
            ? "<failure type=\"\(escaped(diagnostic.code))\" message=\"\(escaped(finding.summary))\">\(words)</failure>"
            : "<system-out>\(words)</system-out>"
        return "    <testcase classname=\"\(suite)\" name=\"\(name)\">\n      \(body)\n    </testcase>\n"
    }

    /// XML 1.0 allows no control characters (section 2.2), and its markup is written by entities.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
