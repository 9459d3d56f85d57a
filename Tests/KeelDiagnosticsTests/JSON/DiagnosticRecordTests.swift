import KeelBase
import KeelDiagnostics
import Testing

struct DiagnosticRecordTests {
    @Test func `a mistake in a manifest is one object with its places`() throws {
        var sources = SourceMap()
        let id = sources.add(path: "accounts/a.yaml", bytes: Array("a: 1\na: \"é\u{7}\"".utf8))
        let first = SourceRange(file: id, at: .start)
        let range = SourceRange(
            file: id, start: SourcePosition(line: 2, column: 1), end: SourcePosition(line: 2, column: 2))
        let diagnostic = Diagnostic.error(
            "yaml.duplicate-key", "duplicate key \"a\"", at: range, notes: [.init("first here", at: first)],
            help: "remove one of them")
        let members = [
            #""code":"yaml.duplicate-key""#, #""column":1"#, #""endColumn":2"#, #""endLine":2"#,
            #""file":"accounts/a.yaml""#, #""help":"remove one of them""#, #""line":2"#,
            #""message":"duplicate key \"a\"""#,
            #""notes":[{"column":1,"endColumn":1,"endLine":1,"file":"accounts/a.yaml","line":1,"#
                + #""message":"first here"}]"#,
            #""severity":"error""#,
        ]
        #expect(try DiagnosticRecord(diagnostic, in: sources).json() == "{" + members.joined(separator: ",") + "}")
    }

    @Test func `a failure of a resource keeps the server's code apart from its words`() throws {
        let diagnostic = Diagnostic(
            .error, "oauth.refused", "m", address: ResourceAddress(.oauthProfile, "m365"),
            answer: ServerAnswer(code: "invalid_client", words: ForeignText("no\nsuch\u{1B} client")),
            responsible: .appAdministrator)
        let json = try DiagnosticRecord(diagnostic, in: SourceMap()).json()
        #expect(json.contains(#""address":"OAuthProfile/m365""#))
        #expect(json.contains(#""answer":{"code":"invalid_client","words":"no such\#u{FFFD} client"}"#))
        #expect(json.contains(#""responsible":"app_administrator""#))
        #expect(!json.contains("\"file\""))
    }

    @Test func `control characters of a message are escaped and the record stays on one line`() throws {
        let json = try DiagnosticRecord(.error("c", "a\n\u{1B}b"), in: SourceMap()).json()
        #expect(json.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }
}
