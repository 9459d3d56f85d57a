import KeelBase

/// Sends answers, as slowly, in as many pieces and as far as was ordered.
struct FaultyWire {
    private let stream: any ByteStream
    private let faults: MailFaults
    /// How many bytes may still go before the connection is cut; nil for all.
    private var left: Int?
    private var held: [UInt8] = []

    init(_ stream: any ByteStream, _ faults: MailFaults) {
        self.stream = stream
        self.faults = faults
        left = faults[.mailCut].map(\.number)
    }

    /// Sends it all; throws `.closed` where it is cut. `isLast`: nothing else is to be answered yet.
    mutating func send(_ answer: MailAnswer, isLast: Bool) async throws(ConnectionFailure) {
        if faults.contains(.mailSilent) || (answer.isVerdict && faults.contains(.mailLoginSilent)) {
            return try await saysNothing()
        }
        if let order = faults[.mailSlow] { try await wait(order) }
        if answer.isVerdict, let order = faults[.mailLoginSlow] { try await wait(order) }
        var bytes = answer.bytes
        if answer.sequel == .startsTLS, faults.contains(.mailStartTLSInjection) {
            bytes += MailAnswer(lines: faults.service.injected).bytes
        }
        if faults.contains(.mailCoalesced), !isLast, answer.sequel == .goesOn {
            held += bytes
            return
        }
        bytes = held + bytes
        held = []
        try await write(bytes)
    }

    private mutating func write(_ bytes: [UInt8]) async throws(ConnectionFailure) {
        let allowed = bytes.prefix(left ?? bytes.count)
        if let order = faults[.mailTrickle] {
            for byte in allowed {
                try await stream.write([byte])
                if order.number > 0 { try await wait(order) }
            }
        } else {
            try await stream.write(Array(allowed))
        }
        guard let left else { return }
        self.left = left - allowed.count
        if self.left == 0 { throw .closed }
    }

    /// Listens until the client goes.
    private func saysNothing() async throws(ConnectionFailure) {
        while try await !stream.read().isEmpty {}
        throw .closed
    }

    private func wait(_ order: FaultOrder) async throws(ConnectionFailure) {
        do { try await Task.sleep(for: .milliseconds(order.number)) } catch { throw .closed }
    }
}

extension MailProtocol {
    /// What somebody on the way would like a client to take for the server's words over TLS.
    var injected: [String] {
        switch self {
        case .smtp: ["250-\(MailSetting.hostName)", "250 AUTH PLAIN LOGIN"]
        case .imap: ["* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2", "* OK [ALERT] This was not sent by the server"]
        case .pop3: ["+OK", "USER", "SASL PLAIN XOAUTH2", "."]
        }
    }
}
