import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelModel
import KeelPlan
import KeelState
import KeelVault

/// `mailkeel test`
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Log in to committed accounts with the grants in service. Changes nothing.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var parallelism: ParallelismOption
    @OptionGroup var selection: SelectorOption

    @Argument(help: "Accounts to test, as EmailAccount/NAME or NAME; all active ones when none is named.")
    var accounts: [String] = []

    func validate() throws {
        if selection.selector != nil, !accounts.isEmpty {
            throw ValidationError("--selector and names both say which accounts are meant; give one of them")
        }
    }

    func run() async throws {
        let context = try CommandContext(global)
        let document = try context.requireState()
        let addresses = try chosen(document, context)
        guard !addresses.isEmpty else {
            let none =
                selection.selector.map { "No committed account has labels that match \($0.text)" }
                ?? "There is no account to test"
            return try context.console.output(global.json ? "" : "\(none).\n")
        }
        let results = try await context.withPorts { ports in
            try await context.reporting {
                let vault = try await VaultAccessor(
                    paths: context.paths, files: context.files, time: context.time, state: document
                ).open()
                var tester = AccountTester(
                    paths: context.paths, ports: ports, secrets: context.secrets,
                    explanation: FailureExplanation { _, _ in nil })
                tester.parallelism = parallelism.parallelism
                let results = await tester.test(addresses, of: document, in: vault) { show($0, context.console) }
                await vault.close()
                return results
            }
        }
        let untested = Set(addresses).subtracting(results.map(\.address)).sorted()
        if !untested.isEmpty, !global.json {
            context.console.remark("Not in service, and not tested: \(untested.map(\.name).joined(separator: ", ")).")
        }
        try finish(results, context)
    }

    private func chosen(_ document: StateDocument, _ context: CommandContext) throws -> [ResourceAddress] {
        let known = document.addresses.filter { $0.kind == .emailAccount }
        if let selector = selection.selector {
            return try context.reading { try known.filter { try document.isSelected($0, by: selector) } }
        }
        guard !accounts.isEmpty else { return known }
        return try accounts.map { text in
            let address = try context.address(text)
            guard known.contains(address) else {
                let near = Suggestion.nearest(to: address.description, among: known.map(\.description))
                try context.fail(
                    .error(
                        "state.unknown-address", "the state has no \(address)",
                        help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows what there is"))
            }
            return address
        }
    }

    private func show(_ result: AccountTester.Result, _ console: Console) {
        let (seconds, attoseconds) = result.elapsed.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        if console.isJSON {
            var members: [JSON.Member] = [
                .init("type", "test"), .init("address", .string(result.address.description)),
                .init("endpoint", .string(result.endpoint.description)),
                .init("milliseconds", .integer(Int(milliseconds))),
            ]
            switch result.outcome {
            case .success(let proof):
                members += [.init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue))]
            case .failure(let failure):
                members += [.init("connected", false), .init("code", .string(failure.diagnostic.code))]
            }
            try? console.output(.object(members))
            return
        }
        let style = console.outputStyle
        switch result.outcome {
        case .success(let proof):
            try? console.output(
                "\(style.green("ok")) \(result.address): \(proof.mechanism.rawValue) at \(result.endpoint), then \(proof.command) (\(milliseconds) ms)\n"
            )
        case .failure:
            try? console.output("\(style.red("FAILED")) \(result.address): \(result.endpoint) (\(milliseconds) ms)\n")
        }
    }

    private func finish(_ results: [AccountTester.Result], _ context: CommandContext) throws {
        var failures: [StepFailure] = []
        for result in results {
            if case .failure(let failure) = result.outcome { failures.append(failure) }
        }
        try context.console.show(failures.map(\.diagnostic), sources: SourceMap())
        if global.json {
            try context.console.output(
                .object([
                    .init("type", "summary"), .init("passed", .integer(results.count - failures.count)),
                    .init("failed", .integer(failures.count)),
                ]))
        } else {
            try context.console.output("\(results.count - failures.count) passed, \(failures.count) failed\n")
        }
        if failures.contains(where: { $0.weight == .failed }) { throw ExitStatus.failed.exit }
        if !failures.isEmpty { throw ExitStatus.unproven.exit }
    }
}
