import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelPlan
import KeelState
import KeelVault

/// The part of `mailkeel test` that logs in to accounts.
struct AccountTests: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        var results: [AccountTester.Result] = []
        /// Those that are not in service.
        var untested: [ResourceAddress] = []
        /// How many were proven within the time that was asked for.
        var provenLately = 0
        /// Those whose turn or end did not come before a signal.
        var notReached: [ResourceAddress] = []
    }

    let context: CommandContext
    let selector: LabelSelector?
    /// Only accounts that were not proven within this time.
    let since: Duration?
    let parallelism: Int
    let keepsTranscripts: Bool
    /// Whether passwords that a server refused are offered again.
    let retriesRefused: Bool
    let verbose: Bool
    /// To whom accounts that send are to send a message.
    let sendTo: String?
    let arrivalTimeout: Duration
    let stop: StopRequest

    /// Tests accounts, shows what came of them, and explains what failed.
    func run(_ names: [ResourceAddress]) async throws -> Outcome {
        let document = try context.requireState()
        let addresses = try chosen(names, document)
        guard !addresses.isEmpty else {
            let none = selector.map { "No committed account has labels that match \($0.text)" }
            say("\(none ?? "There is no account to test").")
            return Outcome()
        }
        if sendTo != nil { try checkSenders(among: addresses, document) }
        let outcome = try await context.withPorts { ports in
            try await context.reporting {
                let vault = try await VaultAccessor(
                    paths: context.paths, files: context.files, time: context.time, state: document
                ).open()
                let outcome = try await test(addresses, document, vault, ports)
                await vault.close()
                return outcome
            }
        }
        // Accounts are tested as they are in service: no line of a manifest speaks of that.
        try context.console.show(outcome.results.compactMap(\.failure?.diagnostic), sources: SourceMap())
        remark("Not in service, and not tested", outcome.untested)
        remark("Not tested, because the run was asked to stop", outcome.notReached)
        return outcome
    }

    // MARK: Which

    private func chosen(_ names: [ResourceAddress], _ document: StateDocument) throws -> [ResourceAddress] {
        let known = document.addresses.filter { $0.kind == .emailAccount }
        if let selector {
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

    /// Nobody takes a test that sent nothing for one that did.
    private func checkSenders(among addresses: [ResourceAddress], _ document: StateDocument) throws {
        let silent = addresses.filter { address in
            // A record that cannot be read is told of by the test.
            guard let record = try? document.committed(address) else { return false }
            return record.effective["type"]?.value != .text(MailProtocol.smtp.rawValue)
        }
        guard !silent.isEmpty else { return }
        guard silent.count < addresses.count else {
            try context.fail(
                Diagnostic(
                    .error, "test.no-sender",
                    "none of the accounts that are named sends mail, so --send-to does nothing",
                    help: "name SMTP accounts; mailkeel show says which there are", responsible: .operatorHere),
                status: .usage)
        }
        context.console.remark("Only SMTP accounts send: \(silent.map(\.name).joined(separator: ", ")) cannot.")
    }

    /// Those that nobody has proven lately.
    private func due(
        _ addresses: [ResourceAddress], _ document: StateDocument, _ vault: Vault
    ) async throws -> [ResourceAddress] {
        guard let since else { return addresses }
        let earlier = EarlierObservations((try? await vault.observations()) ?? [])
        let start = context.time.now.adding(seconds: -since.components.seconds)
        let due = addresses.filter { address in
            // A record that cannot be read is told of by the test.
            guard let record = try? document.committed(address) else { return true }
            return earlier.lastProof(of: address, record).map { $0 < start } ?? true
        }
        let spared = addresses.count - due.count
        if spared > 0 { say("\(counted(spared, "account")) proven lately, and not tested again.") }
        return due
    }

    // MARK: The test

    private func test(
        _ addresses: [ResourceAddress], _ document: StateDocument, _ vault: Vault, _ ports: EnginePorts
    ) async throws -> Outcome {
        let due = try await due(addresses, document, vault)
        var outcome = Outcome(provenLately: addresses.count - due.count)
        guard !due.isEmpty else { return outcome }
        let console = context.console
        let progress =
            console.isLive && (due.count > 1 || sendTo != nil)
            ? TestProgress(total: due.count, style: console.errorStyle) : nil
        var tester = AccountTester(
            paths: context.paths, ports: ports, secrets: context.secrets,
            explanation: FailureExplanation(ofService: { Self.hasWorked($0, in: document) }),
            keepsTranscripts: keepsTranscripts,
            fingerprint: await fingerprint(due, document),
            watch: { progress?.began($1, of: $0) })
        if let progress { stop.announce(by: progress.remark) }
        tester.parallelism = parallelism
        tester.offersRefused = retriesRefused
        tester.isStopping = { stop.isRequested }
        tester.sends = sendTo.map { recipient in
            DeliveryOrder(to: recipient, patience: arrivalTimeout) { sender, receiver in
                if let progress { return progress.awaits(receiver, by: sender) }
                if !console.isJSON { console.remark("\(sender): sent, waiting for it in \(receiver)...") }
            }
        }
        // On a terminal the table comes when all are done; elsewhere each line as soon as there is one.
        let isTable = console.isTable
        let ready = tester
        @Sendable func run() async -> [AccountTester.Result] {
            await ready.test(due, of: document, in: vault) { result in
                progress?.ended(result.address, passed: result.failure == nil)
                if !isTable { show(result) }
            }
        }
        let results = if let progress { await progress.drawing(run) } else { await run() }
        if isTable {
            try console.output(
                TestTable(results).render(console.outputStyle, verbose: verbose, at: context.time.now))
        }
        outcome.results = results
        for address in Set(due).subtracting(results.map(\.address)).sorted() {
            let isInService = (try? document.committed(address)).flatMap { TestWork($0) } != nil
            if isInService { outcome.notReached.append(address) } else { outcome.untested.append(address) }
        }
        return outcome
    }

    /// Whether it was proven when it was committed; what serves it was, or it would not be there.
    private static func hasWorked(_ address: ResourceAddress, in document: StateDocument) -> Bool {
        address.kind != .emailAccount || (try? document.committed(address))?.proof != nil
    }

    /// What stands for a credential in transcripts, if any is to be written. The key is made where there is none.
    private func fingerprint(
        _ addresses: [ResourceAddress], _ document: StateDocument
    ) async -> (@Sendable (Secret) -> String)? {
        let isWanted =
            keepsTranscripts
            || addresses.contains { (try? document.committed($0))?.effective["debug"]?.value == .boolean(true) }
        guard isWanted else { return nil }
        var findings: [String] = []
        let accessor = VaultAccessor(paths: context.paths, files: context.files, time: context.time, state: document)
        defer { for finding in findings { context.console.remark(finding) } }
        return await accessor.transcriptMarks(&findings)
    }

    private func show(_ result: AccountTester.Result) {
        let console = context.console
        // A reader that has gone does not stop the test.
        if console.isJSON {
            try? console.output(TestObjects.object(result))
            return
        }
        let row = TestRow(result)
        let style = console.outputStyle
        let below = row.remarks(style, at: context.time.now) + (verbose ? row.stages(style) : [])
        try? console.output(([row.line(style)] + below.map { "   \($0)" }).map { "\($0)\n" }.joined())
    }

    private func remark(_ reason: String, _ accounts: [ResourceAddress]) {
        guard !accounts.isEmpty, !context.console.isJSON else { return }
        let names = accounts.prefix(Self.named).map(\.name).joined(separator: ", ")
        let more = accounts.count > Self.named ? " and \(accounts.count - Self.named) more" : ""
        context.console.remark("\(reason): \(names)\(more).")
    }

    /// How many accounts one sentence names; with `--json` all are.
    private static let named = 20

    private func say(_ words: String) {
        if !context.console.isJSON { try? context.console.output("\(words)\n") }
    }
}
