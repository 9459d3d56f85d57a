import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan
import KeelProviders
import KeelSystem

/// Logs in to mail servers: dials, lets the account's machine speak, tries again what may pass, and tells what it saw.
package struct LoginTester: Sendable {
    private let dialer: any StreamDialer
    private let explanation: FailureExplanation
    private let patience: LoginPatience
    private let gate: LoginGate
    /// Where wire transcripts are kept; nil: nowhere.
    private let transcripts: WireTranscripts?
    /// Whether each test leaves one, whatever its account says.
    package var keepsTranscripts = false
    /// What stands in a transcript for a credential, beside its length; nil: its length alone.
    package var fingerprint: (@Sendable (Secret) -> String)?
    /// Told of each stage of each account as it begins.
    package var watch: @Sendable (ResourceAddress, ProbeStage) -> Void = { _, _ in }

    package init(
        dialer: any StreamDialer, explanation: FailureExplanation, patience: LoginPatience = LoginPatience(),
        gate: LoginGate = LoginGate(), transcripts: WireTranscripts? = nil
    ) {
        self.dialer = dialer
        self.explanation = explanation
        self.patience = patience
        self.gate = gate
        self.transcripts = transcripts
    }

    /// For the logins of one run in this project.
    init(paths: ProjectPaths, ports: EnginePorts, explanation: FailureExplanation) {
        self.init(
            dialer: ports.dialer, explanation: explanation, patience: ports.patience,
            transcripts: WireTranscripts(directory: paths.transcripts, files: ports.files, time: ports.time))
    }

    /// Proves that the credential opens the account, or finds out why not. Without a credential nobody logs in.
    ///
    /// A failure that may pass is tried again after a pause; a refused credential never, and no message that was shown.
    package func login(
        _ work: TestWork, credential: MailLogin.Credential?, for address: ResourceAddress, task: ProbeTask = .prove
    ) async -> LoginTrial {
        let clock = ContinuousClock()
        let start = clock.now
        let login = MailLogin(userName: work.userName, credential: credential, choice: work.choice)
        let claim = LoginGate.Claim(work.endpoint, userName: work.userName, most: work.mostConnections)
        let watch = watch
        let conversation = LoginConversation(
            dialer: dialer, patience: patience, clientName: Self.clientName, fingerprint: fingerprint,
            watch: { watch(address, $0) })
        var results: [LoginConversation.Result] = []
        var pause: Duration?
        while let result = await gate.pass(claim, { await conversation.run(work, login, task) }) {
            results.append(result)
            guard results.count <= patience.repetitions, result.mayPass(with: credential, task), !Task.isCancelled
            else { break }
            let wait = patience.pause(after: pause)
            pause = wait
            guard (try? await patience.sleep(wait)) != nil else { break }
        }
        let trial = self.trial(work, results, clock.now - start, address, showing: credential.method)
        if work.debug || keepsTranscripts { transcripts?.keep(trial, of: address) }
        return trial
    }

    private func trial(
        _ work: TestWork, _ results: [LoginConversation.Result], _ elapsed: Duration, _ address: ResourceAddress,
        showing: AuthenticationMethod
    ) -> LoginTrial {
        // Cut off before it came to its first attempt.
        let report = results.last?.report ?? ProbeReport(DialFailure(.closed, at: .dns))
        let outcome: Result<LoginProof, StepFailure>
        switch results.last?.ending ?? .broken(.closed) {
        case .proven(let proof): outcome = .success(proof)
        case .refused(let failure):
            var refusal = StepFailure(
                explanation.loginFailure(failure, address, endpoint: work.endpoint, of: work.type, showing: showing),
                weight: .unproven)
            refusal.mail = failure
            outcome = .failure(refusal.adding(report, attempts: results.count))
        case .broken(let failure):
            let diagnostic = explanation.serverUnreached(
                failure, address, endpoint: work.endpoint, security: work.security)
            outcome = .failure(
                StepFailure(diagnostic, weight: .unproven).adding(report, attempts: results.count))
        }
        return LoginTrial(
            endpoint: work.endpoint, outcome: outcome, report: report, attempts: max(1, results.count),
            elapsed: elapsed, facts: results.last?.facts ?? ObservedFacts(),
            transcripts: results.compactMap(\.transcript))
    }

    /// A name that a server may look up, else an address literal (RFC 5321 section 4.1.4).
    private static let clientName: String = {
        let name = HostIdentity.hostName
        let isName = name.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        return isName && name.utf8.contains(UInt8(ascii: ".")) ? name : "[127.0.0.1]"
    }()
}

extension TestWork {
    /// By what the account may log in: what its manifest says, else what server and provider allow.
    fileprivate var choice: LoginChoice {
        let server = preset.flatMap(ProviderPreset.named)?.cloud(nil)?.servers[type]
        return LoginChoice(mechanism: mechanism, tokenMechanisms: server?.tokenMechanisms ?? [])
    }

    /// How many connections a test opens to the mailbox at a time: never more than three, for the account's own programs
    /// use it as well.
    fileprivate var mostConnections: Int { min(maxConnections ?? 3, 3) }
}

extension MailLogin.Credential? {
    /// What was shown to the server.
    fileprivate var method: AuthenticationMethod {
        switch self {
        case .accessToken: .oauth2
        case .password: .password
        case nil: .none
        }
    }
}

extension LoginConversation.Result {
    /// Whether another attempt may end otherwise, and does no harm: a message that the server may have taken is not sent
    /// twice.
    fileprivate func mayPass(with credential: MailLogin.Credential?, _ task: ProbeTask) -> Bool {
        if case .submit = task, report.reached >= .proof { return false }
        return ending.mayPass(with: credential)
    }
}

extension ProbeReport.Ending {
    /// Whether the same attempt may end otherwise in a moment.
    ///
    /// A refused token is exchanged by whoever has its grant. A refused password is never offered again: a few of those and
    /// the account is locked.
    fileprivate func mayPass(with credential: MailLogin.Credential?) -> Bool {
        switch self {
        case .proven: return false
        case .broken(let failure): return failure == .closed
        case .refused(let failure):
            switch (failure.kind, failure.transience) {
            case (.authenticationFailed, _), (.credentialExpired, _), (_, .permanent): return false
            case (_, .transient), (.postLoginRefused, _): return true
            case (_, .unclear):
                if case .password? = credential { return !failure.credentialWasOffered }
                return true
            }
        }
    }
}

extension StepFailure {
    /// With how far the test came, and how often it was begun.
    fileprivate func adding(_ report: ProbeReport, attempts: Int) -> StepFailure {
        var failure = self
        failure.stage = report.failed?.stage
        guard let failed = report.failed else { return failure }
        let passed = report.stages.prefix { $0.stage != failed.stage }.filter { $0.outcome == .ok }
        let before = passed.isEmpty ? "" : "; \(passed.map(\.stage.rawValue).joined(separator: ", ")) went well"
        failure.diagnostic.notes.append(Diagnostic.Note("it failed at \(failed.stage.rawValue)\(before)"))
        if attempts > 1 { failure.diagnostic.notes.append(Diagnostic.Note("tried \(attempts) times, with pauses")) }
        return failure
    }
}
