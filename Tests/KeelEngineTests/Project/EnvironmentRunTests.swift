import KeelBase
import KeelEngine
import KeelState
import KeelTestSupport
import Testing

/// Runs in the environments of one project.
struct EnvironmentRunTests {
    private static let file = """
        apiVersion: mailkeel/v1
        kind: Project
        metadata: { name: p }
        spec: { environments: { prod: { state: state/prod.json }, test: {} } }

        """

    @Test func `everything of a run is kept where the environment says`() async throws {
        try await EngineRig.run(projectFile: Self.file, in: "prod") { rig in
            try rig.write(Manifests().text + Manifests.person())
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && !report.pending.isEmpty)
            let directory = rig.paths.directory
            for path in [
                "state/prod.json", ".mailkeel/prod/vault.db", ".mailkeel/prod/pending.json", ".mailkeel/.gitignore",
            ] { #expect(try rig.files.mode("\(directory)/\(path)") != nil, "\(path)") }
            for path in ["state/.gitignore", ".mailkeel/state.json", ".mailkeel/vault.db", ".mailkeel/test"] {
                #expect(try rig.files.mode("\(directory)/\(path)") == nil, "\(path)")
            }
        }
    }

    @Test func `a command to be copied names the environment`() async throws {
        try await EngineRig.run(projectFile: Self.file, in: "test") { rig in
            let command = ProjectCommand(["apply"], in: rig.paths.place).description
            #expect(command == "mailkeel apply --chdir \(rig.paths.directory) --env test")
        }
    }
}
