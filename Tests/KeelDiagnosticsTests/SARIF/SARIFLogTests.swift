import KeelBase
import KeelDiagnostics
import Testing

struct SARIFLogTests {
    @Test func `a log names the rules once and each result with its places`() throws {
        var sources = SourceMap()
        let id = sources.add(path: "my accounts/é.yaml", bytes: Array("a: 1\na: 2".utf8))
        let first = SourceRange(file: id, at: .start)
        let range = SourceRange(
            file: id, start: SourcePosition(line: 2, column: 1), end: SourcePosition(line: 2, column: 2))
        let report = DiagnosticReport([
            .error(
                "yaml.duplicate-key", "twice", at: range, notes: [.init("first here", at: first)], help: "remove it"),
            .warning("yaml.duplicate-key", "again"),
        ])
        let json = try SARIFLog(report, in: sources, toolVersion: "1.0").json()
        #expect(json.contains(#""uri" : "my%20accounts/%C3%A9.yaml""#))
        #expect(json.contains(#""text" : "twice; remove it""#))
        #expect(json.contains(#""text" : "first here""#))
        #expect(json.contains(#""startLine" : 2"#))
        #expect(json.contains(#""columnKind" : "unicodeCodePoints""#))
        #expect(json.contains(#""level" : "warning""#))
        #expect(json.split(separator: #""id" : "#).count == 2)
    }
}
