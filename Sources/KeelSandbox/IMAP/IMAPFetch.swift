import KeelBase

/// What FETCH asks for (RFC 3501 section 6.4.5), as far as a client that looks for a message needs it.
struct IMAPFetch {
    private enum Item {
        case uid, flags, size, arrival, envelope
        /// The whole message, its header, some of its fields, or its text; with the words that name it.
        case section(String, fields: [String])
    }

    private var items: [Item] = []

    /// Nil for what is not known here, and for what would mark a message as read.
    init?(_ text: String) {
        var rest = text[...]
        if rest.hasPrefix("("), rest.hasSuffix(")") { rest = rest.dropFirst().dropLast() }
        while !rest.isEmpty {
            rest = rest.drop { $0 == " " }
            let name = rest.prefix { $0 != " " && $0 != "[" }
            rest = rest.dropFirst(name.count)
            switch name.uppercased() {
            case "UID": items.append(.uid)
            case "FLAGS": items.append(.flags)
            case "RFC822.SIZE": items.append(.size)
            case "INTERNALDATE": items.append(.arrival)
            case "ENVELOPE": items.append(.envelope)
            case "BODY.PEEK":
                guard rest.first == "[", let end = rest.firstIndex(of: "]") else { return nil }
                guard let item = Self.section(rest[..<end].dropFirst()) else { return nil }
                items.append(item)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
        guard !items.isEmpty else { return nil }
    }

    private static func section(_ text: Substring) -> Item? {
        let name = text.uppercased()
        if ["", "HEADER", "TEXT"].contains(name) { return .section(name, fields: []) }
        guard name.hasPrefix("HEADER.FIELDS ("), name.hasSuffix(")") else { return nil }
        return .section(
            name, fields: name.dropFirst("HEADER.FIELDS (".count).dropLast().split(separator: " ").map(String.init))
    }

    /// The items with their values, separated by blanks.
    func content(_ message: StoredMessage, withUID: Bool) -> [UInt8] {
        let text = MessageText(message.bytes)
        var parts = items.map { item in
            switch item {
            case .uid: Array("UID \(message.uid)".utf8)
            case .flags: Array("FLAGS ()".utf8)
            case .size: Array("RFC822.SIZE \(message.bytes.count)".utf8)
            case .arrival: Array("INTERNALDATE \"\(message.arrived.internalDate)\"".utf8)
            case .envelope: Array("ENVELOPE ".utf8) + Self.envelope(text)
            case .section(let name, let fields):
                Array("BODY[\(name)] ".utf8) + Self.literal(Self.section(name, fields, message, text))
            }
        }
        let hasUID = items.contains { if case .uid = $0 { true } else { false } }
        if withUID, !hasUID { parts.insert(Array("UID \(message.uid)".utf8), at: 0) }
        return Array(parts.joined(separator: [UInt8(ascii: " ")]))
    }

    private static func section(
        _ name: String, _ fields: [String], _ message: StoredMessage, _ text: MessageText
    ) -> [UInt8] {
        switch name {
        case "": message.bytes
        case "HEADER": text.header
        case "TEXT": text.body
        default: text.fields.filter { fields.contains($0.name.uppercased()) }.flatMap(\.whole) + [13, 10]
        }
    }

    private static func literal(_ bytes: [UInt8]) -> [UInt8] { Array("{\(bytes.count)}\r\n".utf8) + bytes }

    /// A string, or NIL for what is not there.
    private static func string(_ bytes: [UInt8]?) -> [UInt8] {
        guard let bytes else { return Array("NIL".utf8) }
        let isPlain = bytes.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\")
        }
        return isPlain ? [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")] : literal(bytes)
    }

    /// Date, subject, from, sender, reply-to, to, cc, bcc, in-reply-to, message-id (RFC 3501 section 7.4.2).
    private static func envelope(_ text: MessageText) -> [UInt8] {
        let from = text.field("From") == nil ? nil : "From"
        func person(_ name: String?) -> [UInt8] {
            guard let name, let found = text.address(name) else { return Array("NIL".utf8) }
            let at = found.address.lastIndex(of: "@") ?? found.address.endIndex
            let parts = [
                string(found.display.isEmpty ? nil : found.display), Array("NIL".utf8),
                string(Array(found.address[..<at].utf8)), string(Array(found.address[at...].dropFirst().utf8)),
            ]
            return Array("((".utf8) + Array(parts.joined(separator: [UInt8(ascii: " ")])) + Array("))".utf8)
        }
        func of(_ name: String) -> String? { text.field(name) == nil ? nil : name }
        let parts = [
            string(text.field("Date")), string(text.field("Subject")), person(from), person(of("Sender") ?? from),
            person(of("Reply-To") ?? from), person(of("To")), person(of("Cc")), person(of("Bcc")),
            string(text.field("In-Reply-To")), string(text.field("Message-ID")),
        ]
        return Array("(".utf8) + Array(parts.joined(separator: [UInt8(ascii: " ")])) + Array(")".utf8)
    }
}

extension Timestamp {
    /// `21-Nov-2026 07:30:00 +0000` (RFC 3501 section 9, `date-time`).
    fileprivate var internalDate: String {
        let parts = httpDate.split(separator: " ")
        guard parts.count == 6 else { return "" }
        return "\(parts[1])-\(parts[2])-\(parts[3]) \(parts[4]) +0000"
    }
}
