import KeelEngine
import KeelTestSupport
import Testing

/// Which directory is the project's.
struct ProjectDirectoryTests {
    private static let manifest = "apiVersion: mailkeel/v1\nkind: OAuthProfile\n"

    private static func find(
        _ files: [String: String], chdir: String? = nil, variable: String? = nil, readsManifests: Bool = true
    ) -> ProjectDirectory {
        let store = InMemoryFileStore(directories: ["/here"])
        for (path, text) in files { store.put(path, text) }
        return ProjectDirectory(
            chdir: chdir, variable: variable, system: "/etc/mailkeel", readsManifests: readsManifests,
            current: "/here", files: store)
    }

    private static let system = ["/etc/mailkeel/mailkeel.yaml": manifest]

    @Test func `what is named wins`() {
        #expect(Self.find(Self.system, chdir: "a", variable: "b").path == "a")
        #expect(Self.find(Self.system, variable: "b").path == "b")
        #expect(!Self.find(Self.system, variable: "b").isSystems)
    }

    @Test func `without a project of the machine it is the current directory`() {
        #expect(Self.find([:]).path == "/here")
        #expect(Self.find(["/etc/mailkeel/other.yaml": Self.manifest]).path == "/here")
    }

    @Test(arguments: [[:], ["/here/compose.yaml": "a: b", "/here/.hidden/a.yaml": manifest]])
    func `where there is nothing of a project, the machine's is meant`(files: [String: String]) {
        let found = Self.find(files.merging(Self.system) { $1 })
        #expect(found.path == "/etc/mailkeel" && found.isSystems)
    }

    @Test(arguments: [
        "/here/mailkeel.yaml", "/here/mailkeel.yml", "/here/.mailkeel/state.json", "/here/a.yaml", "/here/sub/a.yml",
    ])
    func `where there is something of a project, it is that one`(path: String) {
        let found = Self.find(Self.system.merging([path: Self.manifest]) { $1 })
        #expect(found.path == "/here" && !found.isSystems)
    }

    @Test func `a command that reads no manifest looks for none`() {
        let files = Self.system.merging(["/here/a.yaml": Self.manifest]) { $1 }
        #expect(Self.find(files, readsManifests: false).isSystems)
        #expect(!Self.find(files.merging(["/here/.mailkeel/x": ""]) { $1 }, readsManifests: false).isSystems)
    }
}
