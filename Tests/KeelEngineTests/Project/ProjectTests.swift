import Glibc
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelSystem
import KeelTestSupport
import Testing

struct ProjectTests {
    private static let directory = "/work/project"

    private static func load(_ files: [String: String], failing: [String: FileFailure.Code] = [:]) -> Project {
        let store = InMemoryFileStore(directories: [directory])
        for (path, text) in files { store.put("\(directory)/\(path)", text) }
        for (path, code) in failing { store.fail("\(directory)/\(path)", with: code) }
        return load(store)
    }

    private static func load(_ store: any FileStore, _ directory: String = directory) -> Project {
        Project.load(
            ProjectPaths(directory: directory, environment: ProcessEnvironment([:]), configuration: "/configuration"),
            files: store)
    }

    private static func profile(_ name: String) -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: \(name) }
        spec:
          endpoints: { token: "https://login.example.com/token" }
          grant: client_credentials
          client: { id: app, secret: { fromFile: secret } }

        """
    }

    @Test func `every YAML file below the directory is read`() {
        let project = Self.load([
            "a.yaml": Self.profile("one"), "sub/deeper/b.yml": Self.profile("two"), "c.json": "{}", "README": "",
        ])
        #expect(project.report.isEmpty)
        #expect(project.set.profiles.map(\.name) == ["one", "two"])
        #expect(project.sources.files.map(\.path) == ["a.yaml", "sub/deeper/b.yml"])
    }

    @Test(arguments: [("/p", "/p/.mailkeel/vault.db"), ("/p/", "/p/.mailkeel/vault.db"), (".", ".mailkeel/vault.db")])
    func `a slash at the end of the directory makes no difference`(directory: String, vault: String) {
        let paths = ProjectPaths(
            directory: directory, environment: ProcessEnvironment([:]), configuration: "/configuration")
        #expect(paths.vault == vault)
    }

    @Test func `hidden files and directories are passed over without a word`() {
        let project = Self.load([
            "a.yaml": Self.profile("one"), ".hidden.yaml": "kind: [", ".git/config.yaml": "kind: [",
            ".mailkeel/state.yaml": "kind: [",
        ])
        #expect(project.report.isEmpty)
        #expect(project.sources.files.count == 1)
    }

    @Test func `a path in a manifest starts at the manifest's directory`() {
        let project = Self.load(["teams/desk/a.yaml": Self.profile("one")])
        #expect(project.set.profiles.first?.clientSecret?.location == .file("teams/desk/secret"))
    }

    @Test func `YAML that is not ours is skipped with one note`() {
        let project = Self.load([
            "a.yaml": Self.profile("one"), "compose.yaml": "services:\n  web: {}\n---\nmore: true\n", "empty.yml": "",
        ])
        #expect(!project.report.hasErrors)
        #expect(project.report.diagnostics.filter { $0.code == "project.skipped-file" }.count == 2)
        #expect(project.report.diagnostics.contains { $0.message.hasPrefix("compose.yaml ") })
        #expect(project.set.profiles.count == 1)
    }

    @Test func `a manifest that is broken YAML is a mistake, not foreign`() {
        let project = Self.load(["a.yaml": "apiVersion: mailkeel/v1\nkey: [unclosed\n"])
        #expect(project.report.hasErrors)
        #expect(!project.report.diagnostics.contains { $0.code == "project.skipped-file" })
    }

    @Test(arguments: [["README.md": "hello"], ["compose.yaml": "services: {}\n"]])
    func `a directory without manifests says what to do`(files: [String: String]) {
        let project = Self.load(files)
        let errors = project.report.diagnostics.filter { $0.severity == .error }
        #expect(errors.map(\.code) == ["project.no-manifests"])
        #expect(errors.first?.help?.contains("--chdir") == true)
    }

    @Test func `a directory that is not there is one mistake`() {
        let project = Self.load(InMemoryFileStore(), "/nowhere")
        #expect(project.report.diagnostics.map(\.code) == ["project.unreadable"])
    }

    @Test func `a file that cannot be read stops everything and hides nothing`() {
        let project = Self.load(
            [
                "a.yaml": Self.profile("one"), "b.yaml": Self.profile("two"),
                "c.yaml": "apiVersion: mailkeel/v1\nkind: [",
            ],
            failing: ["b.yaml": .permissionDenied])
        #expect(project.report.hasErrors)
        let codes = project.report.diagnostics.map(\.code)
        #expect(codes.contains("project.unreadable"))
        #expect(codes.contains { $0.hasPrefix("yaml.") })
    }

    @Test func `a directory that cannot be listed stops everything`() {
        let project = Self.load(
            ["a.yaml": Self.profile("one"), "sub/b.yaml": ""], failing: ["sub": .permissionDenied])
        #expect(project.report.diagnostics.map(\.code) == ["project.unreadable"])
    }

    @Test func `all mistakes of all files come at once, in the order of files and lines`() {
        let first = MarkedText(
            """
            apiVersion: mailkeel/v1
            kind: OAuthProfile
            metadata: { name: one }
            spec:
              1️⃣sever: x
              endpoints: { token: "https://login.example.com/token" }
              grant: 2️⃣magic
              client: { id: app }
            """)
        let second = MarkedText(
            """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: { name: two }
            spec:
              type: imap
              server: mail.example.com
              port: 3️⃣70000
              userName: two@example.com
              oauthProfile: 4️⃣three
            """)
        let project = Self.load(["b/second.yaml": second.text, "a/first.yaml": first.text])
        let places = project.report.sorted(in: project.sources).compactMap { diagnostic in
            diagnostic.range.map { "\(project.sources[$0.file].path):\($0.start)" }
        }
        let expected =
            ["1️⃣", "2️⃣"].compactMap { first[$0] }.map { "a/first.yaml:\($0)" }
            + ["3️⃣", "4️⃣"].compactMap { second[$0] }.map { "b/second.yaml:\($0)" }
        #expect(places == expected)
    }

    @Test func `one name declared in two files is one mistake with both places`() throws {
        let project = Self.load(["a.yaml": Self.profile("one"), "b.yaml": Self.profile("one")])
        let diagnostic = try #require(project.report.diagnostics.first)
        #expect(project.report.diagnostics.count == 1)
        #expect(diagnostic.code == "manifest.duplicate-resource")
        #expect(diagnostic.range.map { project.sources[$0.file].path } == "b.yaml")
        #expect(diagnostic.notes.first?.range.map { project.sources[$0.file].path } == "a.yaml")
    }

    @Test func `a link that leads back to its own directory is not followed`() async throws {
        try await withScratchDirectory { directory in
            let files = SystemFileStore()
            try files.create("\(directory)/a.yaml", with: Array(Self.profile("one").utf8))
            #expect(unsafe symlink(".", "\(directory)/loop") == 0)
            #expect(unsafe symlink("gone", "\(directory)/lost") == 0)
            let project = Self.load(files, directory)
            #expect(!project.report.hasErrors)
            // A plan would destroy what stood behind it, so it is not passed over in silence.
            #expect(project.report.diagnostics.map(\.code) == ["project.linked-directory"])
            #expect(project.set.profiles.map(\.name) == ["one"])
        }
    }

    @Test func `a manifest that is a link to nowhere is a mistake, and not one manifest less`() async throws {
        try await withScratchDirectory { directory in
            let files = SystemFileStore()
            try files.create("\(directory)/a.yaml", with: Array(Self.profile("one").utf8))
            #expect(unsafe symlink("gone", "\(directory)/b.yaml") == 0)
            let project = Self.load(files, directory)
            #expect(project.report.diagnostics.map(\.code) == ["project.unreadable"])
        }
    }

    @Test func `a mounted manifest, which is a link, is read`() async throws {
        try await withScratchDirectory { directory in
            let files = SystemFileStore()
            try files.createDirectory("\(directory)/..data")
            try files.create("\(directory)/..data/a.yaml", with: Array(Self.profile("one").utf8))
            #expect(unsafe symlink("..data/a.yaml", "\(directory)/a.yaml") == 0)
            #expect(Self.load(files, directory).set.profiles.map(\.name) == ["one"])
        }
    }

    @Test func `a failure after loading is placed at the field, else at the name`() throws {
        let text = MarkedText(
            """
            apiVersion: mailkeel/v1
            kind: OAuthProfile
            metadata: { name: 1️⃣one }
            spec:
              endpoints: { token: 2️⃣"https://login.example.com/token" }
              grant: client_credentials
              client: { id: app, secret: { fromFile: secret } }
            """)
        let project = Self.load(["a.yaml": text.text])
        let address = ResourceAddress(.oauthProfile, "one")
        func place(_ fields: String...) -> String? { project.place(address, fields).map { "\($0.start)" } }
        #expect(place("endpoints.token") == text["2️⃣"]?.description)
        #expect(place("issuer", "endpoints.token") == text["2️⃣"]?.description)
        #expect(place("issuer") == text["1️⃣"]?.description)
        #expect(place() == text["1️⃣"]?.description)
        #expect(project.place(ResourceAddress(.oauthProfile, "two"), []) == nil)
    }
}
