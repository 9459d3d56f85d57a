import KeelBase
import KeelDiagnostics
import KeelEngine

/// What came of a test, for CI servers: a case for each account and each profile.
package struct TestSuites {
    private var suites: [JUnitDocument.Suite] = []

    package init() {}

    package mutating func add(
        accounts results: [AccountTester.Result], untested: [ResourceAddress], notReached: [ResourceAddress] = []
    ) {
        let cases = results.map { result in
            let stages = TestRow(result).stages(TextStyle(color: false))
            return JUnitDocument.Case(
                result.address.description, Self.outcome(result.failure), output: Self.output(stages),
                elapsed: result.elapsed)
        }
        let others =
            untested.map { JUnitDocument.Case($0.description, .skipped("not in service")) }
            + notReached.map { JUnitDocument.Case($0.description, .skipped("the run was asked to stop")) }
        guard !cases.isEmpty || !others.isEmpty else { return }
        suites.append(JUnitDocument.Suite("accounts", cases + others))
    }

    package mutating func add(profiles results: [ProfileTester.Result]) {
        let cases = results.map { result in
            let stages = result.stages.map { "\($0.name.rawValue) \($0.verdict.rawValue): \($0.evidence)" }
            return JUnitDocument.Case(
                result.address.description, Self.outcome(result.failures.first), output: Self.output(stages),
                elapsed: result.stages.compactMap(\.elapsed).reduce(.zero, +))
        }
        if !cases.isEmpty { suites.append(JUnitDocument.Suite("profiles", cases)) }
    }

    /// The whole document.
    package var text: String { JUnitDocument("mailkeel test", suites).text }

    private static func outcome(_ failure: StepFailure?) -> JUnitDocument.Outcome {
        guard let diagnostic = failure?.diagnostic else { return .passed }
        let text = DiagnosticTextRenderer(sources: SourceMap(), color: false).render(diagnostic)
        return .failed(type: diagnostic.code, message: diagnostic.message, text: text)
    }

    private static func output(_ lines: [String]) -> String? { lines.isEmpty ? nil : lines.joined(separator: "\n") }
}
