import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

struct SilenceTests {
    private static func debug(_ annotations: String, _ value: String = "true") -> String {
        Manifest.login("debug: \(value)", metadata: ", annotations: { \(annotations) }")
    }

    private static func findings(_ text: String) -> [String] {
        Loaded(files: [("f.yaml", MarkedText(text).text)], linter: .usual).findings
    }

    @Test func `an annotation with a reason silences a rule of its resource`() {
        #expect(Self.findings(Self.debug("allow/lint.debug: case 4711 until May, owner: desk")).isEmpty)
        let other = Self.debug("allow/lint.debug: case 4711") + Manifest.login("debug: true", name: "b")
        #expect(Self.findings(other) == ["lint.debug 15:10"])
    }

    @Test func `an error may be silenced by who knows better`() {
        let text = Manifest.login(
            "port: 143", metadata: ", annotations: { allow/lint.port-security: \"this server speaks TLS there\" }")
        #expect(Self.findings(text).isEmpty)
    }

    @Test(arguments: [
        RuleCase(
            .allowUnused, debug("1️⃣allow/lint.debug: case 4711", "false"), twin: debug("allow/lint.debug: case 4711")),
        RuleCase(
            .allowWithoutReason, debug("1️⃣allow/lint.debug: \" \""), twin: debug("allow/lint.debug: case 4711")),
        RuleCase(
            .allowUnknown, debug("1️⃣allow/lint.debgu: case 4711", "false"), twin: debug("note: case 4711", "false")),
    ])
    func `a silence that does not do what it looks like is found`(rule: RuleCase) { rule.check() }

    @Test(arguments: ["lint.debgu", "debug"])
    func `the rule that was meant is named`(name: String) {
        let loaded = Loaded(files: [("f.yaml", Self.debug("allow/\(name): case 4711"))], linter: .usual)
        #expect(loaded.helps.contains("did you mean \"allow/lint.debug\"?"))
    }

    @Test func `what the program refuses cannot be silenced`() {
        let text = Manifest.login(
            "connectionSecurity: none", metadata: ", annotations: { allow/lint.clear-text: an old server }")
        #expect(Self.findings(text).map { $0.prefix { $0 != " " } } == ["lint.allow-refused", "lint.clear-text"])
    }

    @Test func `an empty annotation is refused where it is decoded`() {
        #expect(Self.findings(Self.debug("allow/lint.debug: \"\"")).first?.hasPrefix("manifest.bad-value") == true)
    }
}

struct SharedFindingTests {
    private static func set(_ metadata: String, _ spec: String) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccountSet
        metadata: { name: desks\(metadata) }
        spec:
          key: name
          items:
            - { name: north }
            - { name: south }
            - { name: west }
          account:
            type: imap
            server: mail.example.com
            userName: ${item.name}@example.com
            password: { fromEnv: P }
            \(spec)

        """
    }

    @Test func `what all accounts of a set have from its template is one finding`() throws {
        let loaded = Loaded(files: [("f.yaml", Self.set("", "debug: true"))], linter: .usual)
        #expect(loaded.findings == ["lint.debug 15:12"])
        #expect(
            loaded.diagnostics.first?.notes.map(\.message)
                == ["it is the same for 2 more resources that take the value from here"])
    }

    @Test func `an annotation of a set silences all of its accounts, and is judged once`() {
        func findings(_ spec: String) -> [String] {
            let text = Self.set(", annotations: { allow/lint.debug: case 4711 }", spec)
            return Loaded(files: [("f.yaml", text)], linter: .usual).findings
        }
        #expect(findings("debug: true").isEmpty)
        #expect(findings("debug: false") == ["lint.allow-unused 3:41"])
    }
}
