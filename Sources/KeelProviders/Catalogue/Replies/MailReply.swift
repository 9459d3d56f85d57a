import KeelBase

/// A reply of mail servers to a login or a sender: what it means, whose move it is, and what mends it. One row.
///
/// Rows are words for people. What a program does next follows from the protocol's codes and the place in the
/// conversation, which the probes decide; a row never changes that.
package struct MailReply: Sendable, Equatable {
    /// After the protocol: `535-5.7.3`, `authenticationfailed`.
    package let id: String
    package let `protocol`: MailProtocol
    /// The code as `ServerAnswer` has it: `535 5.7.3`, `535`, `AUTHENTICATIONFAILED`; nil for words that are known with any
    /// code or none.
    package let code: String?
    /// Whose servers say it so; nil: any.
    package let origin: ErrorOrigin?
    /// Words that tell rows of one code apart, in lower case; providers change them, so they only refine.
    package let hint: String?
    /// The plain cause, one sentence without a full stop.
    package let cause: String
    package let failureClass: FailureClass
    package let responsible: Responsible
    /// What mends it; it begins with a verb and has no full stop.
    package let fix: String
    /// What to look at, in this order, where the reply has more than one cause.
    package let checklist: [String]

    init(
        _ `protocol`: MailProtocol, _ id: String, code: String? = nil, of origin: ErrorOrigin? = nil,
        hint: String? = nil, _ cause: String, _ failureClass: FailureClass, by responsible: Responsible? = nil,
        fix: String, checklist: [String] = []
    ) {
        self.protocol = `protocol`
        self.id = id
        self.code = code
        self.origin = origin
        self.hint = hint
        self.cause = cause
        self.failureClass = failureClass
        self.responsible = responsible ?? failureClass.responsible
        self.fix = fix
        self.checklist = checklist
    }

    /// `smtp.535-5.7.3`.
    package var name: String { "\(`protocol`.rawValue).\(id)" }

    package var meaning: Meaning { Meaning(cause, responsible, fix, failureClass) }
}

/// What is known of a reply that is to be explained.
package struct MailReplySigns: Sendable {
    package let `protocol`: MailProtocol
    package let answer: ServerAnswer
    /// Whose server it is, where its host says so.
    package let origin: ErrorOrigin?

    package init(_ `protocol`: MailProtocol, _ answer: ServerAnswer, host: String) {
        self.protocol = `protocol`
        self.answer = answer
        origin = ErrorOrigin(host: host)
    }
}

/// All replies that are known.
package enum MailReplyCatalogue {
    package static let all = MailReply.smtp + MailReply.imap + MailReply.pop3

    /// The row that says most about a reply: the words before the provider, the provider before the finer code.
    package static func entry(for signs: MailReplySigns) -> MailReply? {
        let words = signs.answer.words.text.lowercased()
        let code = signs.answer.code
        let base = code.map { String($0.prefix { $0 != " " }) }
        var best: (row: MailReply, weight: Int)?
        for row in all where row.protocol == signs.protocol {
            guard row.code == nil || row.code == code || row.code == base,
                row.origin == nil || row.origin == signs.origin,
                row.hint.map({ words.contains($0) }) ?? (row.code != nil)
            else { continue }
            let weight = (row.hint == nil ? 0 : 4) + (row.origin == nil ? 0 : 2) + (row.code == code ? 1 : 0)
            if weight > best?.weight ?? -1 { best = (row, weight) }
        }
        return best?.row
    }

    /// The row of exactly this name.
    package static func entry(named name: String) -> MailReply? { all.first { $0.name == name } }

    /// The rows that a person means: a name, or a reply as a log shows it, such as `535 5.7.139 ...`,
    /// `NO [AUTHENTICATIONFAILED]` or `-ERR [SYS/TEMP]`. Those of any server come first.
    package static func entries(meant text: String) -> [MailReply] {
        let text = text.lowercased()
        if let row = entry(named: text) { return [row] }
        let spoken = all.filter { row in row.hint.map { text.contains($0) } ?? false }
        let code = Code(in: text)
        let coded = all.filter { row in
            guard let code, let own = row.code?.lowercased() else { return false }
            return own == code.text || own == code.base
        }
        let both = spoken.filter { coded.contains($0) }
        guard both.isEmpty else { return both }
        // The finer code first, and what needs no further words before what does.
        let ranked = coded.map { row in
            ((row.code?.lowercased() == code?.text ? 0 : 2) + (row.hint == nil ? 0 : 1), row)
        }
        return ranked.isEmpty ? spoken : (0...3).flatMap { rank in ranked.filter { $0.0 == rank }.map(\.1) }
    }

    /// A code in a line that somebody copied from a log.
    private struct Code {
        let text: String
        /// Without the enhanced one.
        let base: String

        init?(in line: String) {
            if let open = line.firstIndex(of: "["), let close = line[open...].firstIndex(of: "]") {
                let inside = line[line.index(after: open)..<close]
                text = String(inside.prefix { $0 != " " })
                base = text
                return
            }
            let words = line.split { $0 == " " || $0 == "-" || $0 == ":" }
            guard let first = words.first, first.count == 3, let number = Int(first), (300..<600).contains(number)
            else {
                return nil
            }
            base = String(first)
            let enhanced = words.dropFirst().first.flatMap { $0.split(separator: ".").count == 3 ? $0 : nil }
            text = enhanced.map { "\(first) \($0)" } ?? base
        }
    }
}
