import KeelBase
import KeelDiagnostics
import Testing

struct DiagnosticTextRendererTests {
    /// Renders an error at a place of a file.
    private func render(
        _ text: String, _ start: (Int, Int), to end: (Int, Int)? = nil, message: String = "wrong", color: Bool = false
    ) -> String {
        var sources = SourceMap()
        let id = sources.add(path: "f.yaml", bytes: Array(text.utf8))
        let end = end ?? start
        let range = SourceRange(
            file: id, start: SourcePosition(line: start.0, column: start.1),
            end: SourcePosition(line: end.0, column: end.1))
        return DiagnosticTextRenderer(sources: sources, color: color).render(.error("x.y", message, at: range))
    }

    /// The source line and the caret line.
    private func excerpt(_ text: String, _ start: (Int, Int), to end: (Int, Int)? = nil) -> [String] {
        render(text, start, to: end).split(separator: "\n").suffix(2).map(String.init)
    }

    @Test func `an error shows the source line, a caret and the repair`() {
        var sources = SourceMap()
        let text = "a: 1\n\n\n\n\n\n  sever: outlook.office365.com\n"
        let id = sources.add(path: "accounts/support.yaml", bytes: Array(text.utf8))
        let range = SourceRange(
            file: id, start: SourcePosition(line: 7, column: 3), end: SourcePosition(line: 7, column: 8))
        let diagnostic = Diagnostic.error(
            "manifest.unknown-field", "unknown field \"sever\" in EmailAccount spec", at: range,
            help: "did you mean \"server\"?")
        #expect(
            DiagnosticTextRenderer(sources: sources, color: false).render(diagnostic) == """
                error[manifest.unknown-field]: unknown field "sever" in EmailAccount spec
                  --> accounts/support.yaml:7:3
                   |
                 7 |   sever: outlook.office365.com
                   |   ^^^^^
                   = help: did you mean "server"?

                """)
    }

    @Test func `a second place is shown after the first`() {
        var sources = SourceMap()
        let id = sources.add(path: "f", bytes: Array("a: 1\n2\n3\n4\n5\n6\n7\n8\n9\na: 2".utf8))
        let first = SourceRange(file: id, at: SourcePosition(line: 1, column: 1))
        let second = SourceRange(file: id, at: SourcePosition(line: 10, column: 1))
        let diagnostic = Diagnostic.warning("d", "twice", at: second, notes: [.init("first here", at: first)])
        #expect(
            DiagnosticTextRenderer(sources: sources, color: false).render(diagnostic) == """
                warning[d]: twice
                   --> f:10:1
                    |
                 10 | a: 2
                    | ^
                note: first here
                   --> f:1:1
                    |
                  1 | a: 1
                    | ^

                """)
    }

    @Test func `a failure of a resource says what the server answered and who must act`() {
        let diagnostic = Diagnostic(
            .error, "mail.login-refused", "login refused by imap.example.com:993",
            notes: [.init("nothing was changed")],
            help: "run mailkeel authorize m365:a@example.com", address: ResourceAddress(.emailAccount, "in"),
            answer: ServerAnswer(
                code: "AUTHENTICATIONFAILED", words: ForeignText("Invalid\u{1B}[2J credentials"),
                facts: [ServerAnswer.Fact("trace_id", "t-1\u{1B}")]),
            responsible: .user)
        #expect(
            DiagnosticTextRenderer(sources: SourceMap(), color: false).render(diagnostic) == """
                error[mail.login-refused]: login refused by imap.example.com:993
                   = resource: EmailAccount/in
                   = server answered: AUTHENTICATIONFAILED: Invalid\u{FFFD}[2J credentials
                   = trace id: t-1\u{FFFD}
                   = note: nothing was changed
                   = who must act: the user who consents
                   = help: run mailkeel authorize m365:a@example.com

                """)
    }

    @Test func `a tab is as wide above the caret as before it`() {
        #expect(excerpt("\ta:\tb", (1, 5), to: (1, 6)) == [" 1 |     a:    b", "   |           ^"])
    }

    @Test func `wide and combining characters keep the caret in step`() {
        #expect(excerpt("日本: b", (1, 5), to: (1, 6)) == [" 1 | 日本: b", "   |       ^"])
        #expect(excerpt("e\u{301}: b", (1, 5), to: (1, 6)) == [" 1 | e\u{301}: b", "   |    ^"])
        #expect(excerpt("日本: b", (1, 1), to: (1, 3)) == [" 1 | 日本: b", "   | ^^^^"])
    }

    @Test func `a range over several lines is underlined to the end of the first`() {
        #expect(excerpt("a: [1,\n2]", (1, 4), to: (2, 3)) == [" 1 | a: [1,", "   |    ^^^"])
    }

    @Test func `a place behind the end of a line has a caret there`() {
        #expect(excerpt("ab", (1, 3)) == [" 1 | ab", "   |   ^"])
    }

    @Test func `a long line is cut around the caret`() throws {
        let text = String(repeating: "a", count: 5000) + "bcd" + String(repeating: "e", count: 5000)
        let lines = excerpt(text, (1, 5001), to: (1, 5004))
        let source = try #require(lines.first).dropFirst(5)
        let caret = try #require(lines.last).dropFirst(5)
        #expect(source.hasPrefix("…aaa"))
        #expect(source.hasSuffix("eee…"))
        #expect(source.count < 160)
        let marked = zip(source, caret).filter { $0.1 == "^" }.map(\.0)
        #expect(String(marked) == "bcd")
    }

    @Test func `the beginning of a long line needs no cut before it`() {
        let text = "bcd" + String(repeating: "e", count: 5000)
        #expect(excerpt(text, (1, 2)).last == "   |  ^")
    }

    @Test func `nothing from a source, a path or a message moves the cursor`() {
        var sources = SourceMap()
        let id = sources.add(path: "a\u{1B}[1m\n.yaml", bytes: Array("x: \u{1B}[31m\u{202E}\u{7F}\u{9B}1m".utf8))
        let range = SourceRange(file: id, at: .start)
        let diagnostic = Diagnostic.error(
            "c", "bad\u{1B}]0;x\u{7}\nline", at: range, notes: [.init("n\u{8}"), .init("m\r", at: range)],
            help: "h\u{C}")
        let text = DiagnosticTextRenderer(sources: sources, color: false).render(diagnostic)
        let controls = text.unicodeScalars.filter {
            $0 != "\n" && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value))
        }
        #expect(controls.isEmpty)
        #expect(!text.unicodeScalars.contains("\u{202E}"))
        #expect(text.hasPrefix("error[c]: bad\u{FFFD}]0;x\u{FFFD} line\n"))
    }

    @Test func `a source that is not UTF-8 can be shown`() {
        var sources = SourceMap()
        let id = sources.add(path: "f", bytes: [0x61, 0xFF, 0xFE, 0x62])
        let range = SourceRange(file: id, at: .start)
        let text = DiagnosticTextRenderer(sources: sources, color: false).render(.error("c", "m", at: range))
        #expect(text.contains(" 1 | a"))
    }

    @Test func `colour wraps the same text`() {
        let plain = render("a: b", (1, 4), to: (1, 5))
        let colored = render("a: b", (1, 4), to: (1, 5), color: true)
        #expect(colored.contains("\u{1B}[31m"))
        #expect(colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == plain)
    }

    @Test func `a report is sorted, with an empty line between two`() {
        let report = DiagnosticReport([.error("b", "two"), .error("a", "one")])
        let text = DiagnosticTextRenderer(sources: SourceMap(), color: false).render(report)
        #expect(text == "error[a]: one\n\nerror[b]: two\n")
    }
}
