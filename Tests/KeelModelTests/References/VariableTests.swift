import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

struct VariableTests {
    private static let variables: [String: Variable] = [
        "tenant": Variable(.text("contoso.com")), "host": Variable(.text("imap.contoso.com")),
        "port": Variable(.text("1993")), "on": Variable(.text("true")), "off": Variable(.text("false")),
        "no": Variable(.text("no")), "empty": Variable(.text("")), "type": Variable(.text("imap")),
        "lines": Variable(.text("a\nb")), "prefix": Variable(.text("DESK")), "name": Variable(.text("support")),
        "unset": Variable(.unset), "client_secret": Variable(.unset, isSensitive: true),
        "days": Variable(.text("90d")),
    ]

    private static func load(_ text: String) -> Loaded { Loaded(files: [("f.yaml", text)], variables: variables) }

    /// An account that is in order otherwise.
    private static func account(_ line: String) -> String {
        Manifest.account("type: imap", "server: h.example.com", "userName: u", "password: { fromEnv: P }", line)
    }

    private static func check(
        _ text: String, _ codes: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let marked = MarkedText(text)
        let expected = zip(codes, marked.markers).map { "\($0) \(marked[$1]?.description ?? "")" }
        #expect(load(marked.text).findings == expected, sourceLocation: sourceLocation)
    }

    @Test(
        arguments: [
            ("recordIn: ${var.tenant}", "recordIn", .text("contoso.com"), "variable tenant"),
            ("recordIn: \"${var.tenant}\"", "recordIn", .text("contoso.com"), "variable tenant"),
            ("recordIn: a-${var.tenant}-${var.port}", "recordIn", .text("a-contoso.com-1993"), "variable tenant, port"),
            ("recordIn: ${var.port}${var.port}", "recordIn", .text("19931993"), "variable port"),
            ("recordIn: ${var.no}", "recordIn", .text("no"), "variable no"),
            ("recordIn: x${var.empty}", "recordIn", .text("x"), "variable empty"),
            ("recordIn: $${var.tenant}", "recordIn", .text("${var.tenant}"), "manifest"),
            ("recordIn: $$${var.tenant}", "recordIn", .text("$${var.tenant}"), "manifest"),
            ("recordIn: $${x}-${var.tenant}", "recordIn", .text("${x}-contoso.com"), "variable tenant"),
            ("recordIn: $x{y}$", "recordIn", .text("$x{y}$"), "manifest"),
            ("port: ${var.port}", "port", .integer(1993), "variable port"),
            ("port: \"${var.port}\"", "port", .integer(1993), "variable port"),
            ("active: ${var.off}", "active", .boolean(false), "variable off"),
            ("active: \"${var.on}\"", "active", .boolean(true), "variable on"),
            ("proof: \"${var.req}uired\"", "proof", .text("required"), "variable req"),
            (
                "lifecycle: { ignoreChanges: [\"${var.field}\", debug] }", "lifecycle.ignoreChanges",
                .set(["debug", "port"]), "variable field"
            ),
            ("tls: { caFile: \"${var.name}.pem\" }", "tls.caFile", .text("support.pem"), "variable name"),
        ] as [(String, String, FieldValue, String)])
    func `a reference stands for its variable's value`(
        line: String, field: String, value: FieldValue, origin: String
    ) throws {
        var variables = Self.variables
        variables["req"] = Variable(.text("req"))
        variables["field"] = Variable(.text("port"))
        let loaded = Loaded(files: [("f.yaml", Self.account(line))], variables: variables)
        #expect(loaded.findings.isEmpty)
        let spec = try #require(loaded.account("a")).spec
        #expect(spec.value(field) == value)
        #expect(spec.origin(field)?.text == origin)
        #expect(spec.declared[field] == value)
    }

    @Test func `secrets, metadata, maps and addresses take references`() throws {
        let loaded = Self.load(
            """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata:
              name: ${var.name}-in
              labels: { tenant: "${var.tenant}" }
              annotations: { "note": "for ${var.tenant}" }
            spec: { type: "${var.type}", server: "${var.host}", userName: "u@${var.tenant}", password: { fromEnv: "${var.prefix}_P" } }
            ---
            apiVersion: mailkeel/v1
            kind: Moved
            spec: { from: EmailAccount/old, to: "EmailAccount/${var.name}-in" }

            """)
        #expect(loaded.findings.isEmpty)
        let account = try #require(loaded.account("support-in"))
        #expect(account.spec.declared["metadata.labels"] == .map(["tenant": "contoso.com"]))
        #expect(account.spec.annotations["note"]?.text == "for contoso.com")
        #expect(account.userName == "u@contoso.com")
        #expect(account.spec.value("password") == .secret(SecretSource(.environment("DESK_P"))))
        #expect(account.spec.origin("password") == .variable("prefix"))
        #expect(loaded.set.refactoring.moves.map(\.to.name) == ["support-in"])
    }

    @Test func `a path from a variable starts at the manifest's directory`() throws {
        let loaded = Loaded(
            files: [("x/f.yaml", Self.account("tls: { caFile: \"${var.name}.pem\" }"))], variables: Self.variables)
        let spec = try #require(loaded.account("a")).spec
        #expect(spec.value("tls.caFile") == .text("x/support.pem") && spec.origin("tls.caFile") == .variable("name"))
    }

    @Test func `equal texts of two accounts stand for equal values, and so do labels`() throws {
        let text = ["a", "b"].map {
            Manifest.account(
                "type: imap", "server: ${var.host}", "userName: u", "password: { fromEnv: P }", name: $0,
                metadata: ", labels: { t: \"${var.tenant}\" }")
        }
        let loaded = Self.load(text.joined())
        for name in ["a", "b"] {
            let spec = try #require(loaded.account(name)).spec
            #expect(spec.origin("server") == .variable("host") && spec.value("server") == .text("imap.contoso.com"))
            #expect(spec.declared["metadata.labels"] == .map(["t": "contoso.com"]))
        }
    }

    @Test(arguments: [
        ("recordIn: a-1️⃣${var.tenent}", "manifest.unknown-variable"),
        ("recordIn: \"a-1️⃣${var.tenent}\"", "manifest.unknown-variable"),
        ("recordIn: é日-1️⃣${var.tenent}", "manifest.unknown-variable"),
        ("recordIn: 1️⃣\"\\u0041-${var.tenent}\"", "manifest.unknown-variable"),
        ("recordIn: 1️⃣${var.unset}", "manifest.unset-variable"),
        ("recordIn: x1️⃣${var.tenant", "manifest.bad-reference"),
        ("recordIn: 1️⃣${var.tenant ${var.host}", "manifest.bad-reference"),
        ("recordIn: 1️⃣${", "manifest.bad-reference"), ("recordIn: 1️⃣${}", "manifest.bad-reference"),
        ("recordIn: 1️⃣${env.HOME}", "manifest.bad-reference"), ("recordIn: 1️⃣${tenant}", "manifest.bad-reference"),
        ("recordIn: 1️⃣${ var.tenant }", "manifest.bad-reference"),
        ("recordIn: 1️⃣${item.x}", "manifest.bad-reference"), ("recordIn: 1️⃣${var.empty}", "manifest.bad-value"),
        ("recordIn: 1️⃣${var.lines}", "manifest.bad-value"), ("port: 1️⃣${var.on}", "manifest.bad-value"),
        ("active: 1️⃣${var.port}", "manifest.bad-value"), ("active: 1️⃣${var.no}", "manifest.bad-value"),
        ("connectionSecurity: 1️⃣${var.port}", "manifest.bad-value"),
        ("recordIn: 1️⃣${var.client_secret}", "lint.sensitive-variable"),
        ("recordIn: x-1️⃣${var.client_secret}", "lint.sensitive-variable"),
        ("tls: 1️⃣${var.host}", "manifest.wrong-type"), ("1️⃣\"${var.host}\": x", "manifest.unknown-field"),
        ("1️⃣${var.host}: x", "manifest.unknown-field"),
    ])
    func `a reference that is wrong is one mistake, at its place`(line: String, code: String) {
        Self.check(Self.account(line), code)
    }

    @Test func `a name and a kind are written out`() {
        Self.check(
            """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: { name: a, labels: { 1️⃣"${var.tenant}": x, z: "2️⃣${var.x}" } }
            spec: { type: imap, server: h, userName: u, password: { fromEnv: P } }
            ---
            apiVersion: mailkeel/v1
            kind: 3️⃣${var.type}
            metadata: { name: x }
            spec: {}

            """, "manifest.bad-reference", "manifest.unknown-variable", "manifest.unknown-kind")
    }

    @Test(arguments: [
        ("recordIn: ${var.tenent}", "did you mean \"${var.tenant}\"?"), ("recordIn: ${tenant}", "write ${var.tenant}"),
        ("recordIn: ${vars.tenant}", "did you mean \"${var.tenant}\"?"),
        ("recordIn: ${ var.tenant }", "did you mean \"${var.tenant}\"?"),
        (
            "recordIn: ${env.HOME}",
            "declare a variable in mailkeel.yaml; the environment gives it a value as MAILKEEL_VAR_NAME"
        ),
        (
            "recordIn: ${vault.x}",
            "a secret is named by its source: { fromEnv: NAME }, { fromFile: PATH } or { fromVault: NAME }"
        ),
        ("recordIn: ${x}", "write ${var.NAME} for a variable of the project, or $${ for a literal ${"),
        ("recordIn: ${x", "write ${var.NAME}, or $${ for a literal ${"),
    ])
    func `the help says what to write`(line: String, help: String) {
        #expect(Self.load(Self.account(line)).helps == [help])
    }

    @Test func `a project without variables says where to declare one`() {
        #expect(
            Loaded(Self.account("recordIn: ${var.x}")).helps == ["declare it in mailkeel.yaml, under spec.variables"])
    }

    @Test func `a bad value that a variable gave names the variable`() {
        let diagnostics = Self.load(Self.account("port: \"${var.no}\"")).diagnostics
        #expect(diagnostics.map(\.message) == ["spec.port must be a number from 1 to 65535, not \"no\""])
        #expect(diagnostics.flatMap(\.notes).map(\.message) == ["the value comes from variable no"])
    }

    // MARK: Sensitive variables

    private static func profile(_ secret: String) -> String {
        Manifest.profile("issuer: https://i/", "grant: client_credentials", "client: { id: x, secret: \(secret) }")
    }

    @Test(arguments: ["\"${var.client_secret}\"", "'${var.client_secret}'"])
    func `a sensitive variable is the source of a secret`(secret: String) throws {
        let loaded = Self.load(Self.profile(secret))
        #expect(loaded.findings.isEmpty)
        let profile = try #require(loaded.profile("p"))
        #expect(profile.clientSecret == SecretSource(.environment("MAILKEEL_SECRET_client_secret")))
        #expect(profile.spec.origin("client.secret") == .variable("client_secret"))
    }

    @Test(arguments: [
        ("1️⃣\"x${var.client_secret}\"", "manifest.plain-secret"), ("\"1️⃣${var.tenant}\"", "manifest.plain-secret"),
        ("\"1️⃣${var.client_sceret}\"", "manifest.unknown-variable"), ("1️⃣\"${item.secret}\"", "manifest.plain-secret"),
        ("{ fromEnv: \"1️⃣${var.client_secret}\" }", "lint.sensitive-variable"),
        ("{ fromFile: x, version: \"1️⃣${var.client_secret}\" }", "lint.sensitive-variable"),
        ("{ fromCommand: [pass, \"1️⃣${var.client_secret}\"] }", "lint.sensitive-variable"),
        ("1️⃣$${var.client_secret}", "manifest.plain-secret"),
    ])
    func `anything else where a secret's source belongs is refused`(secret: String, code: String) {
        Self.check(Self.profile(secret.hasPrefix("1️⃣$$") ? "1️⃣\"$${var.client_secret}\"" : secret), code)
    }

    @Test func `a refused variable in metadata loses the name, and nothing follows`() {
        Self.check(
            Manifest.profile("issuer: https://i/", "grant: client_credentials", Manifest.client, name: "\"1️⃣${var.x}\"")
                + Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: elsewhere", name: "b"),
            "manifest.unknown-variable")
    }
}
