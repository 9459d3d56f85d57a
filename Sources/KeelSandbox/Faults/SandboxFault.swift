import KeelBase

/// A mishap to order, by the name that `--fault NAME` takes.
///
/// Faults combine: each touches one thing, and of two that touch the same one the first in this list is met.
package enum SandboxFault: String, Sendable, CaseIterable {
    case tokenConnectionRefused = "token-connection-refused"

    // What any endpoint may do instead of its work.
    case tokenLost = "token-lost"
    case tokenUnavailable = "token-unavailable"
    case tokenTooMany = "token-too-many"
    case tokenTooManyDate = "token-too-many-date"
    case tokenServerError = "token-server-error"
    case tokenRedirect = "token-redirect"
    case tokenHTML = "token-html"
    case tokenEmpty = "token-empty"
    case tokenHuge = "token-huge"
    case tokenOAuthError = "token-oauth-error"
    case tokenMicrosoftError = "token-microsoft-error"
    case tokenGoogleError = "token-google-error"
    // What any endpoint may do beside its work.
    case tokenSlow = "token-slow"
    case tokenDelayed = "token-delayed"
    case tokenTrickle = "token-trickle"
    case tokenDropped = "token-dropped"

    // What a token answer may hold.
    case tokenExpiresInString = "token-expires-in-string"
    case tokenExpiresInMissing = "token-expires-in-missing"
    case tokenExpiresInNegative = "token-expires-in-negative"
    case tokenType = "token-type"
    case tokenScopeMissing = "token-scope-missing"
    case tokenScopesFewer = "token-scopes-fewer"
    case tokenScopesMore = "token-scopes-more"
    case tokenNoRefresh = "token-no-refresh"
    case tokenNoIDToken = "token-no-id-token"
    case idTokenWrongIssuer = "id-token-wrong-issuer"
    case idTokenWrongAudience = "id-token-wrong-audience"
    case idTokenWrongNonce = "id-token-wrong-nonce"
    case idTokenClockSkew = "id-token-clock-skew"

    // What may come of a consent.
    case consentOtherUser = "consent-other-user"
    case redirectWrongIssuer = "redirect-wrong-issuer"
    case redirectNoIssuer = "redirect-no-issuer"
    case redirectWrongState = "redirect-wrong-state"
    case devicePending = "device-pending"
    case deviceSlowDown = "device-slow-down"
    case deviceDeclined = "device-declined"
    case deviceExpired = "device-expired"

    // What the provider may say of itself.
    case metadataWrongIssuer = "metadata-wrong-issuer"
    case metadataForeignEndpoint = "metadata-foreign-endpoint"
    case metadataMinimal = "metadata-minimal"
    case providerDateSkew = "provider-date-skew"
    case providerCertificateExpired = "provider-certificate-expired"
    case providerCertificateWrongHost = "provider-certificate-wrong-host"
    case providerCertificateUntrusted = "provider-certificate-untrusted"

    // What any mail server may be like: `imap-slow` is `mail-slow` of one.
    case mailCertificateExpired = "mail-certificate-expired"
    case mailCertificateWrongHost = "mail-certificate-wrong-host"
    case mailCertificateUntrusted = "mail-certificate-untrusted"
    case mailCertificateSelfSigned = "mail-certificate-self-signed"
    // How it sends.
    case mailSilent = "mail-silent"
    case mailSlow = "mail-slow"
    case mailLoginSilent = "mail-login-silent"
    case mailLoginSlow = "mail-login-slow"
    case mailCut = "mail-cut"
    case mailTrickle = "mail-trickle"
    case mailCoalesced = "mail-coalesced"
    case mailHugeLine = "mail-huge-line"
    case mailEndless = "mail-endless"
    case imapHugeLiteral = "imap-huge-literal"
    // How it greets, and what it says of itself.
    case mailGreeting = "mail-greeting"
    case mailGreetingRefused = "mail-greeting-refused"
    case mailClosesAfterGreeting = "mail-closes-after-greeting"
    case mailCapabilityRefused = "mail-capability-refused"
    case imapPreauth = "imap-preauth"
    case imapGreetingAlert = "imap-greeting-alert"
    // How it becomes secure.
    case mailStartTLSAbsent = "mail-starttls-absent"
    case mailStartTLSRefused = "mail-starttls-refused"
    case mailStartTLSUnknown = "mail-starttls-unknown"
    case mailStartTLSContinue = "mail-starttls-continue"
    case mailStartTLSInjection = "mail-starttls-injection"
    case mailStartTLSInjectionLater = "mail-starttls-injection-later"
    case mailClearLogins = "mail-clear-logins"
    // Whom it lets in, and how.
    case mailMechanisms = "mail-mechanisms"
    case mailNoXOAUTH2 = "mail-no-xoauth2"
    case mailNoInitialResponse = "mail-no-initial-response"
    case mailClosesOnLogin = "mail-closes-on-login"
    case mailLoginAnswer = "mail-login-answer"
    // What a server says in place of its usual answer: `OrderedReply` has the words.
    case smtpBusy = "smtp-busy"
    case smtpTryLater = "smtp-try-later"
    case imapGreetingReferral = "imap-greeting-referral"
    case smtpEHLONotImplemented = "smtp-ehlo-not-implemented"
    case smtpAuthenticationUnsuccessful = "smtp-authentication-unsuccessful"
    case smtpAuthenticationDisabledForTenant = "smtp-disabled-for-tenant"
    case smtpAuthenticationDisabledForMailbox = "smtp-disabled-for-mailbox"
    case smtpSecurityDefaults = "smtp-security-defaults"
    case smtpCriteriaNotMet = "smtp-criteria-not-met"
    case smtpBasicRetired = "smtp-basic-retired"
    case smtpTokenExpiresSoon = "smtp-token-expires-soon"
    case smtpTemporaryAuthenticationFailure = "smtp-temporary-authentication-failure"
    case smtpTooManyLogins = "smtp-too-many-logins"
    case smtpCredentialsNotAccepted = "smtp-credentials-not-accepted"
    case smtpAuthenticationFailed = "smtp-authentication-failed"
    case smtpApplicationPassword = "smtp-application-password"
    case smtpWebLogin = "smtp-web-login"
    case smtpTLSRequired = "smtp-tls-required"
    case smtpMechanismUnknown = "smtp-mechanism-unknown"
    case smtpMechanismNotImplemented = "smtp-mechanism-not-implemented"
    case smtpLineTooLong = "smtp-line-too-long"
    case smtpCommandTooLong = "smtp-command-too-long"
    case smtpBadSequence = "smtp-bad-sequence"
    case imapAuthenticateFailed = "imap-authenticate-failed"
    case imapInvalidCredentials = "imap-invalid-credentials"
    case imapWebLogin = "imap-web-login"
    case imapWebAlert = "imap-web-alert"
    case imapTooManyConnections = "imap-too-many-connections"
    case imapUnavailable = "imap-unavailable"
    case imapInUse = "imap-in-use"
    case imapLimit = "imap-limit"
    case imapPrivacyRequired = "imap-privacy-required"
    case imapLoginDisabled = "imap-login-disabled"
    case imapContactAdmin = "imap-contact-admin"
    case imapExpired = "imap-expired"
    case imapAuthorizationFailed = "imap-authorization-failed"
    case imapConnectionClosed = "imap-connection-closed"
    case imapLoginReferral = "imap-login-referral"
    case pop3AuthenticationFailure = "pop3-authentication-failure"
    case pop3TemporaryFailure = "pop3-temporary-failure"
    case pop3PermanentFailure = "pop3-permanent-failure"
    case pop3LoginDelay = "pop3-login-delay"
    case pop3InUse = "pop3-in-use"
    case imapNotConnected = "imap-not-connected"
    case imapTokenExpired = "imap-token-expired"
    case pop3NotConnected = "pop3-not-connected"
    case imapMailboxReferral = "imap-mailbox-referral"
    case smtpNotAuthenticated = "smtp-not-authenticated"
    case smtpSendAsDenied = "smtp-send-as-denied"
    case smtpSenderThreads = "smtp-sender-threads"
    case smtpSubmissionRate = "smtp-submission-rate"
    case smtpServerBusy = "smtp-server-busy"
    case smtpSendAsDeniedAtEnd = "smtp-send-as-denied-at-end"
    case smtpMessageRefused = "smtp-message-refused"
    case mailLoginRefused = "mail-login-refused"
    case mailNoChallenge = "mail-no-challenge"
    case mailSCRAMWrongSignature = "mail-scram-wrong-signature"
    case mailSCRAMOtherBinding = "mail-scram-other-binding"
}

extension SandboxFault {
    /// Whether any endpoint of the provider may have it, not only the token endpoint.
    package var isOfAnyEndpoint: Bool {
        switch self {
        case .tokenLost, .tokenUnavailable, .tokenTooMany, .tokenTooManyDate, .tokenServerError, .tokenRedirect,
            .tokenHTML, .tokenEmpty, .tokenHuge, .tokenOAuthError, .tokenMicrosoftError, .tokenGoogleError, .tokenSlow,
            .tokenDelayed, .tokenTrickle, .tokenDropped:
            true
        default: false
        }
    }

    /// Whether any mail server may have it, and not one alone.
    package var isOfAnyServer: Bool { rawValue.hasPrefix(Self.anyServer + "-") }

    private static let anyServer = "mail"

    /// Its name where it is ordered for one mail server.
    func name(at service: MailProtocol) -> String { service.rawValue + rawValue.dropFirst(Self.anyServer.count) }

    /// That of any mail server which has this name at one.
    init?(name: some StringProtocol, at service: MailProtocol) {
        guard name.hasPrefix(service.rawValue + "-") else { return nil }
        self.init(rawValue: Self.anyServer + name.dropFirst(service.rawValue.count))
    }

    /// Whether a connection there can meet it.
    func isMet(at place: MailPlace) -> Bool {
        guard !isOfStart, isOfAnyServer || rawValue.hasPrefix(place.service.rawValue + "-") else { return false }
        return place.security == .starttls || !isBeforeTLS
    }

    /// Whether only a connection that begins in clear can meet it.
    private var isBeforeTLS: Bool { self == .mailClearLogins || rawValue.hasPrefix("\(Self.anyServer)-starttls-") }

    /// Whether it must be ordered when the sandbox starts.
    package var isOfStart: Bool {
        switch self {
        case .tokenConnectionRefused, .providerCertificateExpired, .providerCertificateWrongHost,
            .providerCertificateUntrusted, .mailCertificateExpired, .mailCertificateWrongHost,
            .mailCertificateUntrusted, .mailCertificateSelfSigned:
            true
        default: false
        }
    }

    /// What may be given after `=`, and what holds without it; nil for a fault without a value.
    package var parameter: (meaning: String, standard: String)? {
        switch self {
        case .tokenUnavailable, .tokenTooMany, .tokenTooManyDate: ("seconds", "7")
        case .tokenServerError: ("status", "500")
        case .tokenRedirect: ("status", "307")
        case .tokenOAuthError: ("error", "invalid_grant")
        case .tokenMicrosoftError: ("number, and after a dot the suberror", "700082")
        case .tokenGoogleError: ("error, or invalid_rapt", "invalid_grant")
        case .tokenSlow: ("milliseconds", "60000")
        case .tokenDelayed: ("milliseconds", "500")
        case .tokenTrickle: ("milliseconds", "1000")
        case .tokenType: ("word", "bearer")
        case .tokenScopesFewer: ("scope", "mail")
        case .tokenScopesMore: ("scope", "calendar")
        case .idTokenClockSkew: ("seconds", "-7200")
        case .providerDateSkew: ("seconds", "600")
        case .consentOtherUser: ("user", "lead@sandbox.example")
        case .mailSlow, .mailLoginSlow: ("milliseconds", "60000")
        case .mailCut: ("bytes", "20")
        case .mailTrickle: ("milliseconds", "0")
        case .mailHugeLine: ("bytes", "1048576")
        case .imapHugeLiteral: ("bytes", "2147483647")
        case .mailStartTLSInjectionLater: ("milliseconds", "50")
        case .mailGreeting: ("text", "HTTP/1.1 400 Bad Request")
        case .mailLoginAnswer: ("text", "NO")
        case .mailMechanisms: ("names", "XOAUTH2")
        default: nil
        }
    }
}

extension SandboxFault {
    /// What a client meets, in one line.
    package var summary: String {
        switch self {
        case .tokenConnectionRefused: "nothing listens where the OAuth provider should be"
        case .tokenLost: "the token endpoint closes the connection without doing or saying anything"
        case .tokenUnavailable: "the token endpoint answers 503 with Retry-After: 7"
        case .tokenTooMany: "the token endpoint answers 429 with Retry-After in seconds"
        case .tokenTooManyDate: "the token endpoint answers 429 with Retry-After as a date"
        case .tokenServerError: "the token endpoint answers 500 without a word"
        case .tokenRedirect: "the token endpoint answers 307 and names another host"
        case .tokenHTML: "the token endpoint answers 200 with an HTML page, as a captive portal does"
        case .tokenEmpty: "the token endpoint answers 200 with nothing"
        case .tokenHuge: "the token endpoint answers 200 with two megabytes"
        case .tokenOAuthError: "the token endpoint refuses with an error of RFC 6749"
        case .tokenMicrosoftError: "the token endpoint refuses as Microsoft does, with an AADSTS number"
        case .tokenGoogleError: "the token endpoint refuses as Google does"
        case .tokenSlow: "the token endpoint takes a minute before it begins"
        case .tokenDelayed: "the token endpoint does its work, and answers half a second later"
        case .tokenTrickle: "the token endpoint does its work, and sends its answer byte by byte, one in a second"
        case .tokenDropped: "the token endpoint does its work, and closes the connection without an answer"
        case .tokenExpiresInString: "expires_in is a text"
        case .tokenExpiresInMissing: "expires_in is missing"
        case .tokenExpiresInNegative: "expires_in is -1"
        case .tokenType: "token_type is written otherwise, or is another one"
        case .tokenScopeMissing: "the answer does not say which scopes were granted"
        case .tokenScopesFewer: "one scope is not granted"
        case .tokenScopesMore: "a scope is granted that nobody asked for"
        case .tokenNoRefresh: "no refresh token comes"
        case .tokenNoIDToken: "no ID token comes"
        case .idTokenWrongIssuer: "the ID token names another issuer"
        case .idTokenWrongAudience: "the ID token is for another client"
        case .idTokenWrongNonce: "the ID token has another nonce"
        case .idTokenClockSkew: "the ID token's times are off; two hours back without a value, so that it has expired"
        case .consentOtherUser: "another person consents than the one who was expected"
        case .redirectWrongIssuer: "the redirect names another issuer"
        case .redirectNoIssuer: "the redirect names no issuer"
        case .redirectWrongState: "the redirect has another state"
        case .devicePending: "polls are answered with authorization_pending, whatever the person said"
        case .deviceSlowDown: "polls are answered with slow_down, and the interval grows each time"
        case .deviceDeclined: "polls are answered with authorization_declined, as Microsoft spells it"
        case .deviceExpired: "polls are answered with expired_token"
        case .metadataWrongIssuer: "the metadata names another issuer"
        case .metadataForeignEndpoint: "the metadata names a token endpoint on another host"
        case .metadataMinimal: "the metadata names the endpoints for authorization and tokens, and no other"
        case .providerDateSkew: "the provider's clock, in its Date header, is ten minutes ahead"
        case .providerCertificateExpired: "the provider's certificate expired a month ago"
        case .providerCertificateWrongHost: "the provider's certificate names other.sandbox.example"
        case .providerCertificateUntrusted: "the provider's certificate comes from another authority than ca.pem"
        default: mailSummary
        }
    }

    /// All faults as a Markdown table.
    package static var table: String {
        let rows = allCases.map { fault in
            let value = fault.parameter.map { "\($0.meaning); `\($0.standard)`" } ?? ""
            return "| `\(fault.rawValue)` | \(value) | \(fault.summary) |"
        }
        return (["| Fault | Value, and what it is without one | What a client meets |", "| --- | --- | --- |"] + rows)
            .joined(separator: "\n") + "\n"
    }
}
