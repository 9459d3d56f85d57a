import KeelBase
import KeelDiagnostics

/// A report with everything that can be awkward in it: two places, words of a server, markup, line breaks, a file without a finding.
enum ReviewFixture {
    static let report: ReviewReport = {
        var sources = SourceMap()
        let id = sources.add(path: "my accounts/é,1.yaml", bytes: Array("a: 1\na: 2\n".utf8))
        _ = sources.add(path: "clean.yaml", bytes: [])
        let first = SourceRange(file: id, at: .start)
        let range = SourceRange(
            file: id, start: SourcePosition(line: 2, column: 1), end: SourcePosition(line: 2, column: 3))
        let whole = SourceRange(file: id, start: .start, end: SourcePosition(line: 2, column: 4))
        let report = DiagnosticReport([
            .error(
                "yaml.duplicate-key", "twice <\"a\"> & ]]> 100 %\nand on", at: range,
                notes: [.init("first here", at: first), .init("no place")], help: "remove\none"),
            Diagnostic(
                .warning, "lint.debug", "debug: on", at: whole, address: ResourceAddress(.emailAccount, "desk")),
            .note("project.skipped-file", "a.yaml was skipped"),
            .note("project.skipped-file", "a.yaml was skipped"),
        ])
        return ReviewReport(report, in: sources) { "mail/\($0)" }
    }()
}
