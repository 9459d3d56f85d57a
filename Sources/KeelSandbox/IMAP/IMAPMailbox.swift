import KeelBase

/// What somebody who is logged in may ask for: to look, and nothing else.
struct IMAPMailbox {
    private let login: MailboxLogin
    private let setting: MailSetting
    /// The messages as the client knows them; nil before EXAMINE.
    private var messages: [StoredMessage]?

    init(_ login: MailboxLogin, _ setting: MailSetting) {
        self.login = login
        self.setting = setting
    }

    mutating func execute(_ command: IMAPCommand) -> MailAnswer {
        let tag = command.tag
        switch command.name {
        case "NAMESPACE": return MailAnswer("* NAMESPACE ((\"\" \"/\")) NIL NIL", "\(tag) OK done")
        case "LIST":
            // An empty pattern asks for the hierarchy's separator (RFC 3501 section 6.3.8).
            let line = command.words.last == "" ? "(\\Noselect) \"/\" \"\"" : "(\\HasNoChildren) \"/\" INBOX"
            return MailAnswer("* LIST \(line)", "\(tag) OK done")
        case "NOOP", "CHECK": return MailAnswer(lines: news() + ["\(tag) OK done"])
        case "EXAMINE": return examine(command)
        case "CLOSE", "UNSELECT":
            messages = nil
            return MailAnswer("\(tag) OK done")
        case "SEARCH": return search(tag, command.rawWords[...], byUID: false)
        case "FETCH": return fetch(tag, command.words[...], byUID: false)
        case "UID":
            switch command.words.first?.uppercased() {
            case "SEARCH": return search(tag, command.rawWords.dropFirst(), byUID: true)
            case "FETCH": return fetch(tag, command.words.dropFirst(), byUID: true)
            default: return MailAnswer("\(tag) BAD UID SEARCH or UID FETCH")
            }
        default: return MailAnswer("\(tag) BAD this server does not know that command")
        }
    }

    private mutating func examine(_ command: IMAPCommand) -> MailAnswer {
        let tag = command.tag
        if let reply = setting.faults.reply(.mailbox) { return IMAPSession.answer(tag, reply.lines) }
        guard command.words.count == 1 else { return MailAnswer("\(tag) BAD EXAMINE mailbox") }
        guard command.words[0].uppercased() == "INBOX" else {
            return MailAnswer("\(tag) NO [NONEXISTENT] there is no such mailbox")
        }
        let content = setting.postbox.content(of: login.mailbox)
        messages = content.messages
        return MailAnswer(
            "* FLAGS (\\Seen)", "* \(content.messages.count) EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] for this run",
            "* OK [UIDNEXT \(content.nextUID)] the next one", "\(tag) OK [READ-ONLY] done")
    }

    /// What came since the client was last told.
    private mutating func news() -> [String] {
        guard let known = messages else { return [] }
        let now = setting.postbox.content(of: login.mailbox).messages
        messages = now
        return now.count == known.count ? [] : ["* \(now.count) EXISTS"]
    }

    private mutating func search(_ tag: String, _ words: ArraySlice<[UInt8]>, byUID: Bool) -> MailAnswer {
        let news = news()
        guard let messages else { return MailAnswer("\(tag) BAD EXAMINE first") }
        guard let search = IMAPSearch(words) else { return MailAnswer("\(tag) BAD that search is not known here") }
        let found = messages.enumerated().filter { search.matches($0.element) }
            .map { " \(byUID ? $0.element.uid : $0.offset + 1)" }
        return MailAnswer(lines: news + ["* SEARCH\(found.joined())", "\(tag) OK done"])
    }

    private func fetch(_ tag: String, _ words: ArraySlice<String>, byUID: Bool) -> MailAnswer {
        guard let messages else { return MailAnswer("\(tag) BAD EXAMINE first") }
        let largest = byUID ? messages.last?.uid ?? 0 : messages.count
        guard let set = words.first.flatMap({ NumberSet($0, largest: largest) }),
            let items = IMAPFetch(words.dropFirst().joined(separator: " "))
        else { return MailAnswer("\(tag) BAD that cannot be fetched here") }
        var answer = MailAnswer(lines: [])
        for (index, message) in messages.enumerated() where set.contains(byUID ? message.uid : index + 1) {
            answer.bytes += Array("* \(index + 1) FETCH (".utf8) + items.content(message, withUID: byUID)
            answer.bytes += Array(")\r\n".utf8)
        }
        answer.bytes += MailAnswer("\(tag) OK done").bytes
        return answer
    }
}

/// A set of message numbers such as `1,3:*` (RFC 3501 section 9).
struct NumberSet {
    private var ranges: [ClosedRange<Int>] = []

    init?(_ text: some StringProtocol, largest: Int) {
        func number(_ text: Substring) -> Int? { text == "*" ? largest : Int(text).flatMap { $0 > 0 ? $0 : nil } }
        for part in String(text).split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: ":", omittingEmptySubsequences: false)
            guard let first = ends.first.flatMap(number), let last = ends.last.flatMap(number), ends.count <= 2 else {
                return nil
            }
            ranges.append(min(first, last)...max(first, last))
        }
    }

    func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }
}
