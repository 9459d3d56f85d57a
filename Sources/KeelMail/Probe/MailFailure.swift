import KeelBase

/// Why a login could not be proven.
package struct MailFailure: Error, Sendable, Hashable {
    package let kind: Kind
    /// What the server said last: its response code and words; nil when it said nothing.
    package let answer: ServerAnswer?
    /// The error that the mechanism carried, beside the protocol's answer.
    package let challenge: MechanismError?
    package let transience: Transience
    /// Whether the server was shown the credential. One that was refused is not to be offered again until it changed.
    package let credentialWasOffered: Bool
    /// Whether it came before TLS where TLS was declared: then anybody on the way may have said it.
    package let wasBeforeTLS: Bool

    /// What repeating the login can do.
    package enum Transience: String, Sendable {
        /// The same login may work later.
        case transient
        /// It will fail until a setting, a permission or the credential changes.
        case permanent
        /// The server's answer fits both. Worth one or two repetitions; conclude nothing from a single one.
        case unclear
    }

    /// The stable name of the kind: `authentication_failed`.
    package var code: String { kind.code }

    /// Without a `transience` of its own it has its kind's.
    package init(
        _ kind: Kind, answer: ServerAnswer? = nil, challenge: MechanismError? = nil, transience: Transience? = nil,
        credentialWasOffered: Bool = false, wasBeforeTLS: Bool = false
    ) {
        self.kind = kind
        self.answer = answer
        self.challenge = challenge
        self.transience = transience ?? kind.transience
        self.credentialWasOffered = credentialWasOffered
        self.wasBeforeTLS = wasBeforeTLS
    }
}

extension MailFailure: CustomStringConvertible {
    /// The code, then what the server said.
    package var description: String {
        let details = [
            kind.detail, challenge?.description, wasBeforeTLS ? "said before TLS, so perhaps not by the server" : nil,
        ].compactMap { $0 }.filter { !$0.isEmpty }
        return code + (answer.map { ": \($0)" } ?? "")
            + (details.isEmpty ? "" : " (" + details.joined(separator: "; ") + ")")
    }
}
