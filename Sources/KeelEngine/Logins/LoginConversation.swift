import KeelBase
import KeelMail
import KeelPlan

/// One conversation with a mail server: the place where the machines meet the network.
struct LoginConversation: Sendable {
    /// What came of it.
    struct Result: Sendable {
        let report: ProbeReport
        let ending: ProbeReport.Ending
        /// Nil where nothing was said.
        let transcript: Transcript?
        let facts: ObservedFacts
    }

    let dialer: any StreamDialer
    let patience: LoginPatience
    /// This host's name for SMTP.
    let clientName: String
    /// What stands in a transcript for a credential.
    let fingerprint: (@Sendable (Secret) -> String)?
    /// Told of each stage as it begins.
    let watch: @Sendable (ProbeStage) -> Void

    /// Dials, and does what the probe of the account says until it is over.
    func run(_ work: TestWork, _ login: MailLogin, _ task: ProbeTask) async -> Result {
        await withTaskExecutorPreference(dialer.executor()) { await dialAndTalk(work, login, task) }
    }

    private func dialAndTalk(_ work: TestWork, _ login: MailLogin, _ task: ProbeTask) async -> Result {
        watch(.dns)
        let stream: any DialedStream
        do throws(DialFailure) {
            stream = try await dialer.connect(
                to: work.endpoint, security: work.streamSecurity, timeout: patience.connecting)
        } catch {
            return Result(
                report: ProbeReport(error), ending: .broken(error.reason), transcript: nil,
                facts: ObservedFacts(tls: error.opening?.tls))
        }
        let order = ProbeOrder(
            endpoint: work.endpoint, security: work.security, login: login, task: task,
            endPoint: stream.opening.tls?.endPoint, fingerprint: fingerprint)
        let talk = Talk(
            probe: MailProbe.make(for: work.type, order, sender: work.sender, clientName: clientName),
            stream: stream, work: work, patience: patience, watch: watch)
        let (probe, ending) = await talk.run()
        await stream.close()
        let evidence = probe.evidence
        let offer = evidence.offer.map {
            ObservedFacts.Offer(capabilities: evidence.capabilities, mechanisms: $0.mechanisms)
        }
        return Result(
            report: ProbeReport(stream.opening, evidence, ending), ending: ending, transcript: probe.transcript,
            facts: ObservedFacts(offer: offer, tls: stream.opening.tls ?? evidence.tls))
    }
}

extension TestWork {
    /// With STARTTLS the connection begins in clear, and the machine sees to it that it does not stay so.
    fileprivate var streamSecurity: StreamSecurity {
        switch security {
        case .tls: .tls(serverName: endpoint.host, trust)
        case .starttls, .none: .clear
        }
    }
}

/// A machine and its stream, until the machine is done or the stream is.
private struct Talk {
    var probe: any LoginProbe
    let stream: any DialedStream
    let work: TestWork
    let patience: LoginPatience
    let watch: @Sendable (ProbeStage) -> Void
    private let clock = ContinuousClock()

    init(
        probe: any LoginProbe, stream: any DialedStream, work: TestWork, patience: LoginPatience,
        watch: @escaping @Sendable (ProbeStage) -> Void
    ) {
        self.probe = probe
        self.stream = stream
        self.work = work
        self.patience = patience
        self.watch = watch
    }

    func run() async -> (any LoginProbe, ProbeReport.Ending) {
        let guardian = StageWatch(stream, whole: patience.whole, first: patience.greeting)
        var copy = self
        return await guardian.guarding {
            let ending = await copy.converse(guardian)
            return (copy.probe, ending)
        }
    }

    private mutating func converse(_ guardian: StageWatch) async -> ProbeReport.Ending {
        let start = clock.now
        var stage: ProbeStage?
        var actions = probe.start()
        do throws(ConnectionFailure) {
            while true {
                if probe.stage != stage {
                    stage = probe.stage
                    watch(probe.stage)
                }
                for index in actions.indices {
                    switch actions[index] {
                    case .send(let bytes, _):
                        guardian.allow(patience.command)
                        try await stream.write(bytes.reveal())
                    case .farewell(let bytes, _): try? await stream.write(bytes.reveal())
                    case .startTLS: break
                    case .finished(.success(let proof)): return .proven(proof)
                    case .finished(.failure(let failure)): return .refused(failure)
                    }
                }
                if case .startTLS? = actions.last {
                    guardian.allow(patience.command)
                    let facts = try await stream.startTLS(serverName: work.endpoint.host, work.trust)
                    guardian.allow(patience.command)
                    probe.clock = clock.now - start
                    actions = probe.tlsStarted(facts)
                    continue
                }
                let bytes = try await stream.read()
                probe.clock = clock.now - start
                if bytes.isEmpty, guardian.isLate, probe.proof == nil { return .broken(.timedOut) }
                actions = bytes.isEmpty ? probe.receiveEnd() : probe.receive(bytes)
                if bytes.isEmpty, actions.isEmpty { return .broken(.closed) }
            }
        } catch {
            probe.clock = clock.now - start
            // The proof stands even if the server hangs up before it says goodbye.
            if let proof = probe.proof { return .proven(proof) }
            if guardian.isLate { return .broken(.timedOut) }
            // The machine has the word for it: it is no failure of a connection, but an attack on the account's login.
            if case .injected = error { return .refused(MailFailure(.injectedBeforeTLS, wasBeforeTLS: true)) }
            // A reset ends the conversation like a close: only the machine knows what was shown before.
            if error == .closed, case .finished(.failure(let failure))? = probe.receiveEnd().last {
                return .refused(failure)
            }
            return .broken(error)
        }
    }
}
