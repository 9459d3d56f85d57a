import KeelBase
import KeelDiagnostics
import Testing

struct DiagnosticJSONTests {
    @Test func `a mistake in a manifest is one object with its places`() throws {
        var sources = SourceMap()
        let id = sources.add(path: "accounts/a.yaml", bytes: Array("a: 1\na: 2".utf8))
        let first = SourceRange(file: id, at: .start)
        let range = SourceRange(
            file: id, start: SourcePosition(line: 2, column: 1), end: SourcePosition(line: 2, column: 2))
        let json = Diagnostic.error(
            "yaml.duplicate-key", "duplicate key \"a\"", at: range, notes: [.init("first here", at: first)],
            help: "remove one of them"
        ).json(in: sources)
        #expect(json["severity"] == "error")
        #expect(json["code"] == "yaml.duplicate-key")
        #expect(json["place"]?["file"] == "accounts/a.yaml")
        #expect(json["place"]?["line"] == 2)
        #expect(json["place"]?["endColumn"] == 2)
        #expect(json["notes"]?.array?.first?["place"]?["line"] == 1)
        #expect(json["help"] == "remove one of them")
    }

    @Test func `a failure of a resource keeps the server's code apart from its words`() {
        let json = Diagnostic(
            .error, "oauth.refused", "m", address: ResourceAddress(.oauthProfile, "m365"),
            answer: ServerAnswer(
                code: "invalid_client", words: ForeignText("no\nsuch\u{1B} client"),
                facts: [ServerAnswer.Fact("trace_id", "t-\u{1B}1")]),
            responsible: .appAdministrator
        ).json(in: SourceMap())
        #expect(json["address"] == "OAuthProfile/m365")
        #expect(json["answer"]?["code"] == "invalid_client")
        #expect(json["answer"]?["words"] == "no such\u{FFFD} client")
        #expect(json["answer"]?["trace_id"] == "t-\u{FFFD}1")
        #expect(json["responsible"] == "app_administrator")
        #expect(json["place"] == nil)
    }

    @Test func `control characters of a message are escaped and the record stays on one line`() {
        let text = Diagnostic.error("c", "a\n\u{1B}b").json(in: SourceMap()).text()
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test func `a line that may hold a secret is never quoted`() {
        for line in [
            "secret: hunter2", "  client: { secret: hunter2 }", "password: [hunter2]", "  Password: hunter2",
            "{\"password\": \"hunter2\"}", "password : hunter2", "{ secret: { fromEnv: A }, password: hunter2 }",
            "secret: hunter2-from-here", "{ password: { value: hunter2 } }",
        ] {
            var sources = SourceMap()
            let id = sources.add(path: "a.yaml", bytes: Array(line.utf8))
            let text = DiagnosticTextRenderer(sources: sources, color: false).render(
                .error("c", "m", at: SourceRange(file: id, at: .start)))
            #expect(!text.contains("hunter2"))
            #expect(text.contains("a.yaml:1:1"))
        }
    }
}
