import KeelBase

/// One login by a mechanism, as lines in base 64, whichever protocol carries them.
struct Authentication {
    enum Outcome {
        /// In base 64.
        case challenge(String, SandboxEvent?)
        case over(LoginVerdict, SandboxEvent?)
        /// The client broke it off with `*`.
        case cancelled
        case notBase64
    }

    private var exchange: any MailExchange
    /// What is said once the client has answered the error with this.
    private var pending: (acknowledgement: [UInt8], verdict: LoginVerdict)?
    private let mechanism: MailMechanism
    private let judge: LoginJudge

    /// Nil for a mechanism that is not offered.
    init?(_ name: some StringProtocol, _ setting: MailSetting) {
        guard let mechanism = MailMechanism(rawValue: name.uppercased()), setting.faults.mechanisms.contains(mechanism)
        else { return nil }
        self.mechanism = mechanism
        judge = LoginJudge(gate: setting.gate, faults: setting.faults)
        exchange = mechanism.exchange(setting)
    }

    /// Begins, with what stood behind the mechanism's name; `=` is a response without bytes (RFC 4959 section 3).
    mutating func begin(_ initial: String?) -> Outcome {
        guard let initial else { return .challenge(SandboxBase64.text(exchange.opening ?? []), nil) }
        // Where the server asks first, nothing can have been answered; the user name of LOGIN is often sent so all the same.
        guard exchange.opening == nil || mechanism == .login else {
            let verdict = judge.malformed(mechanism.rawValue)
            return .over(verdict, verdict.event)
        }
        return receive(initial == "=" ? [] : Array(initial.utf8))
    }

    mutating func receive(_ line: [UInt8]) -> Outcome {
        guard line != [UInt8(ascii: "*")] else { return .cancelled }
        let decoded = SandboxBase64.decode(line)
        if let pending {
            guard decoded == pending.acknowledgement else {
                let verdict = judge.malformed(mechanism.rawValue)
                return .over(verdict, verdict.event)
            }
            return .over(pending.verdict, nil)
        }
        guard let decoded else { return .notBase64 }
        switch exchange.receive(decoded) {
        case .challenge(let bytes): return .challenge(SandboxBase64.text(bytes), nil)
        case .verdict(let verdict): return .over(verdict, verdict.event)
        case .error(let bytes, let acknowledgement, let verdict):
            pending = (acknowledgement, verdict)
            return .challenge(SandboxBase64.text(bytes), verdict.event)
        }
    }

    /// What is logged of a response that nobody could read.
    var unreadable: SandboxEvent { judge.malformed(mechanism.rawValue).event }
}
