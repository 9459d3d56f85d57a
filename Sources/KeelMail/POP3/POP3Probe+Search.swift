import KeelBase

/// A list that follows a `+OK` line by line.
enum POP3List: Sendable {
    case capabilities(POP3Capabilities)
    case header(MessageHeader)
}

/// The search for a message, from the newest backwards, by `TOP`, which leaves all as it is (RFC 1939 section 7).
extension POP3Probe {
    /// So many of the newest messages are looked at.
    static let mostLooks = 30

    /// `STAT` was obeyed: the login is worth something.
    mutating func counted(_ text: POP3Text) -> [ProbeAction] {
        proven(by: "STAT", capabilities: capabilities?.names ?? [])
        guard case .find = talk.order.task else { return takeLeave() }
        let count = text.words.text.split(separator: " ").first.flatMap { DecimalNumber.parse(String($0)) }
        guard let count else { return unsearchable(text.answer) }
        lastPosition = max(1, count - Self.mostLooks + 1)
        return look(at: count)
    }

    private mutating func look(at position: Int) -> [ProbeAction] {
        guard position >= lastPosition else {
            talk.proof?.arrival = .missing
            return takeLeave()
        }
        self.position = position
        return [talk.say("TOP \(position) 0")]
    }

    mutating func looked(at header: MessageHeader) -> [ProbeAction] {
        talk.heard(ForeignText("(the header of a message)"))
        guard let position, case .find(let messageID) = talk.order.task else { return takeLeave() }
        guard header.messageID.elementsEqual(messageID.utf8) else { return look(at: position - 1) }
        talk.proof?.arrival = .found(from: HeaderText.decoded(header.from))
        return takeLeave()
    }

    mutating func unsearchable(_ answer: ServerAnswer) -> [ProbeAction] {
        talk.proof?.arrival = .unsearchable(answer)
        return takeLeave()
    }
}
