import KeelBase

/// A message under way: who sends it, and to whom.
struct MailTransaction {
    let sender: String
    let isInternational: Bool
    var recipients: [String] = []
}

/// The lines of a message that comes.
struct IncomingMessage {
    private(set) var bytes: [UInt8] = []
    private(set) var isTooLong = false

    /// Nil until the dot that ends it; then all of it.
    mutating func add(_ line: [UInt8]) -> IncomingMessage? {
        if line == [UInt8(ascii: ".")] { return self }
        // A dot at the start was doubled (RFC 5321 section 4.5.2).
        let line = line.first == UInt8(ascii: ".") ? line.dropFirst() : line[...]
        if bytes.count + line.count + 2 > SMTPSession.longestMessage {
            isTooLong = true
        } else {
            bytes += line + [13, 10]
        }
        return nil
    }
}

extension SMTPSession {
    /// MAIL, RCPT and DATA.
    mutating func transfer(_ name: String, _ words: Substring, _ login: MailboxLogin) -> MailAnswer {
        switch name {
        case "MAIL": mail(words, login)
        case "RCPT": recipient(words)
        default: data(words)
        }
    }

    private mutating func mail(_ words: Substring, _ login: MailboxLogin) -> MailAnswer {
        if let reply = faults.reply(.sender) { return Self.answer(reply.lines) }
        guard transaction == nil else { return MailAnswer("503 5.5.1 a sender was named already") }
        guard let path = SMTPPath(words, keyword: "FROM:") else {
            return MailAnswer("501 5.1.7 MAIL FROM:<address>")
        }
        var isInternational = false
        for parameter in path.parameters {
            switch parameter.uppercased() {
            case "SMTPUTF8": isInternational = true
            case "BODY=7BIT", "BODY=8BITMIME": break
            case let size where size.hasPrefix("SIZE="):
                guard let count = Int(size.dropFirst(5)) else { return MailAnswer("501 5.5.4 SIZE is a number") }
                guard count <= Self.longestMessage else { return MailAnswer("552 5.3.4 the message is too long") }
            case let other where other.hasPrefix("AUTH="): break
            default: return MailAnswer("555 5.5.4 that parameter is not known here")
            }
        }
        guard isInternational || path.address.utf8.allSatisfy({ $0 < 0x80 }) else {
            return MailAnswer("553 5.6.7 that address needs SMTPUTF8")
        }
        guard login.senders.containsMailbox(path.address) else {
            return MailAnswer(
                "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
                event: SandboxEvent(
                    .senderRefused, service: "smtp", mailbox: ForeignText(login.mailbox), reason: "sender_not_allowed"))
        }
        transaction = MailTransaction(sender: path.address, isInternational: isInternational)
        return MailAnswer(
            "250 2.1.0 that sender is allowed",
            event: SandboxEvent(.senderAccepted, service: "smtp", mailbox: ForeignText(path.address)))
    }

    private mutating func recipient(_ words: Substring) -> MailAnswer {
        guard let transaction else { return MailAnswer("503 5.5.1 name the sender first") }
        guard let path = SMTPPath(words, keyword: "TO:"), !path.address.isEmpty else {
            return MailAnswer("501 5.1.3 RCPT TO:<address>")
        }
        guard path.parameters.isEmpty else { return MailAnswer("555 5.5.4 that parameter is not known here") }
        guard let mailbox = setting.gate.users.user(path.address) else {
            return MailAnswer("550 5.1.1 there is no such mailbox here")
        }
        guard transaction.recipients.count < 10 else { return MailAnswer("452 4.5.3 too many recipients") }
        self.transaction?.recipients.append(mailbox.name)
        return MailAnswer("250 2.1.5 that mailbox is here")
    }

    private mutating func data(_ words: Substring) -> MailAnswer {
        guard words.isEmpty else { return MailAnswer("501 5.5.4 DATA takes no parameters") }
        guard let transaction, !transaction.recipients.isEmpty else {
            return MailAnswer("503 5.5.1 name sender and recipients first")
        }
        state = .message(IncomingMessage())
        return MailAnswer("354 the message, and a line with a dot")
    }

    /// Delivers a message, with the lines that say whence it came (RFC 5321 section 4.4).
    mutating func finish(_ message: IncomingMessage) -> MailAnswer {
        guard let transaction, let login else { return MailAnswer("503 5.5.1 Bad sequence of commands") }
        self.transaction = nil
        if let reply = faults.reply(.message) { return Self.answer(reply.lines) }
        guard !message.isTooLong else { return MailAnswer("552 5.3.4 the message is too long") }
        guard let from = MessageText(message.bytes).address("From"), login.senders.containsMailbox(from.address) else {
            return MailAnswer(
                "554 5.2.252 SendAsDenied; \(login.mailbox) not allowed to send as the address in From",
                event: SandboxEvent(
                    .senderRefused, service: "smtp", mailbox: ForeignText(login.mailbox), reason: "from_not_allowed"))
        }
        let trace = [
            "Return-Path: <\(transaction.sender)>",
            "Received: by \(MailSetting.hostName) with \(transaction.isInternational ? "UTF8SMTPSA" : "ESMTPSA");",
            "\t\(setting.time.now.mailDate)",
        ]
        for mailbox in transaction.recipients {
            setting.postbox.deliver(MailAnswer(lines: trace).bytes + message.bytes, to: mailbox, at: setting.time.now)
        }
        return MailAnswer(
            "250 2.0.0 delivered",
            event: SandboxEvent(.delivered, service: "smtp", mailbox: ForeignText(transaction.sender)))
    }
}

/// The path of MAIL and RCPT, with what follows it (RFC 5321 section 4.1.2).
struct SMTPPath {
    /// Empty for `<>`.
    let address: String
    let parameters: [Substring]

    /// Reads `FROM:<address> parameters`; nil for anything else. A blank behind the colon is forbidden there.
    init?(_ words: Substring, keyword: String) {
        guard words.prefix(keyword.count).uppercased() == keyword else { return nil }
        let rest = words.dropFirst(keyword.count)
        guard rest.first == "<", let close = rest.firstIndex(of: ">") else { return nil }
        let address = rest[..<close].dropFirst()
        let tail = rest[rest.index(after: close)...]
        guard tail.isEmpty || tail.hasPrefix(" "), !address.contains(where: { $0 == " " || $0 == "<" }),
            address.isEmpty || address.dropFirst().dropLast().contains("@")
        else { return nil }
        self.address = String(address)
        parameters = tail.split(separator: " ")
    }
}
