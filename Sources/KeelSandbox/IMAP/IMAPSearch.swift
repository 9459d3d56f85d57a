/// What SEARCH asks for (RFC 3501 section 6.4.4): all of some words. Flags and days are not looked at, as all that is here
/// came today and was never read.
struct IMAPSearch {
    private enum Key {
        case always
        case never
        case header(name: String, part: [UInt8])
        case text([UInt8])
        case uid(String)
    }

    private var keys: [Key] = []

    /// Nil for what is not known here.
    init?(_ words: ArraySlice<[UInt8]>) {
        var rest = words
        while let word = rest.popFirst() {
            let name = String(decoding: word, as: UTF8.self).uppercased()
            switch name {
            case "ALL", "UNSEEN", "NEW", "RECENT": keys.append(.always)
            case "SEEN", "DELETED": keys.append(.never)
            case "SINCE", "SENTSINCE", "BEFORE", "ON", "CHARSET":
                guard rest.popFirst() != nil else { return nil }
                keys.append(.always)
            case "HEADER":
                guard let field = rest.popFirst(), let part = rest.popFirst() else { return nil }
                keys.append(.header(name: String(decoding: field, as: UTF8.self), part: part))
            case "FROM", "TO", "SUBJECT", "CC":
                guard let part = rest.popFirst() else { return nil }
                keys.append(.header(name: name, part: part))
            case "TEXT", "BODY":
                guard let part = rest.popFirst() else { return nil }
                keys.append(.text(part))
            case "UID":
                guard let set = rest.popFirst() else { return nil }
                keys.append(.uid(String(decoding: set, as: UTF8.self)))
            default: return nil
            }
        }
        guard !keys.isEmpty else { return nil }
    }

    func matches(_ message: StoredMessage) -> Bool {
        let text = MessageText(message.bytes)
        return keys.allSatisfy { key in
            switch key {
            case .always: true
            case .never: false
            case .header(let name, let part): text.field(name).map { Self.contains($0, part) } ?? false
            case .text(let part): Self.contains(message.bytes, part)
            case .uid(let set): NumberSet(set, largest: message.uid)?.contains(message.uid) ?? false
            }
        }
    }

    /// Whatever the case of ASCII letters; an empty part is in everything.
    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        return part.isEmpty || bytes.map(lower).firstRange(of: part.map(lower)) != nil
    }
}
