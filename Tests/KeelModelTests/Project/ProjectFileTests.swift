import KeelDiagnostics
import KeelModel
import KeelTestSupport
import KeelYAML
import Testing

/// What came of a project file.
struct LoadedProject {
    let project: ProjectFile?
    let diagnostics: [Diagnostic]
    let sources: SourceMap

    init(_ text: String) {
        var sources = SourceMap()
        let id = sources.add(path: "mailkeel.yaml", bytes: Array(text.utf8))
        let stream = YAMLParser.parse(id, in: sources, limits: .standard)
        let decoder = ProjectFileDecoder(stream, name: "mailkeel.yaml")
        project = decoder.project
        diagnostics = DiagnosticReport(stream.diagnostics + decoder.diagnostics).sorted(in: sources)
        self.sources = sources
    }

    /// A file whose `spec` has these lines.
    init(spec: String) { self.init(Self.head + spec) }

    static let head = "apiVersion: mailkeel/v1\nkind: Project\nmetadata: { name: p }\nspec:\n"

    var findings: [String] { diagnostics.map { "\($0.code) \($0.range?.start.description ?? "nowhere")" } }
}

struct ProjectFileTests {
    @Test func `a whole file is read`() throws {
        let loaded = LoadedProject(
            """
            apiVersion: mailkeel/v1
            kind: Project
            metadata: { name: contoso-mail }
            spec:
              manifests: ["accounts/**/*.yaml", profiles.yaml]
              variables:
                tenant: { default: contoso.com, description: The tenant, oneOf: [contoso.com, contoso.test] }
                port: { type: port, default: 993 }
                secret: { sensitive: true }
              environments:
                prod:
                  variables: { tenant: contoso.com }
                  state: state/prod.json
                  vault: /var/lib/mailkeel/prod/vault.db
                  keeper: desk
                test: {}
              policy: { clearText: allow }
            ---
            apiVersion: mailkeel/v1
            kind: OAuthProfile
            """)
        #expect(loaded.findings == [])
        let project = try #require(loaded.project)
        #expect(project.name.value == "contoso-mail")
        #expect(project.manifests?.map(\.value.text) == ["accounts/**/*.yaml", "profiles.yaml"])
        #expect(project.variables["tenant"]?.defaultValue?.value == "contoso.com")
        #expect(project.variables["tenant"]?.oneOf == ["contoso.com", "contoso.test"])
        #expect(project.variables["port"]?.type == .port && project.variables["port"]?.defaultValue?.value == "993")
        #expect(project.variables["secret"]?.isSensitive == true)
        let prod = try #require(project.environments["prod"])
        #expect(prod.variables["tenant"]?.value == "contoso.com")
        #expect(prod.statePath == "state/prod.json" && prod.vaultPath == "/var/lib/mailkeel/prod/vault.db")
        #expect(prod.keeper?.value == "desk")
        let test = try #require(project.environments["test"])
        #expect(test.statePath == ".mailkeel/test/state.json" && test.vaultPath == ".mailkeel/test/vault.db")
        #expect(project.policy.allowsClearText)
    }

    @Test func `what is left out has its default`() throws {
        let project = try #require(LoadedProject(LoadedProject.head + "  {}\n").project)
        #expect(project.manifests == nil && project.variables.isEmpty && project.environments.isEmpty)
        #expect(!project.policy.allowsClearText)
    }

    @Test(arguments: [
        ("  1️⃣manifest: [a.yaml]", ["manifest.unknown-field"]),
        ("  manifests: 1️⃣a.yaml", ["manifest.wrong-type"]),
        ("  manifests: 1️⃣[]", ["manifest.bad-value"]),
        ("  manifests: [1️⃣/a.yaml, 2️⃣\"{a,b}\", ok.yaml]", ["manifest.bad-value", "manifest.bad-value"]),
        ("  variables: { 1️⃣1st: {}, 2️⃣a-b: {}, ok_1: {} }", ["manifest.bad-value", "manifest.bad-value"]),
        ("  variables: { x: { 1️⃣typ: text } }", ["manifest.unknown-field"]),
        ("  variables: { x: { type: 1️⃣prt, default: anything } }", ["manifest.bad-value"]),
        ("  variables: { x: { type: port, default: 1️⃣70000 } }", ["manifest.bad-value"]),
        ("  variables: { x: { type: port, default: 1️⃣\"993\" } }", ["manifest.bad-value"]),
        ("  variables: { x: { type: boolean, default: 1️⃣yes } }", ["manifest.bad-value"]),
        ("  variables: { x: { default: 1️⃣no } }", ["manifest.bad-value"]),
        ("  variables: { x: { default: 1️⃣[a] } }", ["manifest.wrong-type"]),
        ("  variables: { x: { default: 1️⃣\"${var.y}\" } }", ["manifest.bad-value"]),
        ("  variables: { x: { oneOf: [a, b], default: 1️⃣c } }", ["manifest.bad-value"]),
        ("  variables: { x: { type: integer, oneOf: [1, 1️⃣one] } }", ["manifest.bad-value"]),
        ("  variables: { x: { sensitive: true, default: 1️⃣hush } }", ["manifest.plain-secret"]),
        ("  variables: { x: 1️⃣text }", ["manifest.wrong-type"]),
        ("  environments: { 1️⃣..: {}, 2️⃣-a: {}, eu.1: {} }", ["manifest.bad-value", "manifest.bad-value"]),
        ("  environments: { prod: 1️⃣nothing }", ["manifest.wrong-type"]),
        ("  environments: { prod: { 1️⃣vars: {} } }", ["manifest.unknown-field"]),
        (
            "  environments: { prod: { variables: { 1️⃣tenent: x } } }\n  variables: { tenant: {} }",
            ["manifest.unknown-variable"]
        ),
        (
            "  environments: { prod: { variables: { x: 1️⃣hush } } }\n  variables: { x: { sensitive: true } }",
            ["manifest.plain-secret"]
        ),
        ("  1️⃣variabels: {}\n  environments: { prod: { variables: { x: y } } }", ["manifest.unknown-field"]),
        ("  environments: { prod: { state: s.json }, test: { state: 1️⃣./a/../s.json } }", ["project.shared-file"]),
        ("  environments: { prod: {}, test: { vault: 1️⃣.mailkeel/prod/vault.db } }", ["project.shared-file"]),
        ("  environments: { prod: { state: x, vault: 1️⃣x } }", ["project.shared-file"]),
        ("  policy: { clearText: 1️⃣yes }", ["manifest.bad-value"]),
        ("  policy: { 1️⃣cleartext: allow }", ["manifest.unknown-field"]),
    ])
    func `each mistake is found at its place`(spec: String, codes: [String]) {
        let marked = MarkedText(LoadedProject.head + spec + "\n")
        let loaded = LoadedProject(marked.text)
        #expect(loaded.findings == zip(codes, marked.markers).map { "\($0) \(marked[$1]?.description ?? "")" })
    }
}
