import KeelBase

/// Drives sessions over connections.
struct IMAPServer: Sendable {
    let gate: MailboxGate
    let faults: FaultBoard
    let log: SandboxLog

    /// Serves one connection until either side ends it.
    func serve(_ stream: any ByteStream) async {
        log.record(SandboxEvent(.connection, service: "imap"))
        do throws(ConnectionFailure) {
            try await converse(stream)
        } catch {
            // A client that goes without a word is no event.
        }
    }

    private func converse(_ stream: any ByteStream) async throws(ConnectionFailure) {
        // A connection counts as one time.
        let ordered = SandboxFault.ofIMAP.filter { faults.take($0) != nil }
        for fault in ordered { log.record(SandboxEvent(.fault, service: "imap", reason: fault.rawValue)) }
        var session = IMAPSession(gate: gate, faults: Set(ordered))
        var reader = LineReader(stream)
        var answer = session.greeting
        while true {
            // Before it is sent: who sees the answer finds the event in the log.
            if let event = answer.event { log.record(event) }
            try await stream.write(answer.bytes)
            guard !answer.closes else { return }
            switch try await reader.next() {
            case .line(let line): answer = session.receive(line)
            case .tooLong: answer = IMAPSession.lineTooLong
            case .end: return
            }
        }
    }
}
