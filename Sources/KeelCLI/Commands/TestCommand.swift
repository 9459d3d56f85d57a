import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelModel
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// `mailkeel test`
struct TestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Log in to committed accounts with the grants in service, or prove OAuth profiles. Changes nothing.",
        discussion: """
            An OAuth profile is proven as its manifest declares it, before any account uses it: its issuer is found, its \
            client is accepted, and a token comes where nobody has to consent.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var variables: VariableOptions
    @OptionGroup var parallelism: ParallelismOption
    @OptionGroup var selection: SelectorOption

    @Argument(
        help: "What to test: EmailAccount/NAME or NAME, OAuthProfile/NAME; all active accounts when none is named.")
    var names: [String] = []

    func validate() throws {
        if selection.selector != nil, !names.isEmpty {
            throw ValidationError("--selector and names both say which accounts are meant; give one of them")
        }
    }

    func run() async throws {
        let context = try CommandContext(global, variables)
        let addresses = try names.map(context.address)
        let profiles = addresses.filter { $0.kind == .oauthProfile }
        var failures: [StepFailure] = []
        var passed = 0
        if !profiles.isEmpty {
            let tests = ProfileTests(context: context)
            let results = try await tests.run(profiles)
            failures += results.flatMap(\.failures)
            passed += results.count { $0.verdict != .failed }
        }
        if profiles.isEmpty || profiles.count < addresses.count {
            guard let results = try await testAccounts(addresses.filter { $0.kind != .oauthProfile }, context) else {
                return
            }
            var ofAccounts: [StepFailure] = []
            for result in results {
                if case .failure(let failure) = result.outcome { ofAccounts.append(failure) } else { passed += 1 }
            }
            // Accounts are tested as they are in service: no line of a manifest speaks of that.
            try context.console.show(ofAccounts.map(\.diagnostic), sources: SourceMap())
            failures += ofAccounts
        }
        try finish(passed: passed, failures, context)
    }

    /// Nil: there is no account to test, and that was said.
    private func testAccounts(
        _ names: [ResourceAddress], _ context: CommandContext
    ) async throws -> [AccountTester.Result]? {
        let document = try context.requireState()
        let addresses = try chosen(names, document, context)
        guard !addresses.isEmpty else {
            let none =
                selection.selector.map { "No committed account has labels that match \($0.text)" }
                ?? "There is no account to test"
            try context.console.output(global.json ? "" : "\(none).\n")
            return nil
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
        return results
    }

    private func chosen(
        _ names: [ResourceAddress], _ document: StateDocument, _ context: CommandContext
    ) throws -> [ResourceAddress] {
        let known = document.addresses.filter { $0.kind == .emailAccount }
        if let selector = selection.selector {
            return try context.reading { try known.filter { try document.isSelected($0, by: selector) } }
        }
        guard !names.isEmpty else { return known }
        return try names.map { address in
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
        let milliseconds = result.elapsed.wholeMilliseconds
        if console.isJSON {
            var members: [JSON.Member] = [
                .init("type", "test"), .init("address", .string(result.address.description)),
                .init("endpoint", .string(result.endpoint.description)),
                .init("milliseconds", .integer(milliseconds)),
            ]
            switch result.outcome {
            case .success(let proof):
                members += [.init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue))]
            case .failure(let failure):
                members += [.init("connected", false), .init("code", .string(failure.diagnostic.code))]
            }
            if let token = result.token { members.append(.init("token", token.shown)) }
            try? console.output(.object(members))
            return
        }
        let style = console.outputStyle
        switch result.outcome {
        case .success(let proof):
            try? console.output(
                "\(style.green("ok")) \(result.address): \(proof.mechanism.rawValue) at \(result.endpoint), then \(proof.command) (\(milliseconds) ms)\n"
            )
            if let token = result.token { try? console.output("   \(token.words)\n") }
        case .failure:
            try? console.output("\(style.red("FAILED")) \(result.address): \(result.endpoint) (\(milliseconds) ms)\n")
        }
    }

    private func finish(passed: Int, _ failures: [StepFailure], _ context: CommandContext) throws {
        let statuses = ExitStatus.ordered(Set(failures.map(Self.status)))
        if global.json {
            try context.console.output(
                .object([
                    .init("type", "summary"), .init("operation", "test"), .init("passed", .integer(passed)),
                    .init("failed", .integer(failures.count)),
                    .init("exitCode", .integer(Int((statuses.first ?? .done).rawValue))),
                    .init("exitCodes", .array(statuses.map { .integer(Int($0.rawValue)) })),
                ]))
        } else {
            try context.console.output("\(passed) passed, \(failures.count) failed\n")
        }
        if let status = statuses.first, status != .done { throw status.exit }
    }

    private static func status(_ failure: StepFailure) -> ExitStatus {
        switch failure.weight {
        case .failed: .failed
        case .unproven: .unproven
        default: .pending
        }
    }
}

extension IntrospectedToken {
    /// What the provider says of the token, for people.
    fileprivate var words: String {
        guard isActive else { return "the provider says that the access token is not active" }
        let until = expiresAt.map { " until \($0)" } ?? ""
        let what = scopes.map { ", for \(ForeignText($0.joined(separator: " ")))" } ?? ""
        return "the provider says that the access token is active\(until)\(what)"
    }

    fileprivate var shown: JSON {
        .present(
            ("active", .boolean(isActive)), ("expires", expiresAt.map { .string($0.description) }),
            ("scopes", scopes.map { .array($0.map { .string(ForeignText($0).text) }) }))
    }
}
