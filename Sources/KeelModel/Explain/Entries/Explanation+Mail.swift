import KeelBase
import KeelProviders

extension Explanation {
    /// Why a login could not be proven, and why a connection was not made.
    static let mail =
        Meaning.mailFailures.map { Explanation("mail.\($0.key)", $0.value) }
        + Meaning.connectionFailures.map { Explanation("connection.\($0.code)", $0.meaning) }
        + [
            Explanation(
                "mail.refused_before", "The same password was refused before and is not offered again",
                "A few refusals lock a mailbox. What an apply or a test saw refused is remembered by a keyed fingerprint, for this user at this server.",
                fix:
                    "Put the right password where it comes from. If the server was mended instead, run again with --retry-refused."
            )
        ]

    /// What mail servers reply.
    static let replies = MailReplyCatalogue.all.map { Explanation($0) }

    /// What Mailkeel says in its own words.
    private init(_ code: String, _ meaning: Meaning) {
        let (title, rest) = Self.parted(meaning.cause)
        let other = Meaning.ofPassword(String(code.trimmingPrefix("mail."))).map {
            "With a password: \($0.cause); who must act is \($0.responsible.phrase), and what mends it: \($0.remedy)."
        }
        self.init(
            code, title,
            [rest, "Who must act: \(meaning.responsible.phrase).", other].compactMap { $0 }.joined(separator: " "),
            fix: "\(meaning.remedy.sentenceStart).")
    }

    /// A reply of mail servers.
    private init(_ reply: MailReply) {
        let (title, rest) = Self.parted(reply.cause)
        let list =
            reply.checklist.isEmpty ? nil : "To look at, in this order: \(reply.checklist.joined(separator: "; "))."
        let meaning = [rest, reply.failureClass.consequenceOfReply, list].compactMap { $0 }.joined(separator: " ")
        self.init(
            reply.name, .reply(reply.protocol), title, meaning: meaning, fix: "\(reply.fix.sentenceStart).",
            speaker: Speaker(
                name: reply.origin?.rawValue ?? reply.protocol.rawValue,
                title: reply.origin?.mailTitle ?? "any \(reply.protocol.rawValue.uppercased()) server",
                responsible: reply.responsible, failureClass: reply.failureClass, link: nil))
    }

    /// The first clause is a title; what stands behind it says more.
    private static func parted(_ cause: String) -> (title: String, rest: String?) {
        guard let cut = cause.firstRange(of: "; ") ?? cause.firstRange(of: ": ") else {
            return (cause.sentenceStart, nil)
        }
        return (String(cause[..<cut.lowerBound]).sentenceStart, "\(String(cause[cut.upperBound...]).sentenceStart).")
    }
}

extension FailureClass {
    /// What a reply means for the account and for the next run.
    fileprivate var consequenceOfReply: String {
        switch self {
        case .transient: "It is likely to pass; the next run tries again."
        case .throttled: "It passes when there are fewer logins; the next run tries again."
        case .reauthorize: "Only the user can mend it. The grant is kept."
        case .fixClient, .fixTenant: "It stays until somebody there mends it. The grant is kept."
        case .fixManifest: "The manifest has to be mended. The grant is kept."
        case .network, .tls: "The server was not reached as it should be."
        case .ambiguous:
            "It has more than one possible cause; nothing is concluded from it alone, and the grant is kept."
        }
    }
}
