/// A JUnit report, which nearly every CI server can show: suites of cases that passed, failed or were not run.
package struct JUnitDocument: Sendable {
    /// What became of a case.
    package enum Outcome: Sendable, Equatable {
        case passed
        /// `type` is a stable code; the message is one line.
        case failed(type: String, message: String, text: String)
        case skipped(String)
    }

    package struct Case: Sendable {
        package let name: String
        package let outcome: Outcome
        /// What else there is to say.
        package let output: String?
        package let elapsed: Duration?

        package init(_ name: String, _ outcome: Outcome, output: String? = nil, elapsed: Duration? = nil) {
            self.name = name
            self.outcome = outcome
            self.output = output
            self.elapsed = elapsed
        }
    }

    package struct Suite: Sendable {
        package let name: String
        package let cases: [Case]

        package init(_ name: String, _ cases: [Case]) {
            self.name = name
            self.cases = cases
        }
    }

    /// The whole document.
    package let text: String

    package init(_ name: String, _ suites: [Suite]) {
        let counts = Counts(suites.flatMap(\.cases))
        text =
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"\(Self.escaped(name))\"\(counts.text)>\n"
            + suites.map(Self.text).joined() + "</testsuites>\n"
    }

    private struct Counts {
        let text: String

        init(_ cases: [Case]) {
            let failures = cases.count { if case .failed = $0.outcome { true } else { false } }
            let skipped = cases.count { if case .skipped = $0.outcome { true } else { false } }
            let times = cases.compactMap(\.elapsed)
            text =
                " tests=\"\(cases.count)\" failures=\"\(failures)\"" + (skipped > 0 ? " skipped=\"\(skipped)\"" : "")
                + (times.isEmpty ? "" : time(times.reduce(.zero, +)))
        }
    }

    private static func text(_ suite: Suite) -> String {
        let name = escaped(suite.name)
        return "  <testsuite name=\"\(name)\"\(Counts(suite.cases).text)>\n"
            + suite.cases.map { text($0, suite: name) }.joined() + "  </testsuite>\n"
    }

    private static func text(_ testCase: Case, suite: String) -> String {
        let head =
            "    <testcase classname=\"\(suite)\" name=\"\(escaped(testCase.name))\""
            + (testCase.elapsed.map(time) ?? "")
        var body = ""
        switch testCase.outcome {
        case .passed: break
        case .failed(let type, let message, let text):
            body +=
                "      <failure type=\"\(escaped(type))\" message=\"\(escaped(message))\">\(escaped(text))</failure>\n"
        case .skipped(let reason): body += "      <skipped message=\"\(escaped(reason))\"/>\n"
        }
        if let output = testCase.output { body += "      <system-out>\(escaped(output))</system-out>\n" }
        return body.isEmpty ? "\(head)/>\n" : "\(head)>\n\(body)    </testcase>\n"
    }

    /// ` time="1.042"`, in seconds.
    private static func time(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let thousandths = String(attoseconds / 1_000_000_000_000_000)
        return " time=\"\(seconds).\(String(repeating: "0", count: max(0, 3 - thousandths.count)))\(thousandths)\""
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
