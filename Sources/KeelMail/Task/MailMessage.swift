import KeelBase
import KeelCrypto

/// A message that is sent to see that messages arrive (RFC 5322).
package struct MailMessage: Sendable, Hashable {
    /// Whom it is from.
    package struct Sender: Sendable, Hashable {
        package let address: String
        /// The name that is shown for it.
        package let label: String?

        package init(address: String, label: String? = nil) {
            self.address = address
            self.label = label
        }
    }

    package let from: Sender
    package let recipient: String
    package let subject: String
    /// Lines of text, ended by LF.
    package let text: String
    package let date: Timestamp
    /// With its angle brackets.
    package let messageID: String

    package init(
        from: Sender, recipient: String, subject: String, text: String, date: Timestamp, messageID: String? = nil
    ) {
        self.from = from
        self.recipient = recipient
        self.subject = subject
        self.text = text
        self.date = date
        self.messageID = messageID ?? Self.freshID(for: from.address)
    }

    /// A Message-ID that no other message will have, in the domain of `address`.
    package static func freshID(for address: String) -> String {
        let domain = address.split(separator: "@").last.map(String.init) ?? ""
        let isPlain = !domain.isEmpty && domain.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 0x2D || $0 == 0x2E }
        return "<mailkeel.\(Hexadecimal.text(RandomBytes.make(count: 16)))@\(isPlain ? domain : "mailkeel.invalid")>"
    }

    /// Throws what keeps the message from being sent.
    func check() throws(MailFailure) {
        guard SMTPText.isAddress(from.address) else { throw MailFailure(.unusableSender) }
        guard SMTPText.isAddress(recipient) else { throw MailFailure(.unusableRecipient) }
    }

    /// Whether its headers hold an address that only SMTPUTF8 carries (RFC 6531).
    var needsUTF8: Bool { !(from.address + recipient).utf8.allSatisfy { $0 < 0x80 } }

    /// The whole message, its lines ended by CRLF.
    package var bytes: [UInt8] {
        let label = from.label.map { HeaderText.phrase($0) + " " } ?? ""
        let headers = [
            "From: \(label)<\(from.address)>", "To: <\(recipient)>", "Date: \(Self.dateText(date))",
            "Message-ID: \(messageID)", "Subject: \(HeaderText.unstructured(subject))",
            // Nobody's out-of-office notice is wanted (RFC 3834 section 5).
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        let body = Base64.encode(Array(text.replacing("\n", with: "\r\n").utf8))
        let lines = stride(from: 0, to: body.count, by: 76).map { Array(body[$0..<min($0 + 76, body.count)]) }
        return Array(headers.joined(separator: "\r\n").utf8) + [0x0D, 0x0A, 0x0D, 0x0A]
            + lines.flatMap { $0 + [0x0D, 0x0A] }
    }

    /// `bytes` as `DATA` wants them: a dot at the start of a line doubled, and one alone behind the last (RFC 5321 section
    /// 4.5.2).
    var stuffed: [UInt8] {
        var output: [UInt8] = []
        var isLineStart = true
        for byte in bytes {
            if isLineStart, byte == UInt8(ascii: ".") { output.append(byte) }
            output.append(byte)
            isLineStart = byte == 0x0A
        }
        return output + Array(".\r\n".utf8)
    }

    /// `Sat, 21 Nov 2026 21:07:47 +0000` (RFC 5322 section 3.3).
    static func dateText(_ time: Timestamp) -> String {
        let text = time.description
        let parts = text.prefix(10).split(separator: "-")
        let day = Int((time.seconds / 86400 % 7 + 7 + 4) % 7)
        let month = Int(parts[1]).map { months[$0 - 1] } ?? ""
        return "\(days[day]), \(parts[2]) \(month) \(parts[0]) \(text.dropFirst(11).prefix(8)) +0000"
    }

    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension UInt8 {
    var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
