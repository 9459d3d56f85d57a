import KeelBase

/// What follows the login: the sender is tried, or a message is sent.
extension SMTPProbe {
    mutating func confirm() -> [ProbeAction] {
        guard let sender else {
            step = .noop
            return [talk.say("NOOP")]
        }
        let needsUTF8 = message?.needsUTF8 ?? !sender.utf8.allSatisfy { $0 < 0x80 }
        guard !needsUTF8 || extensions?.contains("SMTPUTF8") == true else {
            return leave(talk.failure(.smtpUTF8NotOffered))
        }
        // Whoever offers SMTPUTF8 offers 8BITMIME (RFC 6531 section 3.1), which headers in UTF-8 need.
        let parameters = (needsUTF8 ? " SMTPUTF8" : "") + (needsUTF8 && message != nil ? " BODY=8BITMIME" : "")
        let command = "MAIL FROM:<\(sender)>" + parameters
        step = .sender(command)
        return [talk.say(command)]
    }

    mutating func answeredStep(_ reply: SMTPReply) -> [ProbeAction] {
        switch step {
        // The sender was accepted; whether it could be taken back changes nothing, for nothing was sent.
        case .reset: return takeLeave()
        case .data where reply.code == 354: return sendMessage()
        case .data: return declined(reply, message: true)
        case .noop, .sender, .recipient, .message, .none: break
        }
        guard reply.isPositive else { return declined(reply, message: step == .message) }
        switch step {
        case .noop: proven(by: "NOOP", capabilities: capabilities)
        case .sender(let command):
            guard let message else {
                proven(by: command, capabilities: capabilities)
                step = .reset
                return [talk.say("RSET")]
            }
            step = .recipient
            return [talk.say("RCPT TO:<\(message.recipient)>")]
        case .recipient:
            step = .data
            return [talk.say("DATA")]
        case .message:
            proven(by: "DATA", capabilities: capabilities)
            talk.proof?.submission = reply.answer
        case .none, .reset, .data: break
        }
        return takeLeave()
    }

    private var capabilities: [String] { extensions?.names ?? [] }

    private mutating func sendMessage() -> [ProbeAction] {
        guard let message else { return violation(.unexpectedReply, ForeignText("")) }
        let bytes = message.stuffed
        step = .message
        return [talk.say(bytes: bytes, shown: "(message, \(bytes.count) bytes)")]
    }

    /// The server does not obey. `message`: the message itself is what it does not take.
    private mutating func declined(_ reply: SMTPReply, message: Bool) -> [ProbeAction] {
        guard (400..<600).contains(reply.code) else { return violation(.unexpectedReply, reply.answer.words) }
        let kind: MailFailure.Kind =
            switch step {
            case .noop: reply.idleKind(loggedIn: isLoggedIn)
            case .recipient: reply.recipientKind(loggedIn: isLoggedIn)
            case _ where message: reply.messageKind(loggedIn: isLoggedIn)
            default: reply.senderKind(loggedIn: isLoggedIn)
            }
        return refused(kind, reply)
    }

    /// An account may be one without a login.
    private var isLoggedIn: Bool { talk.order.login.credential != nil }

    var closedInProof: MailFailure.Kind {
        if step == .message { return .submissionUnknown }
        return isLoggedIn ? .postLoginRefused : .closedEarly
    }
}
