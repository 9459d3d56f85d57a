import KeelBase
import KeelMail
import KeelOAuth
import KeelProviders
import Testing

struct FailureMeaningTests {
    private static let mailKinds: [MailFailure.Kind] = [
        .unusableUserName, .unusableToken, .mechanismNotSupported(.plain), .greetingRefused, .unexpectedPreauth,
        .mechanismNotOffered(offered: []), .mechanismRefused, .authenticationFailed, .authorizationFailed,
        .credentialExpired, .privacyRequired, .contactAdministrator, .temporarilyUnavailable, .limitReached,
        .mailboxInUse, .serverFault, .postLoginRefused, .commandRejected, .byeBeforeLogin, .closedEarly,
        .closedOnCredential(bytes: 1), .lineTooLong, .literalTooLarge, .responseTooLarge,
        .protocolViolation(.unreadable), .unusablePassword, .unusableSender, .startTLSNotOffered, .startTLSRefused,
        .injectedBeforeTLS, .credentialTooLong, .serverNotAuthentic, .authenticationRequired, .senderRefused,
        .smtpUTF8NotOffered, .credentialInClear(offered: []), .tokenTooLong(bytes: 1), .notConnected,
        .unusableRecipient,
        .recipientRefused, .messageRefused, .credentialNotAsked, .submissionUnknown, .channelBindingRefused,
        .unpreparablePassword, .methodNotOfProtocol,
    ]

    private static let tokenKinds: [OAuthFailure.Kind] = [
        .invalidRequest, .invalidClient, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .invalidScope,
        .accessDenied, .serverError, .temporarilyUnavailable, .interactionRequired, .loginRequired, .consentRequired,
        .accountSelectionRequired, .unsupportedResponseType, .invalidTarget, .authorizationPending, .slowDown,
        .expiredToken, .authorizationDeclined, .badVerificationCode, .unsupportedTokenType, .invalidToken,
        .insufficientScope, .emptyRefusal(status: 401), .http(status: 502), .malformed(.bodyHTML),
        .answerUnusable(.stateMismatch), .invalidIssuer, .metadataMismatch, .metadataNotFound,
    ]

    /// Does not compile when a kind is new: then it belongs into the list above, and gets a meaning.
    private static func isListed(_ kind: MailFailure.Kind) -> Bool {
        switch kind {
        case .unusableUserName, .unusableToken, .mechanismNotSupported, .greetingRefused, .unexpectedPreauth,
            .mechanismNotOffered, .mechanismRefused, .authenticationFailed, .authorizationFailed, .credentialExpired,
            .privacyRequired, .contactAdministrator, .temporarilyUnavailable, .limitReached, .mailboxInUse,
            .serverFault, .postLoginRefused, .commandRejected, .byeBeforeLogin, .closedEarly, .closedOnCredential,
            .lineTooLong, .literalTooLarge, .responseTooLarge, .protocolViolation, .unusablePassword, .unusableSender,
            .startTLSNotOffered, .startTLSRefused, .injectedBeforeTLS, .credentialTooLong, .serverNotAuthentic,
            .authenticationRequired, .senderRefused, .smtpUTF8NotOffered, .credentialInClear, .tokenTooLong,
            .notConnected,
            .unusableRecipient, .recipientRefused, .messageRefused, .credentialNotAsked, .submissionUnknown,
            .channelBindingRefused, .unpreparablePassword, .methodNotOfProtocol:
            mailKinds.contains { $0.code == kind.code }
        }
    }

    /// As above; `unrecognized` is what has no meaning of its own.
    private static func isListed(_ kind: OAuthFailure.Kind) -> Bool {
        switch kind {
        case .unrecognized: true
        case .invalidRequest, .invalidClient, .invalidGrant, .unauthorizedClient, .unsupportedGrantType, .invalidScope,
            .accessDenied, .serverError, .temporarilyUnavailable, .interactionRequired, .loginRequired,
            .consentRequired, .accountSelectionRequired, .unsupportedResponseType, .invalidTarget,
            .authorizationPending, .slowDown, .expiredToken, .authorizationDeclined, .badVerificationCode,
            .unsupportedTokenType, .invalidToken, .insufficientScope, .emptyRefusal, .http, .malformed, .answerUnusable,
            .invalidIssuer, .metadataMismatch, .metadataNotFound:
            tokenKinds.contains { $0.code == kind.code }
        }
    }

    @Test(arguments: mailKinds)
    func `every failed login has a meaning of its own`(kind: MailFailure.Kind) {
        #expect(Self.isListed(kind))
        #expect(
            Meaning.ofMailFailure(kind.code, showing: .oauth2)
                != Meaning.ofMailFailure("no such code", showing: .oauth2))
        expectReadable(Meaning.ofMailFailure(kind.code, showing: .oauth2))
    }

    @Test(arguments: tokenKinds)
    func `every failed token request has a meaning of its own`(kind: OAuthFailure.Kind) {
        #expect(Self.isListed(kind))
        let entry = ErrorCatalogue.entry(for: ErrorSigns(kind.code))
        let answer = ServerAnswer(code: kind.code, words: ForeignText(""))
        let status: Int? = if case .http(let status) = kind { status } else { nil }
        let failure = OAuthFailure(kind, answer: answer, status: status, evidence: .none, transience: .permanent)
        // What is shown and what is decided must not contradict each other.
        #expect(entry?.failureClass == failure.classified())
        expectReadable(Meaning.of(ErrorSigns(kind.code)))
    }

    @Test func `what nobody knows sends the reader to the server's words`() {
        #expect(Meaning.ofMailFailure("x", showing: .oauth2).remedy.contains("words"))
        #expect(Meaning.of(ErrorSigns("x", suberror: "y", numbers: [1])).remedy.contains("words"))
    }

    @Test func `whose move it is`() {
        #expect(Meaning.of(ErrorSigns("invalid_client")).responsible == .appAdministrator)
        #expect(Meaning.of(ErrorSigns("invalid_grant")).responsible == .user)
        #expect(Meaning.of(ErrorSigns("server_error")).responsible == .nobody)
        #expect(Meaning.of(ErrorSigns("invalid_client", numbers: [65001])).responsible == .tenantAdministrator)
        #expect(Meaning.ofMailFailure("authentication_failed", showing: .oauth2).responsible == .tenantAdministrator)
        #expect(Meaning.ofMailFailure("mailbox_in_use", showing: .oauth2).responsible == .nobody)
        #expect(Meaning.ofMailFailure("protocol_violation", showing: .oauth2).responsible == .manifestAuthor)
    }
}

/// One sentence without a full stop, and something to do.
func expectReadable(_ meaning: Meaning, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!meaning.cause.isEmpty && !meaning.cause.hasSuffix("."), sourceLocation: sourceLocation)
    #expect(!meaning.remedy.isEmpty && !meaning.remedy.hasSuffix("."), sourceLocation: sourceLocation)
}
