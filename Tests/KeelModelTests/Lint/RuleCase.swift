import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

/// Manifests that break one rule at the marked place, and a twin that breaks none.
struct RuleCase: Sendable, CustomTestStringConvertible {
    let rule: LintRule
    let severity: Diagnostic.Severity
    /// Its one mark is where the finding stands.
    let broken: String
    let twin: String

    init(_ rule: LintRule, _ severity: Diagnostic.Severity, _ broken: String, twin: String) {
        self.rule = rule
        self.severity = severity
        self.broken = broken
        self.twin = twin
    }

    init(_ rule: LintRule, _ broken: String, twin: String) {
        self.init(rule, rule.description.severity, broken, twin: twin)
    }

    var testDescription: String { "\(rule.rawValue): \(broken.debugDescription)" }

    func check(_ linter: Linter = .usual, sourceLocation: SourceLocation = #_sourceLocation) {
        let marked = MarkedText(broken)
        let loaded = Loaded(files: [("f.yaml", marked.text)], linter: linter)
        let place = marked.places.values.first?.description ?? "no mark"
        #expect(loaded.findings == ["\(rule.rawValue) \(place)"], sourceLocation: sourceLocation)
        #expect(loaded.diagnostics.map(\.severity) == [severity], sourceLocation: sourceLocation)
        #expect(loaded.diagnostics.allSatisfy { $0.help != nil && $0.address != nil }, sourceLocation: sourceLocation)
        let other = Loaded(files: [("f.yaml", twin)], linter: linter)
        #expect(other.findings.isEmpty, sourceLocation: sourceLocation)
    }
}

extension Linter {
    /// Of a project without a policy and without keepers that forbid anything, on 2026-11-21.
    static let usual = Linter(policy: ProjectPolicy(), keepers: ["local": KeeperRules()], now: now)

    static let now = Timestamp(seconds: 1_795_219_200)
}

extension Manifest {
    /// An OAuth profile that needs a person, at Microsoft.
    static func microsoft(
        _ spec: String..., scopes: String? = "offline_access, https://outlook.office.com/IMAP.AccessAsUser.All"
    )
        -> String
    {
        let usual = ["provider: microsoft365", "grant: authorization_code", "client: { id: x }"]
        return document(
            "OAuthProfile", "p",
            spec + usual.filter { line in !spec.contains { sameField($0, line) } }
                + (scopes.map { ["scopes: [\($0)]"] } ?? [])
                + (spec.contains { $0.hasPrefix("tenant:") } ? [] : ["tenant: contoso.com"]))
    }

    /// An OAuth profile that needs a person, at Google.
    static func google(_ spec: String...) -> String {
        let usual = [
            "provider: google", "grant: authorization_code", "client: { id: x }",
            "authorizationParameters: { access_type: offline, prompt: consent }", "scopes: [https://mail.google.com/]",
        ]
        return document(
            "OAuthProfile", "p", spec + usual.filter { line in !spec.contains { sameField($0, line) } })
    }

    /// A profile without a preset.
    static func elsewhere(_ spec: String...) -> String {
        let usual = [
            "issuer: https://login.example.com", "grant: authorization_code", "client: { id: x }",
        ]
        return document(
            "OAuthProfile", "p", spec + usual.filter { line in !spec.contains { sameField($0, line) } })
    }

    /// An account of the profile `p`.
    static func user(_ spec: String..., metadata: String = "") -> String {
        let usual = ["type: imap", "userName: u@contoso.com", "oauthProfile: p"]
        return document(
            "EmailAccount", "a", spec + usual.filter { line in !spec.contains { sameField($0, line) } },
            metadata: metadata)
    }

    /// An account with a password, at a server that nobody knows.
    static func login(_ spec: String..., name: String = "a", metadata: String = "") -> String {
        let usual = ["type: imap", "server: mail.example.com", "userName: u@example.com", "password: { fromEnv: P }"]
        return document(
            "EmailAccount", name, spec + usual.filter { line in !spec.contains { sameField($0, line) } },
            metadata: metadata)
    }

    /// Whether two lines give the same field, whatever marks stand in them.
    private static func sameField(_ one: String, _ other: String) -> Bool {
        one.prefix { $0 != ":" } == other.prefix { $0 != ":" }
    }
}
