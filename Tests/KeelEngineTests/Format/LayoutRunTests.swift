import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelTestSupport
import Testing

struct LayoutRunTests {
    private static let messy = "apiVersion:   mailkeel/v1\n"
    private static let neat = "apiVersion: mailkeel/v1\n"

    private func store(_ files: [String: String]) -> InMemoryFileStore {
        let store = InMemoryFileStore(directories: ["/p"])
        for (path, text) in files { store.put("/p/\(path)", text, mode: 0o640) }
        return store
    }

    @Test func `every manifest of a project is laid out, and keeps its permissions`() throws {
        let store = store([
            "a.yaml": Self.messy, "sub/b.yml": Self.messy, "neat.yaml": Self.neat, "other.yaml": "a:   b\n",
            ".hidden/c.yaml": Self.messy, "text.txt": Self.messy,
        ])
        var run = LayoutRun(files: store, writes: true)
        run.run(project: "/p")
        #expect(run.changes.map(\.path) == ["/p/a.yaml", "/p/sub/b.yml"])
        #expect(run.diagnostics.isEmpty)
        #expect(store.text("/p/a.yaml") == Self.neat)
        #expect(store.text("/p/other.yaml") == "a:   b\n")
        #expect(store.text("/p/.hidden/c.yaml") == Self.messy)
        #expect(try store.mode("/p/a.yaml") == 0o640)
    }

    @Test func `nothing is written when nothing is to be written`() {
        let store = store(["a.yaml": Self.messy])
        var run = LayoutRun(files: store, writes: false)
        run.run(project: "/p")
        #expect(run.changes.count == 1)
        #expect(run.changes.first?.diff == "--- /p/a.yaml\n+++ /p/a.yaml\n@@ -1 +1 @@\n-\(Self.messy)+\(Self.neat)")
        #expect(store.text("/p/a.yaml") == Self.messy)
    }

    @Test func `a broken file is left alone and the others are not`() {
        let store = store(["a.yaml": "apiVersion:  mailkeel/v1\nkind: [\n", "b.yaml": Self.messy])
        var run = LayoutRun(files: store, writes: true)
        run.run(project: "/p")
        #expect(run.diagnostics.map(\.code) == ["yaml.syntax"])
        #expect(run.hasErrors)
        #expect(store.text("/p/a.yaml") == "apiVersion:  mailkeel/v1\nkind: [\n")
        #expect(store.text("/p/b.yaml") == Self.neat)
    }

    @Test func `a file that cannot be written is said, and is not among the changed`() {
        let store = store(["a.yaml": Self.messy, "b.yaml": Self.messy])
        store.fail("/p/a.yaml", with: .permissionDenied)
        var run = LayoutRun(files: store, writes: true)
        run.run(project: "/p")
        #expect(run.diagnostics.map(\.code) == ["fmt.unreadable"])
        #expect(run.changes.map(\.path) == ["/p/b.yaml"])
    }

    @Test func `files and directories can be named, once or twice`() {
        let store = store(["a.yaml": Self.messy, "sub/b.yml": Self.messy, "c.txt": Self.messy, "d.yaml": "a:  b\n"])
        var run = LayoutRun(files: store, writes: true)
        for path in ["/p/c.txt", "/p/sub", "/p/sub/b.yml", "/p/d.yaml", "/p/nothing.yaml"] { run.run(path: path) }
        #expect(run.changes.map(\.path) == ["/p/c.txt", "/p/sub/b.yml"])
        #expect(run.diagnostics.map(\.code) == ["fmt.foreign-file", "fmt.no-file"])
        #expect(store.text("/p/a.yaml") == Self.messy)
    }

    @Test func `a project file says which files are the project's`() {
        let project = """
            apiVersion: mailkeel/v1
            kind: Project
            metadata: { name:   p }
            spec:
              manifests: [ "accounts/*.yaml" ]

            """
        let store = store(["mailkeel.yaml": project, "accounts/a.yaml": Self.messy, "b.yaml": Self.messy])
        var run = LayoutRun(files: store, writes: true)
        run.run(project: "/p")
        #expect(run.changes.map(\.path).sorted() == ["/p/accounts/a.yaml", "/p/mailkeel.yaml"])
        #expect(store.text("/p/b.yaml") == Self.messy)
    }

    @Test func `a text is laid out without a file`() {
        var run = LayoutRun(files: store([:]), writes: true)
        #expect(run.run(text: Array(Self.messy.utf8), name: "<stdin>") == Array(Self.neat.utf8))
        #expect(run.run(text: Array("a:  b\n".utf8), name: "<stdin>") == Array("a:  b\n".utf8))
        #expect(run.run(text: Array((Self.messy + "a: [").utf8), name: "<stdin>") == nil)
        #expect(run.diagnostics.map(\.code) == ["yaml.syntax"])
    }

    @Test func `a secret that somebody wrote out is not shown in a difference`() {
        let text = """
            apiVersion: mailkeel/v1
            kind: EmailAccount
            metadata: {name: a}
            spec:
              password:   hunter2
            """
        let store = store(["a.yaml": text])
        var run = LayoutRun(files: store, writes: false)
        run.run(project: "/p")
        #expect(run.changes.first?.diff.contains("hunter2") == false)
        #expect(run.changes.first?.diff.contains("+metadata: { name: a }") == true)
    }

    @Test(arguments: [
        "kind: EmailAccountSet\nspec:\n  account:\n    type:   imap\n    password: hunter2",
        "kind: EmailAccount\nspec:\n  password:   |\n    first\n    hunter2",
        "kind: EmailAccount\nspec:\n  password:   \"first\n     hunter2\"",
        "kind: EmailAccount\nspec:\n  pasword:   hunter2",
        "kind: EmailAcount\nspec:\n  password:   hunter2",
        "kind: OAuthProfil\nspec:\n  client: { id:   x, secret: hunter2 }",
        "kind: EmailAccount\nspec:\n  password: { value:   hunter2 }",
        "kind: EmailAccount\nspec:\n  password:\n    -   hunter2",
        "kind: EmailAccount\nspec:\n  other:   &p hunter2\n  password: *p",
        "kind: Project\nmetadata: { name: p }\nspec:\n  variables:\n    v:\n      sensitive:   true\n      default: |\n        first\n        hunter2",
    ])
    func `a secret is not shown wherever somebody wrote it out`(text: String) {
        let store = store(["a.yaml": "apiVersion:   mailkeel/v1\n\(text)\n"])
        var run = LayoutRun(files: store, writes: false)
        run.run(project: "/p")
        #expect(run.changes.first?.diff.contains("apiVersion") == true)
        #expect(run.changes.first?.diff.contains("hunter2") == false)
    }
}
