import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders
import KeelYAML
import Testing

struct StarterTests {
    /// Answers every question of an interview: with the given values, with what is usual, else with something that fits.
    static func interview(_ given: [StarterQuestion: [String]]) throws -> StarterInterview {
        let made: [StarterQuestion: String] = [
            .issuer: "https://login.example.com", .server: "mail.example.com", .tenant: "contoso.onmicrosoft.com",
            .clientID: "6d1f0c1e-0000-4000-8000-4a3f6c2b9d10", .mailboxes: "support@contoso.com, desk@contoso.com",
        ]
        var interview = StarterInterview()
        while let question = interview.next {
            try interview.answer(question, given[question] ?? made[question].map { [$0] } ?? [])
        }
        return interview
    }

    /// Every preset and cloud with every grant that it offers, and all protocols that it serves.
    static let combinations: [[StarterQuestion: [String]]] = ProviderPreset.all.flatMap { preset in
        let clouds = preset.isGeneric ? [nil] : preset.clouds.map(Optional.some)
        let grants =
            preset.isGeneric ? [.clientCredentials, .authorizationCode] : preset.grants.filter { $0 != .password }
        return clouds.flatMap { cloud in
            let base: [StarterQuestion: [String]] = [
                .provider: [preset.name], .cloud: cloud.map { [$0.name] } ?? [],
                .protocols: preset.isGeneric ? ["imap"] : [],
            ]
            return grants.isEmpty ? [base] : grants.map { base.merging([.grant: [$0.rawValue]]) { $1 } }
        }
    }

    @Test(arguments: combinations)
    func `what is written for a provider is sound, without a warning`(_ given: [StarterQuestion: [String]]) throws {
        let interview = try Self.interview(given)
        let project = try #require(StarterProject(interview))
        var sources = SourceMap()
        var decoder = ManifestDecoder()
        var diagnostics: [Diagnostic] = []
        for file in project.files where file.path.hasSuffix(".yaml") {
            let id = sources.add(path: file.path, bytes: Array(file.text.utf8))
            let stream = YAMLParser.parse(id, in: sources)
            diagnostics += stream.diagnostics
            if file.path == "mailkeel.yaml" {
                diagnostics += ProjectFileDecoder(stream, name: file.path).diagnostics
            } else {
                _ = decoder.decode(stream.documents, directory: "")
            }
        }
        let resolver = Resolver(decoder.declarations)
        diagnostics += decoder.diagnostics + resolver.diagnostics
        diagnostics += Linter(policy: ProjectPolicy(), keepers: [:], now: Timestamp(seconds: 0)).lint(resolver.set)
        let told = diagnostics.filter { $0.severity != .note }
        #expect(
            told.isEmpty, "\(DiagnosticTextRenderer(sources: sources, color: false).render(DiagnosticReport(told)))")
        #expect(resolver.set.accounts.count == 2)
    }

    @Test func `options that are missing are named, with those that follow from what is known`() throws {
        var interview = StarterInterview()
        #expect(interview.missing == [.provider, .mailboxes])
        try interview.answer(.provider, ["generic"])
        #expect(interview.missing == [.issuer, .server, .clientID, .mailboxes])
        try interview.answer(.provider, ["microsoft365"])
        #expect(interview.missing == [.tenant, .clientID, .mailboxes])
        try interview.answer(.provider, ["icloud"])
        #expect(interview.missing == [.mailboxes])
    }

    @Test(arguments: [
        (StarterQuestion.provider, "microsoft356", "there is no \"microsoft356\"; did you mean \"microsoft365\"?"),
        (.protocols, "imap,pop", "there is no \"pop\"; did you mean \"pop3\"?"),
        (.mailboxes, "support desk", "\"support desk\" holds a space or a control character"),
        (.clientID, "", "it must be answered"),
    ])
    func `an answer that does not do is refused in words`(_ question: StarterQuestion, _ text: String, _ words: String)
    {
        var interview = StarterInterview()
        #expect(throws: StarterMistake(question: question, words: words)) { try interview.answer(question, [text]) }
    }

    @Test func `accounts are named after their mailboxes, each once`() throws {
        let given: [StarterQuestion: [String]] = [
            .provider: ["microsoft365"], .mailboxes: ["support@a.com", "support@b.com", "o'neil"],
            .protocols: ["imap,smtp"],
        ]
        let project = try #require(StarterProject(try Self.interview(given)))
        let accounts = try #require(project.files.first { $0.path == "accounts.yaml" })
        for name in ["support-imap", "support-smtp", "support-imap-2", "o-neil-imap"] {
            #expect(accounts.text.contains("  name: \(name)\n"))
        }
        #expect(accounts.text.contains("  userName: \"o'neil\"\n"))
    }

    @Test func `no secret is written, and what is needed is named`() throws {
        let project = try #require(StarterProject(try Self.interview([.provider: ["microsoft365"]])))
        #expect(project.variables.map(\.name) == ["MAIL_CLIENT_SECRET"])
        #expect(project.ignored == [".mailkeel/"])
        let keyed = try #require(
            StarterProject(try Self.interview([.provider: ["google"], .grant: ["jwt_bearer"]])))
        #expect(keyed.secretFiles.map(\.path) == ["secrets/service-account.json"])
        #expect(keyed.ignored == [".mailkeel/", "secrets/"], "a key that init asks for must not be committed")
    }
}
