import KeelBase
import KeelMail
import KeelPlan
import KeelState

/// A message that a test is to send, and how it is looked for.
package struct DeliveryOrder: Sendable {
    /// To whom.
    package let recipient: String
    /// How long to wait for it.
    package let patience: Duration
    /// Between two looks into the mailbox.
    package let interval: Duration
    /// Told once when the message is sent and looked for: by which account it was sent, and in which it is looked for.
    package let awaits: @Sendable (_ sender: ResourceAddress, _ receiver: ResourceAddress) async -> Void

    package init(
        to recipient: String, patience: Duration = .seconds(120), interval: Duration = .seconds(5),
        awaits: @escaping @Sendable (ResourceAddress, ResourceAddress) async -> Void = { _, _ in }
    ) {
        self.recipient = recipient
        self.patience = patience
        self.interval = interval
        self.awaits = awaits
    }

    /// The message of an account, from whom it is declared to send.
    func message(of address: ResourceAddress, _ work: TestWork, _ record: CommittedRecord, at now: Timestamp)
        -> MailMessage
    {
        var label: String?
        if case .text(let text)? = record.effective["userLabel"]?.value { label = text }
        return MailMessage(
            from: MailMessage.Sender(address: work.sender ?? work.userName, label: label), recipient: recipient,
            subject: "Test of \(address)",
            text: """
                Mailkeel sent this to see that the mail of \(address) arrives.
                Nobody needs to answer it, and it may be deleted.

                """, date: now)
    }

    /// The account in service that opens the recipient's mailbox; IMAP before POP3, which sees less.
    func receiver(in document: StateDocument) -> (address: ResourceAddress, record: CommittedRecord, work: TestWork)? {
        let found = document.addresses.compactMap { address -> (ResourceAddress, CommittedRecord, TestWork)? in
            guard address.kind == .emailAccount, let record = try? document.committed(address),
                let work = TestWork(record), work.type != .smtp,
                work.userName.lowercased() == recipient.lowercased()
            else { return nil }
            return (address, record, work)
        }
        return found.first { $0.2.type == .imap } ?? found.first
    }
}

/// What became of a message that a test sent.
package struct Delivery: Sendable, Equatable {
    package let recipient: String
    package let messageID: String
    /// Whom it is declared to be from.
    package let sender: String
    /// What the server said when it took it.
    package let answer: ServerAnswer
    /// The account in which it was looked for; nil if none of the mailbox is committed.
    package var receiver: ResourceAddress?
    /// What was found; nil where nobody looked.
    package var arrival: Arrival?
    /// How long it was waited for.
    package var waited = Duration.zero

    package init(
        recipient: String, messageID: String, sender: String, answer: ServerAnswer, receiver: ResourceAddress? = nil,
        arrival: Arrival? = nil, waited: Duration = .zero
    ) {
        self.recipient = recipient
        self.messageID = messageID
        self.sender = sender
        self.answer = answer
        self.receiver = receiver
        self.arrival = arrival
        self.waited = waited
    }

    /// Whether it arrived under another address than it was sent from.
    package var hasOtherSender: Bool {
        guard case .found(let from)? = arrival else { return false }
        return !from.text.lowercased().contains(sender.lowercased())
    }
}
