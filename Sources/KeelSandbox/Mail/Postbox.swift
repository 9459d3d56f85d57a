import KeelBase
import Synchronization

/// A message as it was delivered.
struct StoredMessage: Sendable {
    /// Never given twice in one mailbox.
    let uid: Int
    /// With CRLF, and with what the server put before it.
    let bytes: [UInt8]
    let arrived: Timestamp
}

/// The mail of all mailboxes, in memory: what came by SMTP is read by IMAP and POP3.
final class Postbox: Sendable {
    private struct Mailbox {
        var messages: [StoredMessage] = []
        var nextUID = 1
    }

    /// Enough for a test; the oldest goes first.
    private static let limit = 200
    private let mailboxes = Mutex<[String: Mailbox]>([:])

    func deliver(_ bytes: [UInt8], to mailbox: String, at time: Timestamp) {
        mailboxes.withLock { mailboxes in
            var box = mailboxes[mailbox.lowercased(), default: Mailbox()]
            box.messages.append(StoredMessage(uid: box.nextUID, bytes: bytes, arrived: time))
            box.nextUID += 1
            if box.messages.count > Self.limit { box.messages.removeFirst() }
            mailboxes[mailbox.lowercased()] = box
        }
    }

    /// What is there now, oldest first, and the number that comes next.
    func content(of mailbox: String) -> (messages: [StoredMessage], nextUID: Int) {
        mailboxes.withLock { mailboxes in
            let box = mailboxes[mailbox.lowercased()] ?? Mailbox()
            return (box.messages, box.nextUID)
        }
    }
}
