import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct ExplanationTests {
    @Test func `every entry has a code of its own, and words`() {
        let entries = ExplanationCatalogue.all
        #expect(Set(entries.map(\.code)).count == entries.count)
        for entry in entries {
            #expect(!entry.title.isEmpty && !entry.title.hasSuffix("."), "\(entry.code)")
            #expect(entry.title.count <= 80, "\(entry.code)")
            #expect(entry.meaning.hasSuffix("."), "\(entry.code)")
            #expect(entry.fix.hasSuffix("."), "\(entry.code)")
        }
    }

    @Test(arguments: LintRule.allCases)
    func `every rule is explained`(rule: LintRule) throws {
        let entry = try #require(ExplanationCatalogue.explanation(of: rule.rawValue))
        #expect(entry.family == .rule && entry.severity == rule.description.severity)
        #expect(entry.silence == (rule.description.canBeSilenced ? "allow/\(rule.rawValue)" : nil))
    }

    @Test(arguments: [
        ("lint.port-securty", "lint.port-security"), ("LINT.PORT-SECURITY", "lint.port-security"),
        ("plain-secret", "manifest.plain-secret"), ("yaml.sintax", "yaml.syntax"), ("zzz", nil),
    ])
    func `a mistyped code finds the one that was meant`(text: String, meant: String?) {
        #expect(ExplanationCatalogue.explanation(of: text) == nil)
        #expect(ExplanationCatalogue.nearest(to: text) == meant)
    }

    @Test func `an explanation reads well on a terminal`() throws {
        let entry = try #require(ExplanationCatalogue.explanation(of: "lint.relay-port"))
        let text = ExplanationText(style: TextStyle(color: false)).render(entry)
        #expect(
            text == """
                lint.relay-port
                Port 25 is where servers hand mail to each other.

                warning; an annotation allow/lint.relay-port: REASON silences it

                Mail of users is submitted on 587 or 465 (RFC 6409 section 3.1, RFC 8314 section 3.3). Port 25
                is closed in many networks, and many servers take no logins there.

                What to do
                Use port 587 with starttls, or 465 with tls.

                For example
                  - type: smtp
                  - port: 25
                  + type: smtp
                  + port: 587

                """)
    }

    @Test func `the table has a line for each code`() {
        let text = ExplanationText(style: TextStyle(color: false)).table(ExplanationCatalogue.all)
        let lines = text.split(separator: "\n")
        #expect(lines.count == ExplanationCatalogue.all.count)
        #expect(lines.contains { $0.hasPrefix("lint.debug ") && $0.hasSuffix(" warning  debug is on") })
    }

    static let meant: [(String, [String])] = [
        ("lint.port-security", ["lint.port-security"]), ("AADSTS7000222", ["AADSTS7000222"]),
        ("7000222", ["AADSTS7000222"]), ("google invalid_rapt", ["google.invalid_rapt"]),
        ("oauth.slow_down", ["oauth.slow_down"]),
        ("google invalid_grant", ["google.invalid_grant", "google.invalid_grant.jwt_bearer"]),
        ("slow_down", ["oauth.slow_down"]), ("lint.port-securty", []), ("google lint.port-security", []),
    ]

    @Test(arguments: meant)
    func `people write a code in their own way`(text: String, codes: [String]) {
        #expect(ExplanationCatalogue.explanations(meant: text).map(\.code) == codes)
    }

    @Test(arguments: [
        ("AADSTS7000223", "AADSTS7000222"), ("50012345", nil), ("google invalid_grand", "google.invalid_grant"),
        ("invalid_cliant", "invalid_client"), ("redirect_uri_mismatc", "redirect_uri_mismatch"),
    ])
    func `a mistyped code of a provider finds the one that was meant`(text: String, meant: String?) {
        #expect(ExplanationCatalogue.explanations(meant: text).isEmpty)
        #expect(ExplanationCatalogue.nearest(to: text) == meant)
    }

    @Test func `every code stands in one family`() {
        let groups = ExplanationCatalogue.groups
        #expect(groups.map(\.entries.count).reduce(0, +) == ExplanationCatalogue.all.count)
        #expect(groups.allSatisfy { !$0.entries.isEmpty })
    }

    @Test func `a provider's error reads well on a terminal, and what shares its code is beside it`() {
        let text = ExplanationText(style: TextStyle(color: false))
        #expect(
            text.render(ExplanationCatalogue.explanations(meant: "7000218")) == """
                AADSTS7000218
                The application must show a secret or an assertion, and none came.

                from Microsoft Entra ID; who must act: the administrator of the OAuth application

                The application's registration has to be mended. The grant is not to blame, and is kept.

                What to do
                Give client.secret or client.certificate, or allow public client flows under App registrations >
                Authentication.

                The provider's page
                https://login.microsoftonline.com/error?code=7000218

                """)
        let several = text.render(ExplanationCatalogue.explanations(meant: "google invalid_grant"))
        #expect(several.hasPrefix("google.invalid_grant\nThe grant has expired or was revoked.\n"))
        #expect(
            several.hasSuffix(
                "\nRelated\ngoogle.invalid_grant.jwt_bearer  Google does not accept the signed assertion\n"))
    }

    @Test func `an error of a provider for machines says who must act`() throws {
        let entry = try #require(ExplanationCatalogue.explanation(of: "AADSTS90033"))
        #expect(entry.json["provider"] == "microsoft" && entry.json["class"] == "transient")
        #expect(entry.json["responsible"] == "nobody")
        #expect(entry.json["link"] == "https://login.microsoftonline.com/error?code=90033")
    }

    @Test func `an entry for machines has the same parts`() throws {
        let entry = try #require(ExplanationCatalogue.explanation(of: "manifest.duplicate-removal"))
        #expect(
            entry.json.text()
                == #"{"type":"explanation","code":"manifest.duplicate-removal","family":"diagnostic","title":"A resource is removed twice","meaning":"One document says it.","fix":"Remove one of the documents."}"#
        )
    }
}
