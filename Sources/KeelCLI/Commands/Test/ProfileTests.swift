import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelVault

/// The part of `mailkeel test` that proves OAuth profiles.
struct ProfileTests {
    let context: CommandContext

    /// Tests these profiles as their manifests declare them, one after the other, and shows what is wrong beside their lines.
    func run(_ addresses: [ResourceAddress]) async throws -> [ProfileTester.Result] {
        let project = try context.loadProject()
        let profiles = try addresses.map { try profile($0, project) }
        let results = try await context.withPorts { ports in
            try await context.reporting(project.sources) {
                let vault = try await vault(profiles)
                let tester = ProfileTester(
                    paths: context.paths, ports: ports, secrets: context.secrets,
                    explanation: FailureExplanation { project.place($0, $1) })
                var results: [ProfileTester.Result] = []
                for profile in profiles {
                    results.append(await tester.test(profile, of: project.set, in: vault) { show($0, $1) })
                }
                await vault?.close()
                return results
            }
        }
        // What fits both ways is shown with whose move it could be, and fails nothing.
        let doubts = results.flatMap(\.stages).filter { $0.verdict == .ambiguous }.compactMap(\.failure)
        let failures = results.flatMap(\.failures)
        try context.console.show(
            doubts.map { $0.diagnostic.asWarning } + failures.map(\.diagnostic), sources: project.sources)
        return results
    }

    private func profile(_ address: ResourceAddress, _ project: Project) throws -> EffectiveProfile {
        if let profile = project.set.profiles.first(where: { $0.address == address }) { return profile }
        let near = Suggestion.nearest(
            to: address.description, among: project.set.profiles.map(\.address.description))
        try context.fail(
            .error(
                "test.unknown-profile", "the manifests have no \(address)",
                help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel validate shows what there is"))
    }

    /// The vault, only if a secret is in it.
    private func vault(_ profiles: [EffectiveProfile]) async throws -> Vault? {
        let isNeeded = profiles.contains { $0.credentials.values.contains { $0.nameInVault != nil } }
        guard isNeeded else { return nil }
        return try await VaultAccessor(paths: context.paths, files: context.files, time: context.time).open()
    }

    private func show(_ address: ResourceAddress, _ stage: ProfileTester.Stage) {
        let milliseconds = stage.elapsed?.wholeMilliseconds
        let console = context.console
        if console.isJSON {
            try? console.output(
                .present(
                    ("type", "test"), ("address", .string(address.description)),
                    ("stage", .string(stage.name.rawValue)), ("verdict", .string(stage.verdict.rawValue)),
                    ("evidence", .string(stage.evidence)), ("milliseconds", milliseconds.map(JSON.integer)),
                    ("code", stage.failure.map { .string($0.diagnostic.code) })))
            return
        }
        let style = console.outputStyle
        let verdict =
            switch stage.verdict {
            case .ok: style.green("ok")
            case .failed: style.red("FAILED")
            case .ambiguous: style.yellow("ambiguous")
            case .skipped: "skipped"
            }
        let time = milliseconds.map { " (\($0) ms)" } ?? ""
        try? console.output("\(verdict) \(address) \(stage.name.rawValue): \(stage.evidence)\(time)\n")
    }
}

extension Diagnostic {
    fileprivate var asWarning: Diagnostic {
        Diagnostic(
            .warning, code, message, at: range, notes: notes, help: help, address: address, answer: answer,
            responsible: responsible)
    }
}
