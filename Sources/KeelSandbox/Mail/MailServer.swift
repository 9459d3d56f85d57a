import KeelBase
import KeelNet

/// Drives the sessions of one port over connections.
struct MailServer: Sendable {
    let place: MailPlace
    let surroundings: MailSurroundings
    let faults: FaultBoard
    let log: SandboxLog
    let identity: ServerIdentity
    /// What SCRAM binds a login to.
    private let certificateHash: [UInt8]

    init(
        place: MailPlace, surroundings: MailSurroundings, faults: FaultBoard, log: SandboxLog, identity: ServerIdentity
    ) {
        self.place = place
        self.surroundings = surroundings
        self.faults = faults
        self.log = log
        self.identity = identity
        certificateHash = ServerEndPoint.hash(ofFirstCertificateIn: identity.certificateChainPEM) ?? []
    }

    /// Serves one connection until either side ends it.
    func serve(_ stream: ServedStream) async {
        log.record(SandboxEvent(.connection, service: place.service.rawValue))
        do throws(ConnectionFailure) {
            try await converse(stream)
        } catch {
            // A client that goes without a word is no event.
        }
    }

    private func converse(_ stream: ServedStream) async throws(ConnectionFailure) {
        let ordered = MailFaults(place, from: faults)
        for name in ordered.names {
            log.record(SandboxEvent(.fault, service: place.service.rawValue, reason: name))
        }
        let setting = surroundings.setting(place, certificateHash, ordered)
        var session = setting.session(isSecure: place.security == .tls)
        var reader = LineReader(stream)
        var wire = FaultyWire(stream, ordered)
        var answer = session.greeting
        while true {
            // Before it is sent: who sees the answer finds the event in the log.
            if let event = answer.event { log.record(event) }
            try await wire.send(answer, isLast: !reader.hasLine)
            switch answer.sequel {
            case .goesOn: break
            case .closes: return
            case .repeats(let refrain): while true { try await stream.write(refrain) }
            case .startsTLS:
                guard try await secure(stream, reader, ordered) else { return }
                session.becameSecure()
            }
            guard let next = try await Self.next(&session, &reader) else { return }
            answer = next
        }
    }

    /// False when something came behind the command that asked for TLS, which somebody slipped in: it is not obeyed.
    private func secure(
        _ stream: ServedStream, _ reader: LineReader, _ ordered: MailFaults
    ) async throws(ConnectionFailure) -> Bool {
        if let order = ordered[.mailStartTLSInjectionLater] {
            try? await Task.sleep(for: .milliseconds(order.number))
            try await stream.write(MailAnswer(lines: place.service.injected).bytes)
            // No handshake can follow: the client's first words were meant for one.
            while try await !stream.read().isEmpty {}
            return false
        }
        do throws(ConnectionFailure) {
            guard !reader.hasMore else { throw .injected(bytes: 1) }
            try await stream.startTLS(as: identity)
            return true
        } catch {
            guard case .injected = error else { throw error }
            log.record(SandboxEvent(.commandInjected, service: place.service.rawValue))
            return false
        }
    }

    /// What the client's next line, with its literals, is answered by; nil at the end.
    private static func next(
        _ session: inout any MailSession, _ reader: inout LineReader
    ) async throws(ConnectionFailure) -> MailAnswer? {
        if let count = session.awaitedBytes {
            guard let bytes = try await reader.next(count: count) else { return nil }
            session.receiveLiteral(bytes)
        }
        switch try await reader.next() {
        case .line(let line): return session.receive(line)
        case .tooLong: return session.lineTooLong
        case .end: return nil
        }
    }
}

/// What the sessions of all ports share.
struct MailSurroundings: Sendable {
    let gate: MailboxGate
    let postbox: Postbox
    let time: any TimeSource
    let metadataAddress: String
    /// Where each port listens, once it does.
    let places: MailPlaces

    func setting(_ place: MailPlace, _ certificateHash: [UInt8], _ faults: MailFaults) -> MailSetting {
        MailSetting(
            gate: gate, postbox: postbox, time: time,
            endpoint: places[place] ?? HostPort(host: "127.0.0.1", port: 0),
            certificateHash: certificateHash, metadataAddress: metadataAddress, faults: faults)
    }
}

extension MailSetting {
    func session(isSecure: Bool) -> any MailSession {
        switch service {
        case .smtp: SMTPSession(self, isSecure: isSecure)
        case .imap: IMAPSession(self, isSecure: isSecure)
        case .pop3: POP3Session(self, isSecure: isSecure)
        }
    }
}
