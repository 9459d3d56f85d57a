import KeelBase

/// How a login ended.
enum LoginVerdict {
    case admitted(MailboxLogin, SandboxEvent)
    case refused(LoginRefusal, SandboxEvent)

    var event: SandboxEvent {
        switch self {
        case .admitted(_, let event), .refused(_, let event): event
        }
    }
}

/// Why nobody was let in: what the protocol has words for.
enum LoginRefusal {
    case credential
    /// The credential is good, but not for that mailbox.
    case mailbox
    /// What came is no response of the mechanism.
    case malformed
    /// Somebody ordered these words.
    case ordered([String])
    /// Hangs up instead of saying so.
    case hangUp
}

/// Judges credentials for one connection, with the faults that were ordered for it.
struct LoginJudge {
    let gate: MailboxGate
    let faults: MailFaults

    /// Judges a token that was shown for a mailbox.
    func token(_ secret: Secret, for mailbox: String, by mechanism: String) -> LoginVerdict {
        if let verdict = mishap(mailbox, mechanism) { return verdict }
        switch gate.admit(mailbox, by: secret, to: faults.service) {
        case .invalidToken(let reason, let token):
            return .refused(.credential, refused(reason, mailbox, mechanism, token))
        case .otherMailbox(let token):
            return .refused(.mailbox, refused("mailbox_not_allowed", mailbox, mechanism, token))
        case .admitted(let token):
            let event = SandboxEvent(
                .loginOK, service: faults.service.rawValue, clientID: token.client.id, scopes: token.scopes,
                mailbox: ForeignText(mailbox), token: token.reference, mechanism: mechanism)
            return .admitted(gate.login(mailbox), event)
        }
    }

    /// Judges a password, or what proves that it is known.
    func password(of mailbox: String, by mechanism: String, _ isRight: (Secret) -> Bool) -> LoginVerdict {
        if let verdict = mishap(mailbox, mechanism) { return verdict }
        guard let password = gate.password(of: mailbox) else {
            return .refused(.credential, refused("unknown_mailbox", mailbox, mechanism))
        }
        guard isRight(password) else { return .refused(.credential, refused("wrong_password", mailbox, mechanism)) }
        let event = SandboxEvent(
            .loginOK, service: faults.service.rawValue, mailbox: ForeignText(mailbox), mechanism: mechanism)
        return .admitted(gate.login(mailbox), event)
    }

    func malformed(_ mechanism: String) -> LoginVerdict {
        .refused(.malformed, refused("malformed_response", nil, mechanism))
    }

    /// What was ordered instead of a judgement.
    private func mishap(_ mailbox: String, _ mechanism: String) -> LoginVerdict? {
        if faults.contains(.mailClosesOnLogin) {
            return .refused(.hangUp, refused("fault_closes_on_login", mailbox, mechanism))
        }
        if let order = faults[.mailLoginAnswer] {
            return .refused(.ordered([order.value]), refused("fault_login_answer", mailbox, mechanism))
        }
        if let reply = faults.reply(.login) {
            return .refused(.ordered(reply.lines), refused(reply.reason, mailbox, mechanism))
        }
        return faults.contains(.mailLoginRefused)
            ? .refused(.credential, refused("fault_login_refused", mailbox, mechanism)) : nil
    }

    private func refused(
        _ reason: String, _ mailbox: String?, _ mechanism: String, _ token: IssuedToken? = nil
    ) -> SandboxEvent {
        // What stands where an unknown name should be may be anything, even the password.
        let known = mailbox.flatMap { gate.knows($0) || token?.mayOpen($0) == true ? ForeignText($0) : nil }
        return SandboxEvent(
            .loginRefused, service: faults.service.rawValue, clientID: token?.client.id, scopes: token?.scopes ?? [],
            mailbox: known, reason: reason, token: token?.reference, mechanism: mechanism)
    }
}
