import Glibc
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import Testing

/// What a project file changes about loading: which files, which variables, which environment.
struct ProjectFileLoadingTests {
    private static let directory = "/work/project"

    private static func store(_ files: [String: String]) -> InMemoryFileStore {
        let store = InMemoryFileStore(directories: [directory])
        for (path, text) in files { store.put("\(directory)/\(path)", text) }
        return store
    }

    private static func project(_ spec: String) -> String {
        "apiVersion: mailkeel/v1\nkind: Project\nmetadata: { name: p }\nspec:\n\(spec)\n"
    }

    private static func profile(_ name: String, secret: String = "secret") -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: \(name) }
        spec:
          endpoints: { token: "https://login.example.com/token" }
          grant: client_credentials
          client: { id: app, secret: { fromFile: \(secret) } }

        """
    }

    private static func account(_ name: String, _ more: String = "") -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: \(name) }
        spec: { type: imap, server: mail.example.com, userName: u, password: { fromEnv: P }\(more) }

        """
    }

    private static func load(
        _ store: InMemoryFileStore, _ environment: String? = nil, choices: ProjectChoices = ProjectChoices()
    ) throws -> Project {
        let head = ProjectHead(directory, files: store)
        return Project.load(
            head, choices, in: try head.environment(environment), files: store, now: Timestamp(seconds: 0),
            keepers: [LocalKeeper()])
    }

    private static func codes(_ project: Project) -> [String] {
        project.report.sorted(in: project.sources).map(\.code)
    }

    // MARK: Which files

    @Test func `the patterns say which files are read`() throws {
        let project = try Self.load(
            Self.store([
                "mailkeel.yaml": Self.project("  manifests: [\"accounts/**/*.yaml\", profiles.yaml]"),
                "profiles.yaml": Self.profile("one"), "other.yaml": Self.profile("two"),
                "accounts/a.yaml": Self.account("a"), "accounts/emea/de/b.yaml": Self.account("b"),
                "accounts/notes.txt": "", "vendor/c.yaml": "kind: [",
            ]))
        #expect(!project.report.hasErrors)
        #expect(project.set.profiles.map(\.name) == ["one"])
        #expect(project.set.accounts.map(\.address.name) == ["a", "b"])
    }

    @Test func `the project file may hold manifests too, and is read once`() throws {
        let project = try Self.load(
            Self.store(["mailkeel.yaml": Self.project("  {}") + "---\n" + Self.profile("one")]))
        #expect(Self.codes(project) == [])
        #expect(project.set.profiles.map(\.name) == ["one"])
        #expect(project.sources.files.map(\.path) == ["mailkeel.yaml"])
    }

    @Test func `a pattern without a file is a warning at its place`() throws {
        let text = MarkedText(Self.project("  manifests: [a.yaml, 1️⃣b.yaml]"))
        let project = try Self.load(Self.store(["mailkeel.yaml": text.text, "a.yaml": Self.profile("one")]))
        #expect(Self.codes(project) == ["project.unmatched-pattern"])
        #expect(!project.report.hasErrors)
        #expect(project.report.diagnostics.first?.range.map { "\($0.start)" } == text["1️⃣"]?.description)
    }

    @Test func `a project without any manifest says what to do`() throws {
        let project = try Self.load(Self.store(["mailkeel.yaml": Self.project("  {}"), "a.txt": ""]))
        #expect(Self.codes(project) == ["project.no-manifests"])
    }

    @Test(arguments: [
        (["mailkeel.yaml", "mailkeel.yml"], "project.two-files"),
        (["mailkeel.yaml", "sub/mailkeel.yaml"], "manifest.misplaced-project"),
    ])
    func `there is one project file`(paths: [String], code: String) throws {
        let files = Dictionary(uniqueKeysWithValues: paths.map { ($0, Self.project("  {}")) })
        #expect(try Self.codes(Self.load(Self.store(files))).contains(code))
    }

    @Test func `the other name is as good`() throws {
        let head = ProjectHead(
            Self.directory, files: Self.store(["mailkeel.yml": Self.project("  environments: { prod: {} }")]))
        #expect(head.environments == ["prod"] && head.fileName == "mailkeel.yml")
    }

    @Test(arguments: [
        ("apiVersion: mailkeel/v1\nkind: Removed\nspec: { address: EmailAccount/a }\n", "project.no-project"),
        ("services: {}\n", "project.no-project"),
        ("", "project.no-project"),
        (project("  {}") + "---\n" + project("  {}"), "project.two-projects"),
        ("apiVersion: mailkeel/v9\nkind: Project\n", "manifest.unknown-version"), ("kind: [", "yaml.syntax"),
    ])
    func `a file of that name holds one project`(text: String, code: String) throws {
        let project = try Self.load(Self.store(["mailkeel.yaml": text, "a.yaml": Self.profile("one")]))
        #expect(Self.codes(project) == [code])
    }

    @Test func `the project file mixes with no other tool's documents`() throws {
        let text = Self.project("  {}") + "---\nservices: {}\n"
        #expect(try Self.codes(Self.load(Self.store(["mailkeel.yaml": text]))).contains("manifest.mixed-file"))
    }

    // MARK: Variables

    private static let withVariables = project(
        """
          variables:
            host: { type: host, default: mail.example.com }
            port: { type: port }
          environments:
            prod: { variables: { port: 993 } }
            test: { variables: { host: mail.example.org } }
        """)

    @Test func `a mistake in a value says where it came from, beside those of the manifests`() throws {
        let store = Self.store(["mailkeel.yaml": Self.withVariables, "a.yaml": "apiVersion: mailkeel/v1\nkind: ["])
        store.put("/values.yaml", "port: none\nprot: 1\n")
        let choices = ProjectChoices(
            process: ProcessEnvironment(["MAILKEEL_VAR_port": "x", "MAILKEEL_VAR_else": "y"]),
            variableFiles: [.init(name: "values.yaml", path: "/values.yaml"), .init(name: "no", path: "/no")],
            assignments: ["host=a b"].compactMap(VariableInputs.Assignment.init))
        let project = try Self.load(store, "prod", choices: choices)
        #expect(
            Set(Self.codes(project)) == [
                "manifest.bad-value", "manifest.unknown-variable", "project.unreadable", "yaml.syntax",
            ])
        #expect(project.report.count(of: .error) == 6)
        #expect(project.sources.files.map(\.path) == ["mailkeel.yaml", "values.yaml", "a.yaml"])
    }

    @Test func `with a mistake in the project file, nothing is said that could follow from it`() throws {
        let store = Self.store([
            "mailkeel.yaml": Self.project("  variabels: { tenant: { default: a } }\n  manifests: 7"),
            "a.yaml": Self.profile("\"${var.tenant}\"") + "---\n"
                + Self.account("desk", ", port: \"${var.port}\", label: \"${var.label}\", activ: true"),
            "b.yaml": Self.account("two").replacing("password: { fromEnv: P }", with: "oauthProfile: a"),
        ])
        let project = try Self.load(store)
        #expect(
            Self.codes(project) == [
                "manifest.unknown-field", "manifest.unknown-field", "manifest.unknown-field", "manifest.wrong-type",
            ])
    }

    // MARK: Environments

    @Test func `a project with environments wants one to be named`() throws {
        let store = Self.store(["mailkeel.yaml": Self.withVariables, "a.yaml": Self.profile("one")])
        let head = ProjectHead(Self.directory, files: store)
        let needed = #expect(throws: EngineFailure.self) { try head.environment(nil) }
        #expect(needed?.diagnostics.first?.code == "project.environment-needed")
        #expect(needed?.diagnostics.first?.message.contains("prod, test") == true)
        let unknown = #expect(throws: EngineFailure.self) { try head.environment("prd") }
        #expect(unknown?.diagnostics.first?.code == "project.unknown-environment")
        #expect(unknown?.diagnostics.first?.help == "did you mean \"prod\"?")
        #expect(try head.environment("prod")?.name.value == "prod")
    }

    @Test func `a project without environments knows none`() throws {
        let head = ProjectHead(Self.directory, files: Self.store(["a.yaml": Self.profile("one")]))
        #expect(try head.environment(nil) == nil)
        let unknown = #expect(throws: EngineFailure.self) { try head.environment("prod") }
        #expect(unknown?.diagnostics.first?.help?.contains("mailkeel.yaml") == true)
    }

    @Test(arguments: [
        (nil, ".mailkeel/state.json", ".mailkeel/vault.db", ".mailkeel/pending.json"),
        ("test", ".mailkeel/test/state.json", ".mailkeel/test/vault.db", ".mailkeel/test/pending.json"),
        ("prod", "state/prod.json", "/var/lib/vault.db", ".mailkeel/prod/pending.json"),
    ])
    func `each environment has its own files`(name: String?, state: String, vault: String, pending: String) throws {
        let spec = "  environments: { test: {}, prod: { state: state/prod.json, vault: /var/lib/vault.db } }"
        let head = ProjectHead(Self.directory, files: Self.store(["mailkeel.yaml": Self.project(spec)]))
        let paths = ProjectPaths(
            directory: Self.directory, selected: try name.flatMap(head.environment),
            environment: ProcessEnvironment([:]), configuration: "/configuration")
        func below(_ path: String) -> String { path.hasPrefix("/") ? path : "\(Self.directory)/\(path)" }
        #expect(paths.state.state == below(state) && paths.vault == below(vault) && paths.pending == below(pending))
        #expect(paths.vaultKey == "/configuration/mailkeel/vault.key" && paths.selected == name)
    }

    @Test func `the environment's keeper is that of accounts which name none`() throws {
        let project = try Self.load(
            Self.store([
                "mailkeel.yaml": Self.project("  environments: { prod: { keeper: desk } }"),
                "a.yaml": Self.account("a") + "---\n" + Self.account("b", ", recordIn: local"),
            ]), "prod")
        #expect(project.set.accounts.map(\.keeper) == ["desk", "local"])
        #expect(project.set.accounts.first?.spec.origin("recordIn") == .environment("prod"))
        #expect(EffectiveValue.Origin(text: "environment prod") == .environment("prod"))
    }

    @Test func `what only some environments find names them`() throws {
        let store = Self.store([
            "mailkeel.yaml": Self.withVariables, "a.yaml": Self.account("a", ", sever: x"), "compose.yaml": "a: b",
        ])
        store.put("\(Self.directory)/.mailkeel/state.json", "{}")
        store.put("\(Self.directory)/.mailkeel/test/state.json", "{}")
        let head = ProjectHead(Self.directory, files: store)
        let names = head.environments
        let projects = Project.loadAll(
            head, ProjectChoices(), in: try names.map(head.environment), files: store, now: Timestamp(seconds: 0),
            keepers: [LocalKeeper()])
        let merged = EnvironmentsReport(zip(names, projects).map { (environment: $0, project: $1) })
        let sorted = merged.report.sorted(in: merged.sources)
        #expect(
            sorted.map(\.code) == [
                "manifest.unknown-field", "project.state-left-behind", "project.skipped-file",
            ])
        #expect(sorted.map { $0.message.hasSuffix("(in environment prod)") } == [false, true, false])
    }

    @Test func `a state from before there were environments is not forgotten`() throws {
        let store = Self.store([
            "mailkeel.yaml": Self.project("  environments: { prod: {} }"), "a.yaml": Self.profile("one"),
        ])
        #expect(try Self.codes(Self.load(store, "prod")) == [])
        store.put("\(Self.directory)/.mailkeel/state.json", "{}")
        #expect(try Self.codes(Self.load(store, "prod")) == ["project.state-left-behind"])
        store.put(
            "\(Self.directory)/mailkeel.yaml",
            Self.project("  environments: { prod: {}, old: { state: .mailkeel/state.json } }"))
        #expect(try Self.codes(Self.load(store, "prod")) == [])
        store.put("\(Self.directory)/mailkeel.yaml", Self.project("  environments: { prod: {} }"))
        store.put("\(Self.directory)/.mailkeel/prod/state.json", "{}")
        #expect(try Self.codes(Self.load(store, "prod")) == [])
    }

    @Test(arguments: [("  policy: { clearText: allow }", false), ("  {}", true)])
    func `the policy decides whether clear text is an error`(spec: String, isError: Bool) throws {
        let project = try Self.load(
            Self.store([
                "mailkeel.yaml": Self.project(spec), "a.yaml": Self.account("a", ", connectionSecurity: none"),
            ]))
        #expect(project.report.hasErrors == isError)
        #expect(!project.report.isEmpty)
    }

    // MARK: Links

    private static func set(_ table: String) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccountSet
        metadata: { name: s }
        spec:
          csv: \(table)
          key: name
          account: { type: imap, server: mail.example.com, userName: "${item.name}", password: { fromEnv: P } }

        """
    }

    @Test func `a table that is a link to what is not the project's is not read`() async throws {
        try await withScratchDirectory { directory in
            let files = SystemFileStore()
            try files.createDirectory("\(directory)/p/sub/..data")
            try files.createDirectory("\(directory)/p/.git")
            for path in ["outside", "p/.git/config", "p/sub/..data/mounted", "p/plain"] {
                try files.create("\(directory)/\(path)", with: Array("name\nhunter2\n".utf8))
            }
            let cases = [
                ("../outside", ["project.outside"]), (".git/config", ["project.outside"]),
                ("sub/..data/mounted", []), ("plain", []),
            ]
            for (target, codes) in cases {
                for (path, link) in [("p/table.csv", target), ("q", "p")] {
                    try files.remove("\(directory)/\(path)")
                    #expect(unsafe symlink(link, "\(directory)/\(path)") == 0)
                }
                try files.replace("\(directory)/p/set.yaml", with: Array(Self.set("table.csv").utf8))
                for root in ["p", "q"] {
                    let head = ProjectHead("\(directory)/\(root)", files: files)
                    let project = Project.load(
                        head, ProjectChoices(), in: nil, files: files, now: Timestamp(seconds: 0),
                        keepers: [LocalKeeper()])
                    #expect(Self.codes(project) == codes, "\(target)")
                }
            }
        }
    }

    @Test(arguments: [".git/config", "sub/.env", "./.mailkeel/state.json"])
    func `a table in a hidden path is refused`(path: String) throws {
        let project = try Self.load(Self.store(["set.yaml": Self.set(path), path: "name\nhunter2\n"]))
        #expect(Self.codes(project) == ["manifest.bad-value"])
    }
}
