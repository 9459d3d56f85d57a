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

    @Test func `an entry for machines has the same parts`() throws {
        let entry = try #require(ExplanationCatalogue.explanation(of: "manifest.duplicate-removal"))
        #expect(
            entry.json.text()
                == #"{"type":"explanation","code":"manifest.duplicate-removal","family":"diagnostic","title":"A resource is removed twice","meaning":"One document says it.","fix":"Remove one of the documents."}"#
        )
    }
}
