import KeelBase

extension MailFailure {
    /// What went wrong, decided by codes and by the place in the conversation, never by a server's free text: but for two
    /// things that Exchange has no code for (`IMAPWords`).
    package enum Kind: Sendable, Hashable {
        // Refused here, before anything was sent
        /// The user name is empty or holds CR, LF, NUL or ^A.
        case unusableUserName
        /// The access token is empty or holds what no token may hold.
        case unusableToken
        /// The token is longer than a mechanism's message may be (RFC 4954 section 4).
        case tokenTooLong(bytes: Int)
        /// The password is empty or holds CR, LF, NUL or ^A.
        case unusablePassword
        /// SCRAM computes with a prepared password (RFC 4013), and what would come of this one is not known here.
        case unpreparablePassword
        /// The sender's address cannot stand between angle brackets.
        case unusableSender
        /// The recipient's address cannot stand between angle brackets.
        case unusableRecipient
        /// This program cannot log in by that mechanism.
        case mechanismNotSupported(SASLMechanism)
        /// The protocol has no such way to log in, or goes not without one.
        case methodNotOfProtocol
        // The connection cannot be secured (RFC 8314 section 3; always where STARTTLS is declared)
        case startTLSNotOffered
        case startTLSRefused
        /// Bytes stood behind the go-ahead, in clear: somebody wants them to be taken for the server's.
        case injectedBeforeTLS
        // Refused before the credential was shown
        /// The server said `BYE` instead of a greeting.
        case greetingRefused
        /// The connection counts as logged in without a credential (RFC 9051 section 7.1.4): nobody was authenticated.
        case unexpectedPreauth
        case mechanismNotOffered(offered: [String])
        /// The server offers nothing by which the credential would not be shown, and there is no TLS.
        case credentialInClear(offered: [String])
        /// `NO` to the mechanism, before it came to a credential.
        case mechanismRefused
        /// The server heard the user name and said no, before it asked for the credential.
        case credentialNotAsked
        /// The server does not take what SCRAM was bound to.
        case channelBindingRefused
        // Refused because of the credential or the account
        case authenticationFailed
        /// The credential is good, but not for this mailbox.
        case authorizationFailed
        case credentialExpired
        /// The server says that the credential, or its line, is too long for it.
        case credentialTooLong
        /// The server could not prove that it knows the password (RFC 5802 section 3): it is not the account's server.
        case serverNotAuthentic
        case privacyRequired
        case contactAdministrator
        // Not now
        case temporarilyUnavailable
        case limitReached
        case mailboxInUse
        case serverFault
        // After the login
        /// Login said `OK`, the command after it did not work.
        case postLoginRefused
        /// Login said `OK`, and the server then says that nobody is connected to the mailbox: a missing permission, a limit, or
        /// a mishap of its own (Exchange).
        case notConnected
        /// The server wants a login, and the account has none.
        case authenticationRequired
        /// The account may not send as this sender.
        case senderRefused
        case recipientRefused
        /// The server took sender and recipient, and not the message.
        case messageRefused
        /// The connection ended after the message's last byte: the server may have taken it.
        case submissionUnknown
        /// The sender's address is not ASCII, and the server does not take such (RFC 6531).
        case smtpUTF8NotOffered
        // The conversation broke
        /// `BAD`: the server did not take the command.
        case commandRejected
        case byeBeforeLogin
        case closedEarly
        /// The server closed without a word on receiving the credential; some do so when it is too long for them.
        case closedOnCredential(bytes: Int)
        case lineTooLong
        case literalTooLarge
        case responseTooLarge
        case protocolViolation(Violation)
    }

    /// What a server did against its protocol.
    package enum Violation: String, Sendable {
        case notAGreeting = "the greeting is none"
        case unreadable = "a response cannot be read"
        case unknownTag = "a response names a command that was not sent"
        case unexpectedContinuation = "a continuation was not asked for"
        case unexpectedReply = "a reply does not fit the command"
        case capabilitiesMissing = "the server does not tell its capabilities"
        case repeatedChallenge = "the server asks for more than the mechanism says"
        case successWithoutCredential = "success comes before the credential"
        case successAfterRefusal = "success follows an error of the mechanism"
        case successWithoutServerProof = "success comes before the server has proven that it knows the password"
        case unreadableChallenge = "a challenge of the mechanism cannot be read"
        case foreignNonce = "the server's nonce does not begin with ours"
        case tooFewRounds = "the server asks for so few rounds that the password could be guessed"
        case tooManyRounds = "the server asks for more rounds than any login needs"
    }
}

extension MailFailure.Kind {
    /// The stable name.
    package var code: String {
        switch self {
        case .unusableUserName: "unusable_user_name"
        case .unusableToken: "unusable_token"
        case .tokenTooLong: "token_too_long"
        case .unusablePassword: "unusable_password"
        case .unpreparablePassword: "unpreparable_password"
        case .unusableSender: "unusable_sender"
        case .unusableRecipient: "unusable_recipient"
        case .startTLSNotOffered: "starttls_not_offered"
        case .startTLSRefused: "starttls_refused"
        case .injectedBeforeTLS: "injected_before_tls"
        case .mechanismNotSupported: "mechanism_not_supported"
        case .methodNotOfProtocol: "method_not_of_protocol"
        case .greetingRefused: "greeting_refused"
        case .unexpectedPreauth: "unexpected_preauth"
        case .mechanismNotOffered: "mechanism_not_offered"
        case .credentialInClear: "credential_in_clear"
        case .mechanismRefused: "mechanism_refused"
        case .credentialNotAsked: "credential_not_asked"
        case .channelBindingRefused: "channel_binding_refused"
        case .authenticationFailed: "authentication_failed"
        case .authorizationFailed: "authorization_failed"
        case .credentialExpired: "credential_expired"
        case .credentialTooLong: "credential_too_long"
        case .serverNotAuthentic: "server_not_authentic"
        case .privacyRequired: "privacy_required"
        case .contactAdministrator: "contact_administrator"
        case .temporarilyUnavailable: "temporarily_unavailable"
        case .limitReached: "limit_reached"
        case .mailboxInUse: "mailbox_in_use"
        case .serverFault: "server_fault"
        case .postLoginRefused: "post_login_refused"
        case .notConnected: "not_connected"
        case .authenticationRequired: "authentication_required"
        case .senderRefused: "sender_refused"
        case .recipientRefused: "recipient_refused"
        case .messageRefused: "message_refused"
        case .submissionUnknown: "submission_unknown"
        case .smtpUTF8NotOffered: "smtputf8_not_offered"
        case .commandRejected: "command_rejected"
        case .byeBeforeLogin: "bye_before_login"
        case .closedEarly: "closed_early"
        case .closedOnCredential: "closed_on_credential"
        case .lineTooLong: "line_too_long"
        case .literalTooLarge: "literal_too_large"
        case .responseTooLarge: "response_too_large"
        case .protocolViolation: "protocol_violation"
        }
    }

    /// What is wrong in particular, in our words.
    package var detail: String? {
        switch self {
        case .mechanismNotSupported(let mechanism): mechanism.rawValue
        case .mechanismNotOffered(let offered), .credentialInClear(let offered):
            Self.list(offered)
        case .tokenTooLong(let bytes): "the token has \(bytes) bytes"
        case .closedOnCredential(let bytes): "the credential has \(bytes) bytes"
        case .protocolViolation(let violation): violation.rawValue
        default: nil
        }
    }

    /// A server may name as many as it has room for.
    private static let mostNames = 16

    private static func list(_ offered: [String]) -> String {
        guard !offered.isEmpty else { return "none offered" }
        let names = offered.prefix(mostNames).map { ForeignText($0).text }.joined(separator: " ")
        let more = offered.count - mostNames
        return "offered: " + ForeignText(names).text + (more > 0 ? " and \(more) more" : "")
    }

    /// The stage that fails by it, where that is another than the one at which the conversation stood.
    var stage: ProbeStage? {
        switch self {
        case .startTLSNotOffered, .startTLSRefused, .injectedBeforeTLS: .tls
        case .unusableUserName, .unusableToken, .tokenTooLong, .unusablePassword, .unpreparablePassword,
            .mechanismNotSupported, .methodNotOfProtocol, .mechanismNotOffered, .credentialInClear:
            .auth
        case .unusableSender, .unusableRecipient: .proof
        default: nil
        }
    }

    /// What repeating can do when the answer says no more than the kind.
    var transience: MailFailure.Transience {
        switch self {
        case .greetingRefused, .temporarilyUnavailable, .limitReached, .mailboxInUse: .transient
        case .serverFault, .postLoginRefused, .notConnected, .byeBeforeLogin, .closedEarly, .submissionUnknown: .unclear
        // Dovecot closes above 8192 bytes; below, the length explains nothing.
        case .closedOnCredential(let bytes): bytes > 8192 ? .permanent : .unclear
        case .unusableUserName, .unusableToken, .tokenTooLong, .unusablePassword, .unusableSender, .unusableRecipient,
            .credentialInClear, .recipientRefused, .messageRefused, .startTLSNotOffered,
            .startTLSRefused, .injectedBeforeTLS, .credentialTooLong, .serverNotAuthentic, .authenticationRequired,
            .senderRefused, .smtpUTF8NotOffered, .mechanismNotSupported, .methodNotOfProtocol, .unexpectedPreauth,
            .mechanismNotOffered,
            .mechanismRefused, .credentialNotAsked, .channelBindingRefused, .unpreparablePassword,
            .authenticationFailed, .authorizationFailed, .credentialExpired,
            .privacyRequired,
            .contactAdministrator, .commandRejected, .lineTooLong, .literalTooLarge, .responseTooLarge,
            .protocolViolation:
            .permanent
        }
    }
}
