import KeelBase

/// What follows the login: a command that needs the mailbox, a look into the inbox, and the search for a message.
extension IMAPLoginProbe {
    /// One command that needs the mailbox: some servers let a user in whom they then do not connect to one.
    mutating func confirm() -> [ProbeAction] {
        let hasNamespaces = capabilities?.contains("NAMESPACE") == true || capabilities?.isSecondRevision == true
        let text = hasNamespaces ? "NAMESPACE" : "LIST \"\" \"\""
        step = .mailbox(text)
        return [command(text)]
    }

    /// Opens the inbox for reading alone (RFC 9051 section 6.3.3), so that nothing in it changes.
    private static let look = "EXAMINE INBOX"

    /// A command was obeyed.
    mutating func stepDone(_ text: IMAPResponseText) -> [ProbeAction] {
        switch step {
        case .capabilities: return confirm()
        case .mailbox(let name):
            guard !opensInbox else {
                step = .inbox
                return [command(Self.look)]
            }
            return proven(by: name)
        case .inbox: return proven(by: Self.look)
        case .search:
            guard let found else { return arrived(.missing) }
            step = .fetch
            return [command("UID FETCH \(found) BODY.PEEK[HEADER.FIELDS (FROM)]")]
        // The message was there a moment ago.
        case .fetch: return arrived(talk.proof?.arrival ?? .missing)
        case .none: return takeLeave()
        }
    }

    mutating func stepFailed(_ text: IMAPResponseText) -> [ProbeAction] {
        switch step {
        case .search, .fetch: return arrived(.unsearchable(text.answer))
        case .none, .capabilities, .mailbox, .inbox:
            return leave(failure(text.says(IMAPWords.notConnected) ? .notConnected : .postLoginRefused, text))
        }
    }

    private mutating func proven(by command: String) -> [ProbeAction] {
        proven(by: command, capabilities: capabilities?.names ?? [], alerts: alerts)
        guard case .find(let messageID) = talk.order.task else { return takeLeave() }
        guard
            messageID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            )
        else { return arrived(.missing) }
        step = .search
        return [self.command("UID SEARCH HEADER Message-ID \"\(messageID)\"")]
    }

    private mutating func arrived(_ arrival: Arrival) -> [ProbeAction] {
        talk.proof?.arrival = arrival
        return takeLeave()
    }

    /// Data that nobody tagged: of interest only where it answers the search.
    mutating func took(_ words: ArraySlice<UInt8>, _ literal: [UInt8]?) {
        guard talk.phase == .proof else { return }
        let text = String(decoding: words.prefix(64 * 1024), as: UTF8.self)
        switch step {
        case .search: found = IMAPSearchResult.newest(in: text) ?? found
        case .fetch:
            guard let value = literal ?? IMAPSearchResult.quotedHeader(in: words) else { return }
            var header = MessageHeader()
            for line in value.split(separator: 0x0A) { header.add(line.last == 0x0D ? line.dropLast() : line) }
            guard !header.from.isEmpty else { return }
            talk.proof?.arrival = .found(from: HeaderText.decoded(header.from))
        case .none, .capabilities, .mailbox, .inbox: return
        }
    }
}

/// What a server answers to a search.
enum IMAPSearchResult {
    /// The last of the messages that were found: `SEARCH 7 12`, or `ESEARCH (TAG "A5") UID ALL 7,12` (RFC 9051 section 7.3.4).
    static func newest(in text: String) -> String? {
        let words = text.split(separator: " ")
        let list: Substring?
        switch words.first?.uppercased() {
        case "SEARCH": list = words.dropFirst().last { DecimalNumber.parse(String($0)) != nil }
        case "ESEARCH":
            let name = words.firstIndex { $0.uppercased() == "ALL" }
            list = name.flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        default: return nil
        }
        guard let last = list?.split(whereSeparator: { $0 == "," || $0 == ":" }).last,
            let number = DecimalNumber.parse(String(last), max: Int(UInt32.max)), number > 0
        else { return nil }
        return String(number)
    }

    /// A header that a server sends as a quoted string.
    static func quotedHeader(in words: ArraySlice<UInt8>) -> [UInt8]? {
        guard let bracket = words.firstIndex(of: UInt8(ascii: "]")),
            let open = words[bracket...].firstIndex(of: UInt8(ascii: "\""))
        else { return nil }
        var value: [UInt8] = []
        var rest = words[(open + 1)...]
        while let byte = rest.popFirst(), byte != UInt8(ascii: "\"") {
            value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
        }
        return value
    }
}
