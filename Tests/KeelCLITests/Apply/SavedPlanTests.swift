import KeelBase
import KeelCLI
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelTestSupport
import Testing

struct SavedPlanTests {
    private let files = InMemoryFileStore(directories: ["/work"])
    private let approval = Approval(
        lineage: "lineage", destroys: true, replacing: [Rows.slot], items: [Rows.profile: "digest"])

    private func plan(_ path: String = "/work/the plan") -> SavedPlan {
        SavedPlan(name: "the plan", path: path, files: files)
    }

    private func failure(_ body: () throws -> Void) throws -> String {
        try #require(try #require(throws: EngineFailure.self, performing: body).diagnostics.first).code
    }

    @Test func `what was saved is read again`() throws {
        try plan().write(approval, showing: ["shown"])
        #expect(try plan().read() == approval)
        #expect(try files.mode("/work/the plan") == 0o600)
        // And may be saved again.
        try plan().write(approval, showing: ["shown"])
    }

    @Test func `no other file is lost to a mistyped name`() throws {
        files.put("/work/the plan", "apiVersion: mailkeel/v1\n")
        #expect(try failure { try plan().write(approval, showing: .null) } == "plan.not-overwritten")
        #expect(files.text("/work/the plan") == "apiVersion: mailkeel/v1\n")
        #expect(try failure { try plan("/work").write(approval, showing: .null) } == "plan.not-overwritten")
    }

    @Test func `a file that is empty may be taken`() throws {
        files.put("/work/the plan", "")
        try plan().write(approval, showing: .null)
        #expect(try plan().read() == approval)
    }

    @Test func `a plan that is not there, damaged or none at all is refused by name`() throws {
        #expect(try failure { _ = try plan().read() } == "plan.no-file")
        files.put("/work/the plan", "no plan")
        #expect(try failure { _ = try plan().read() } == "plan.unreadable")
        files.put("/work/the plan", "")
        try plan().write(approval, showing: .null)
        let text = try #require(files.text("/work/the plan"))
        files.put("/work/the plan", text.replacing("\"digest\"", with: "\"edited\""))
        #expect(try failure { _ = try plan().read() } == "plan.unreadable")
    }

    static let words: [(String, String)] = [
        ("plan.json", "plan.json"), ("a plan", "'a plan'"), ("it's", "'it'\\''s'"), ("", "''"), ("$x", "'$x'"),
        ("/tmp/p-1:2@3", "/tmp/p-1:2@3"), ("tägli", "'tägli'"),
    ]

    @Test(arguments: words)
    func `commands can be copied into a shell`(word: String, expected: String) {
        #expect(ShellWord(word).description == expected)
    }
}
