import KeelBase
import KeelDiagnostics
import Testing

struct DiagnosticReportTests {
    private func range(_ file: SourceFileID, _ line: Int, _ column: Int) -> SourceRange {
        SourceRange(file: file, at: SourcePosition(line: line, column: column))
    }

    @Test func `diagnostics are sorted by path, place and code, and those without a place come last`() {
        var sources = SourceMap()
        let second = sources.add(path: "b.yaml", bytes: [])
        let first = sources.add(path: "a.yaml", bytes: [])
        var account = Diagnostic(.error, "f", "")
        account.address = ResourceAddress(.emailAccount, "x")
        var profile = Diagnostic(.error, "e", "")
        profile.address = ResourceAddress(.oauthProfile, "x")
        let report = DiagnosticReport([
            .error("g", ""), account, profile, .error("d", "", at: range(second, 1, 1)),
            .warning("c", "", at: range(first, 10, 1)), .error("b", "", at: range(first, 9, 2)),
            .error("a", "", at: range(first, 9, 2)),
        ])
        #expect(report.sorted(in: sources).map(\.code) == ["a", "b", "c", "d", "e", "f", "g"])
    }

    @Test func `equal diagnostics keep their order`() {
        let report = DiagnosticReport((0..<50).map { .error("x", String($0)) })
        #expect(report.sorted(in: SourceMap()).map(\.message) == (0..<50).map(String.init))
    }

    @Test func `what is said of one place again is said once, and then of no resource`() {
        var sources = SourceMap()
        let file = sources.add(path: "a.yaml", bytes: [])
        func mistake(_ message: String, _ line: Int, _ name: String) -> Diagnostic {
            var diagnostic = Diagnostic.error("x", message, at: range(file, line, 1))
            diagnostic.address = ResourceAddress(.emailAccount, name)
            return diagnostic
        }
        var report = DiagnosticReport([
            mistake("m", 1, "a"), mistake("m", 2, "a"), mistake("m", 1, "b"), mistake("n", 1, "a"),
            mistake("n", 1, "a"),
            .error("x", "m"), .error("x", "m"),
        ])
        report.mergeRepeats()
        #expect(report.diagnostics.map(\.message) == ["m", "m", "n", "m", "m"])
        #expect(report.diagnostics.map { $0.address?.name } == [nil, "a", "a", nil, nil])
    }

    @Test func `a warning is no error`() {
        var report = DiagnosticReport()
        report.append(.warning("a", ""))
        report.append(contentsOf: [.note("b", "")])
        #expect(!report.hasErrors)
        #expect(report.summary == "1 warning")
        report.append(.error("c", ""))
        report.append(.error("d", ""))
        #expect(report.hasErrors)
        #expect(report.count(of: .error) == 2)
        #expect(report.summary == "2 errors, 1 warning")
    }

    @Test func `there is no summary of nothing`() {
        #expect(DiagnosticReport().summary == nil)
    }
}
