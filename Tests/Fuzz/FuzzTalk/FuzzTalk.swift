import FuzzDriver
import KeelBase
import KeelMail

/// An input as a mail server's side of a conversation.
///
/// Its first byte chooses how the client logs in (the lower half), whether TLS comes first (0x10), and whether something is done
/// once logged in (0x20 is not set).
package struct FuzzTalk {
    /// What a client does once logged in, where the input says so.
    private let task: ProbeTask
    private let methods: [LoginMethod]
    private let make: @Sendable (ProbeOrder) -> any LoginProbe

    package init(
        _ methods: [LoginMethod], task: ProbeTask, make: @escaping @Sendable (ProbeOrder) -> any LoginProbe
    ) {
        self.methods = methods
        self.task = task
        self.make = make
    }

    /// All the ways to log in by SASL.
    package static let mechanisms: [LoginMethod] = [
        .sasl(.xoauth2), .sasl(.oauthBearer), .sasl(.plain), .sasl(.login), .sasl(.cramMD5), .sasl(.scramSHA256),
        .sasl(.scramSHA1),
    ]

    private static let secret = "secret-for-fuzzing"

    /// Plays the input in two ways of cutting it.
    package func play(_ bytes: [UInt8]) {
        let choice = bytes.first ?? 0
        let said = Array(bytes.dropFirst())
        let isClear = choice & 0x10 != 0
        let order = order(
            methods[Int(choice & 0x0F) % methods.count], isClear ? .starttls : .tls,
            choice & 0x20 != 0 ? .prove : task)
        let byLines = converse(make(order), said.split(after: UInt8(ascii: "\n")))
        let half = said.count / 2
        let byHalves = converse(make(order), [Array(said.prefix(half)), Array(said.dropFirst(half))])
        // Where the cuts are must change nothing, unless it is TLS that they stand before.
        precondition(isClear || byLines == byHalves, "the cuts changed the outcome")
        precondition(!byLines.contains { $0.contains(Self.secret) }, "the credential is shown")
    }

    private func order(_ method: LoginMethod, _ security: ConnectionSecurity, _ task: ProbeTask) -> ProbeOrder {
        let isBearer = method == .sasl(.xoauth2) || method == .sasl(.oauthBearer)
        let secret = Secret(copying: Self.secret)
        return ProbeOrder(
            endpoint: HostPort(host: "127.0.0.1", port: 993), security: security,
            login: MailLogin(
                userName: "user@example.test", credential: isBearer ? .accessToken(secret) : .password(secret),
                method: method),
            task: task, nonce: { "nonce" })
    }

    /// What comes of a conversation: all that was said, and the end.
    private func converse(_ start: any LoginProbe, _ pieces: [[UInt8]]) -> [String] {
        var probe = start
        var outcome: [String] = []
        func take(_ actions: [ProbeAction]) {
            for action in actions {
                precondition(outcome.last != "finished", "an action after the end")
                switch action {
                case .send(_, let shown), .farewell(_, let shown): outcome.append(shown)
                case .startTLS: take(probe.tlsStarted(TLSFacts(version: .tls13, chain: [], endPoint: [1, 2, 3])))
                case .finished(let result):
                    look(at: result, probe.evidence)
                    outcome += ["\(result)", "finished"]
                }
            }
        }
        take(probe.start())
        for piece in pieces { take(probe.receive(piece)) }
        take(probe.receiveEnd())
        precondition(outcome.last == "finished", "the end of the connection is not the end")
        return [probe.transcript.description] + outcome
    }

    /// Whatever a server says, a report of it has seven stages, and one clean line for each.
    private func look(at result: Result<LoginProof, MailFailure>, _ evidence: ProbeEvidence) {
        let ending: ProbeReport.Ending =
            switch result {
            case .success(let proof): .proven(proof)
            case .failure(let failure): .refused(failure)
            }
        let report = ProbeReport(StreamOpening(peer: nil), evidence, ending)
        precondition(report.stages.count == ProbeStage.allCases.count)
        precondition(report.stages.allSatisfy { $0.evidence.unicodeScalars.allSatisfy { $0.value >= 0x20 } })
        if case .failure(let failure) = result {
            precondition(report.failed != nil, "a failure without a stage that failed")
            FuzzDriver.plantCrash(when: failure.credentialWasOffered && failure.kind == .limitReached)
        }
    }
}

extension [UInt8] {
    fileprivate func split(after end: UInt8) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while let index = rest.firstIndex(of: end) {
            pieces.append([UInt8](rest[...index]))
            rest = rest[(index + 1)...]
        }
        return pieces + [[UInt8](rest)]
    }
}
